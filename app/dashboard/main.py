"""Entry of the dashboard: who looks, on which page, at which channel's last run. ``duijie serve`` runs it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.dashboard.desk import Desk, open_desk, store_path
from app.dashboard.plain import escape
from app.dashboard.queries import is_sample
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue, say
from app.dashboard.viewing import View, views_of
from app.dashboard.visitor import Visitor, asked, go, language, role
from app.wording import LANGUAGES
from data.problem import DuijieError
from matcher.channel import channels

STYLE = Path(__file__).parent / "style.css"


def main() -> None:
    """Draw one visitor's page."""
    st.set_page_config(page_title="对接 Duijie", page_icon="🤝", layout="wide")
    st.html(STYLE)
    with st.sidebar:
        visitor = _who()
        view = _where(visitor)
    try:
        desk = open_desk(visitor.channel)
        _head(visitor, desk, view)
        view.show(visitor, desk)
    except DuijieError as error:
        _trouble(visitor, error)


def _choice(
    name: str, options: list[str], current: str, label: str, shown: dict[str, str], *, across: bool = False
) -> None:
    """One choice that stands in the address under ``name``: the address leads, the widget follows."""
    key = f"choice_{name}"
    st.session_state[key] = current
    leave = {"role": ("inst", "project", "view"), "channel": ("inst", "project"), "view": ("project",)}.get(name, ())

    def change() -> None:
        go(**{name: st.session_state[key]}, **dict.fromkeys(leave))

    if across:
        st.segmented_control(label, options, key=key, format_func=shown.__getitem__, on_change=change, required=True)
    else:
        st.radio(label, options, key=key, format_func=shown.__getitem__, on_change=change)


def _who() -> Visitor:
    """Language, role and channel, chosen in the sidebar."""
    tongue = language()
    with st.container(key="brand", gap=None):
        st.text(say("brand", tongue))
        st.caption(say("brand.about", tongue))
    _choice("lang", list(LANGUAGES), tongue, "语言 / Language", {"zh": "中文", "en": "English"}, across=True)
    who = role()
    _choice(
        "role", list(ROLES), who.name, say("choose.role", tongue), {name: say(f"role.{name}", tongue) for name in ROLES}
    )
    channel = who.channel
    if who.organizes:
        known = channels()
        channel = asked("channel", known, next(iter(r.channel for r in ROLES.values() if r.channel)))
        names = {one: known[one].label_zh if tongue == "zh" else known[one].label_en for one in known}
        order = [r.channel for r in ROLES.values() if r.channel]
        options = sorted(known, key=lambda one: order.index(one) if one in order else len(order))
        _choice("channel", options, channel, say("choose.channel", tongue), names)
    return Visitor(tongue, who, channel)


def _where(visitor: Visitor) -> View:
    """The page, chosen in the sidebar."""
    views = views_of(visitor)
    current = asked("view", views, next(iter(views)))
    _choice(
        "view", list(views), current, visitor.say("choose.view"), {name: visitor.say(f"view.{name}") for name in views}
    )
    st.caption(visitor.say("no_login"))
    return views[current]


def _head(visitor: Visitor, desk: Desk, view: View) -> None:
    """Title, date of the run, and what a reader must know before reading."""
    channel = channels()[desk.channel]
    st.title(visitor.say(f"view.{view.name}"), anchor=False)
    label = channel.label_zh if visitor.language == "zh" else channel.label_en
    st.caption(visitor.say("head", channel=label, as_of=desk.run.manifest["as_of"]))
    if is_sample(desk):
        with st.container(key="sample", gap=None):
            st.text(visitor.say("sample"))
    if desk.run.manifest["encoder"]["lexical_only"]:
        st.warning(visitor.say("lexical_only"))


def _trouble(visitor: Visitor, error: DuijieError) -> None:
    """What is wrong in plain words, and the command that helps."""
    key = f"trouble.{error.code}"
    words = visitor.say(key) if key in catalogue() else visitor.say("trouble", message=escape(error.message))
    st.error(words)
    demo = visitor.say("trouble.or_demo")
    store, match = store_path(), f"duijie match --store {store_path()}"
    commands = {
        "store.missing": f"duijie import PATH --store {store}\n{match}\n# {demo}\nduijie demo",
        "run.missing": match,
        "run.outdated": match,
    }
    command = commands.get(error.code, error.hint)
    if command:
        st.caption(visitor.say("trouble.command"))
        st.code(command, language="bash")


main()
