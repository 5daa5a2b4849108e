"""Texts longer than a form allows, in characters without spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict


def _run(ledger: Ledger) -> Iterator[Problem]:
    for row in ledger.projects:
        for edition in ledger.editions_of(row["project_id"]):
            for limit in edition.limits:
                length = len(re.sub(r"\s", "", row[limit.column] or ""))
                if length > limit.at_most:
                    zh = f"{row['project_id']} 的 {limit.column} 有 {length} 字，多于 {limit.at_most} 字"
                    en = f"{limit.column} has {length} characters, more than {limit.at_most}"
                    where, rule = at("projects", row, limit.column), edition.rule(limit.rule)
                    yield verdict("warning", where, "lengths.over", rule, zh, en, ("缩短文字", "shorten the text"))


CHECK = Check("lengths", "字数", "Length of texts", _run)
