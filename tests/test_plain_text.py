"""Text of entrants in files that people open: nothing invisible, one line, not too long."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from app.plain_text import clean, one_line

TURNED = "甲\u202e乙\u2066丙\x00丁\ud800\uffff"


def test_what_xml_forbids_and_what_turns_the_direction_is_taken_out() -> None:
    assert clean(TURNED) == "甲乙丙丁"
    assert clean("行\n\t列 α’") == "行\n\t列 α’"


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.integers(2, 20))
def test_one_line_is_one_line_and_no_longer(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most and line == " ".join(line.split())
    assert not any(unicodedata.category(letter) == "Cs" for letter in line)
    whole = one_line(text, 1000)
    assert line == whole or (len(whole) > most and line.endswith("…") and whole.startswith(line[:-1]))
