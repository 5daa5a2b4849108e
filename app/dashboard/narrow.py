"""What a style sheet cannot do: show a page just chosen from its top, and on a phone uncovered by the sidebar.

An opened match replaces its list on a phone, so it is shown from its top as well. The width of the screen is not known
here: a small script of ours reads it in the browser.
"""

from __future__ import annotations

import streamlit as st

SCRIPT = """
const narrow = 640, known = {};
export default function ({ data }) {
  const before = known[data.what];
  known[data.what] = data.value;
  if (before === undefined || before === data.value) return;
  const small = window.innerWidth <= narrow;
  if (small || data.what === "page") document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
  if (small && data.what === "page") document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
"""


def follow(what: str, value: str) -> None:
    """Tell the browser what is shown now: the ``page``, or what was ``opened`` from a list. It acts on a change."""
    tell = st.components.v2.component("duijie_narrow", js=SCRIPT)
    tell(data={"what": what, "value": value}, key=f"narrow_{what}", height=0)
