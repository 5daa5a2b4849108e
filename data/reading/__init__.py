"""Readers of files: one module a format, each defines ``READER`` (see :class:`data.raw.Reader`)."""
