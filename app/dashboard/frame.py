"""The frame of every page: who looks, on which page, at which channel's last run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.accounts.sessions import log_out
from app.dashboard.access import Access, denied, open_access
from app.dashboard.declaring import declare_language
from app.dashboard.desk import UNMATCHED, Desk, bare_desk, open_desk
from app.dashboard.narrow import follow
from app.dashboard.page_groups import in_groups
from app.dashboard.parts.beginning import show_beginning
from app.dashboard.roles import DEMONSTRATED, ROLES
from app.dashboard.sample_queries import is_sample
from app.dashboard.session import accounts_file, must_log_in, signed_in, token
from app.dashboard.shown_strings import say
from app.dashboard.store_queries import stored_rows
from app.dashboard.trouble import show_ended, tell
from app.dashboard.viewing import View, all_views, views_of
from app.dashboard.visitor import Visitor, asked, demonstrated_role, go, language
from app.wording import LANGUAGES
from data.problem import DuijieError
from data.reference.regions import regions
from matcher.channel import channels

STYLE = Path(__file__).parent / "style.css"
MANY = 12
"""Pages up to which one list of them is clear."""
# What leaves the address when a choice changes: it belonged to the one before.
LEAVES = {"role": ("inst", "project", "view"), "channel": ("inst", "project"), "view": ("project",)}


def draw() -> None:
    """Draw one visitor's page."""
    st.set_page_config(page_title="对接 Duijie", page_icon="🤝", layout="wide")
    st.html(STYLE)
    tongue = language()
    declare_language(tongue)
    with st.sidebar:
        _brand(tongue)
    try:
        login = must_log_in()
        access = signed_in() if login else open_access(demonstrated_role())
    except DuijieError as error:
        tell(error, "", tongue)
        return
    if access is None:
        show_ended(tongue)
        return
    actor = access.account
    try:
        with st.sidebar:
            visitor = _who(tongue, access)
            view = _where(visitor)
        _check_address(visitor)
        follow("page", view.name)
        desk, lack = _desk(visitor)
        _head(visitor, desk, view)
        if lack and (view.needs_run or (view.needs_projects and not stored_rows(desk)["projects"])):
            show_beginning(visitor, desk, lack)
        else:
            view.show(visitor, desk)
    except DuijieError as error:
        tell(error, actor, tongue)


def _desk(visitor: Visitor) -> tuple[Desk, str]:
    """The visitor's desk; where there is no run yet one without, and the code of what lacks."""
    try:
        return open_desk(visitor.channel, visitor.rights), ""
    except DuijieError as error:
        if error.code not in UNMATCHED:
            raise
        return bare_desk(visitor.channel, visitor.rights), error.code


def _choice(
    name: str,
    options: Sequence[str],
    current: str | None,
    label: str,
    shown: dict[str, str],
    *,
    across: bool = False,
    part: str = "",
) -> None:
    """One choice that stands in the address under ``name``: the address leads, the widget follows.

    ``part`` names one of several lists that make up the choice; ``current`` is None where it stands in another.
    """
    key = f"choice_{name}{part}"
    st.session_state[key] = current

    def change() -> None:
        if st.session_state[key] is not None:
            go(**{name: st.session_state[key]}, **dict.fromkeys(LEAVES.get(name, ())))

    if across:
        st.segmented_control(label, options, key=key, format_func=shown.__getitem__, on_change=change, required=True)
    else:
        st.radio(label, options, key=key, format_func=shown.__getitem__, on_change=change)


def _brand(tongue: str) -> None:
    """Name of the house and choice of the language."""
    with st.container(key="brand", gap=None):
        st.text(say("brand", tongue))
        st.caption(say("brand.about", tongue))
    _choice("lang", list(LANGUAGES), tongue, "语言 / Language", {"zh": "中文", "en": "English"}, across=True)


def _who(tongue: str, access: Access) -> Visitor:
    """Role, chosen in the open demonstration and given by the account else, and channel."""
    if access.account:
        _account(tongue, access)
    else:
        names = {name: say(f"role.{name}", tongue) for name in DEMONSTRATED}
        _choice("role", DEMONSTRATED, access.role.name, say("choose.role", tongue), names)
    channel = access.role.channel
    if not channel:
        known = channels()
        order = [ROLES[name].channel for name in DEMONSTRATED if ROLES[name].channel]
        channel = asked("channel", known, order[0])
        names = {one: known[one].label(tongue) for one in known}
        options = sorted(known, key=lambda one: order.index(one) if one in order else len(order))
        _choice("channel", options, channel, say("choose.channel", tongue), names)
    return Visitor(tongue, access.role, channel, access)


def _account(tongue: str, access: Access) -> None:
    """Who is logged in, as what, within which region; and the way out."""
    with st.container(key="account", gap=None):
        st.text(access.account)
        region = regions().label(access.region, tongue) if access.region else ""
        st.caption(" · ".join(part for part in (say(f"role.{access.role.name}", tongue), region) if part))
    if st.button(say("account.leave", tongue), key="leave"):
        log_out(accounts_file(), token())
        st.rerun()


def _where(visitor: Visitor) -> View:
    """The page, chosen in the sidebar; many pages stand there in groups."""
    views = views_of(visitor)
    current = asked("view", views, next(iter(views)))
    names = {name: visitor.say(f"view.{name}") for name in views}
    if len(views) <= MANY:
        _choice("view", list(views), current, visitor.say("choose.view"), names)
    else:
        for group, mine in in_groups(views).items():
            held = current if current in mine else None
            _choice("view", mine, held, visitor.say(f"choose.view_{group}"), names, part=f"_{group}")
    if not visitor.rights.account:
        st.caption(visitor.say("no_login"))
    return views[current]


def _check_address(visitor: Visitor) -> None:
    """Refuse an account's address that names what is not the account's; in the demonstration it is as if absent.

    Raises
    ------
    DuijieError
        ``access.denied``.
    """
    access = visitor.rights
    if not access.account:
        return
    view = str(st.query_params.get("view", ""))
    if view in all_views() and view not in views_of(visitor):
        raise denied(f"view {view}")
    if "channel" in st.query_params:
        access.require_channel(str(st.query_params["channel"]))
    if access.institutions is not None and "inst" in st.query_params:
        access.require_institution(str(st.query_params["inst"]))


def _head(visitor: Visitor, desk: Desk, view: View) -> None:
    """Title, date of the run, and what a reader must know before reading."""
    channel = channels()[desk.channel]
    st.title(visitor.say(f"view.{view.name}"), anchor=False)
    label = channel.label(visitor.language)
    run = desk.last
    st.caption(visitor.say("head", channel=label, as_of=run.manifest["as_of"]) if run else label)
    if is_sample(desk):
        with st.container(key="sample", gap=None):
            st.text(visitor.say("sample"))
    if run and run.manifest["encoder"]["lexical_only"]:
        st.warning(visitor.say("lexical_only"))
