"""The commands of ``duijie``, one a file; each defines ``COMMAND``."""
