"""The dashboard as a server: the pages of ``main.py`` behind the gate. ``duijie serve`` runs it."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.starlette import App

from app.dashboard.door.gate import Gate
from app.dashboard.door.pages import login
from app.dashboard.door.provider import callback, start
from app.dashboard.memory import keep_little
from app.dashboard.trouble import tell_script_error
from app.dashboard.viewing import all_views


def _prepare() -> None:
    """Import the pages before somebody waits for them, and spare every later collection what stays for good.

    Streamlit collects garbage after each click, which takes the longer the more there is to look at.
    """
    all_views()
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _started(_server: App) -> AsyncIterator[None]:
    threading.Thread(target=_prepare, name="prepare", daemon=True).start()
    yield


keep_little()
app = App(
    Path(__file__).with_name("main.py"),
    lifespan=_started,
    routes=[
        Route("/login", login, methods=["GET", "POST"]),
        Route("/oauth2/start", start),
        Route("/oauth2/callback", callback),
    ],
    middleware=[Middleware(Gate)],
    on_script_error=tell_script_error,
)
