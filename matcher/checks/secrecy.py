"""Secrecy: a technology on a public list is one that may be shown in public."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("secrecy"):
            for award in ledger.awards_in.get(edition.id, ()):
                row = ledger.project.get(award.project)
                if row is None or not set(rule.awards) & set(award.placed.names):
                    continue
                if row["confidentiality"] in ("closed", "teaser"):
                    zh = f"{award.project} 已入榜，保密级别却为 {row['confidentiality']}"
                    en = f"on a public list, but its confidentiality is {row['confidentiality']}"
                    yield verdict("warning", at("projects", row, "confidentiality"), "secrecy.closed", rule, zh, en)


CHECK = Check("secrecy", "保密", "Secrecy", _run)
