"""Tell the browser in which language a page is, for screen readers and hyphenation, also after the language changed.

The gate writes it into the first answer; a change of language draws no new page, so a small script of ours does it.
"""

from __future__ import annotations

import streamlit as st

from app.dashboard.door.gate import HTML_LANG

SCRIPT = """
export default function ({ data }) {
  document.documentElement.lang = data.lang;
}
"""


def declare_language(language: str) -> None:
    """Set the language of the document."""
    declare = st.components.v2.component("duijie_language", js=SCRIPT)
    declare(data={"lang": HTML_LANG[language]}, key="language", height=0)
