"""What went wrong, in the visitor's words: no store yet, no run yet, not permitted, not logged in any more."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlencode

import streamlit as st

from app.dashboard.access import DENIED
from app.dashboard.plain import escape
from app.dashboard.session import ENDED, accounts_file, store_path
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.visitor import go, language
from data.problem import DuijieError

LOG = logging.getLogger("duijie.dashboard")
LONGEST_LINK = 1500


def tell(error: DuijieError, actor: str, tongue: str) -> None:
    """Draw what is wrong in plain words, and the command that helps."""
    if error.code == DENIED:
        show_denied(error.message, actor, tongue)
    elif error.code == ENDED:
        show_ended(tongue)
    else:
        _trouble(error, tongue)


def tell_script_error(error: Exception) -> bool:
    """Tell what a part of a page ran into. A bug goes into the log under a number that the page shows, and no further:
    its text may hold what the visitor must not see.
    """
    tongue = language()
    if isinstance(error, DuijieError):
        tell(error, "", tongue)
        return True
    number = secrets.token_hex(4)
    LOG.error("%s", number, exc_info=error)
    st.error(say("trouble.bug", tongue, number=number))
    return True


def show_denied(what: str, actor: str, tongue: str) -> None:
    """Draw the page of somebody who may not see what was asked for, and keep the try in the journal.

    It says the same whether what was asked for exists or not.
    """
    if actor:
        asked = urlencode(st.query_params.to_dict())[:LONGEST_LINK]
        told = f"{what} {asked}"
        if st.session_state.get("denied") != told:  # once for a try, not at every redraw
            st.session_state["denied"] = told
            accounts_file().note(actor, DENIED, what=what, address=asked)
    with st.container(border=True, key="denied", width=640):
        st.subheader(say("denied.title", tongue), anchor=False)
        st.text(say("denied.about", tongue))
        if actor:
            st.caption(say("denied.as", tongue, account=escape(actor)))
            leave = dict.fromkeys(("view", "channel", "inst", "project"))
            st.button(say("denied.home", tongue), key="home", on_click=lambda: go(**leave))


def show_ended(tongue: str) -> None:
    """Draw the page of somebody whose session ended, with the way back to what the address names."""
    wanted = urlencode(st.query_params.to_dict())[:LONGEST_LINK]
    link = urlencode({"lang": tongue, "next": wanted})
    with st.container(border=True, key="ended", width=640):
        st.subheader(say("ended.title", tongue), anchor=False)
        st.text(say("ended.about", tongue))
        st.html(f'<a class="duijie-link" href="/login?{link.replace("&", "&amp;")}">{say("ended.link", tongue)}</a>')


def _trouble(error: DuijieError, tongue: str) -> None:
    key = f"trouble.{error.code}"
    words = say(key, tongue) if key in catalogue() else say("trouble", tongue, message=escape(error.message))
    st.error(words)
    store, match = store_path(), f"duijie match --store {store_path()}"
    demo = f"# {say('trouble.or_demo', tongue)}\nduijie demo"
    commands = {
        "store.missing": f"duijie import PATH --store {store}\n{match}\n{demo}",
        "run.missing": match,
        "run.outdated": match,
    }
    command = commands.get(error.code, error.hint)
    if command:
        st.caption(say("trouble.command", tongue))
        st.code(command, language="bash")
