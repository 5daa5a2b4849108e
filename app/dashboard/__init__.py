"""The dashboard. ``main.py`` is the entry, ``views`` the pages, ``parts`` their parts, ``queries`` the data."""
