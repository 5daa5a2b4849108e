"""The dashboard: ``main.py`` is the entry, ``views`` the pages, ``parts`` what pages are made of, ``queries`` the data."""
