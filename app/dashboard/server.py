"""The dashboard as a server: the pages of ``main.py`` behind the gate. ``duijie serve`` runs it."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.starlette import App

from app.dashboard.door.gate import Gate
from app.dashboard.door.pages import login
from app.dashboard.door.provider import callback, start
from app.dashboard.trouble import tell_script_error

app = App(
    Path(__file__).with_name("main.py"),
    routes=[
        Route("/login", login, methods=["GET", "POST"]),
        Route("/oauth2/start", start),
        Route("/oauth2/callback", callback),
    ],
    middleware=[Middleware(Gate)],
    on_script_error=tell_script_error,
)
