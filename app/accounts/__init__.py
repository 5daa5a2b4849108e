"""Accounts of the dashboard: who may log in, with which rights; sessions; who came in and who was refused.

They stand in ``FILE.accounts`` beside the store, a small SQLite file that only its owner can read. It is apart from the
store because a refused password must neither wait for an import nor make the pages learn everything anew.
"""
