"""Feature families, one a file; each defines ``FAMILY``."""
