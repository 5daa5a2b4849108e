"""Pages, one a file; each defines ``VIEW``. Adding a page is adding a file and its strings."""
