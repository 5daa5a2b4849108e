"""Checks of the rules of the programmes, one kind a file; each defines ``CHECK``.

A check reads the stored rows (:class:`matcher.ledger.Ledger`) and gives a verdict for each breach, each remark and
each fact that is missing. A rule of a programme names its check; see ``data/reference/programmes``.
"""
