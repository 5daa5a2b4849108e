"""Kinds of documents, one file each; see :mod:`data.document`."""
