"""Disqualification: who has to be told, and which awards still stand."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger
from matcher.verdict import Check, at, verdict

_TOLD = 10
"""So many institutions are named in a hint."""


def _run(ledger: Ledger) -> Iterator[Problem]:
    for row in ledger.projects:
        if row["state"] != "disqualified":
            continue
        key = row["project_id"]
        standing = sum(award.row["status"] == "已公布" for award in ledger.awards_of.get(key, ()))
        met = list(dict.fromkeys(outcome["institution_id"] for outcome in ledger.outcomes_of.get(key, ())))
        names = "、".join(met[:_TOLD]) + ("…" if len(met) > _TOLD else "")
        hint = (f"告知已对接机构：{names}", f"tell those it was introduced to: {names}") if met else ("", "")
        zh = f"{key} 已取消资格，已从名单与搜索中移出；仍有 {standing} 项奖项标为已公布"
        en = f"{key} is disqualified and held back; {standing} of its awards still stand as published"
        for cited in ledger.rules(key, "disqualification", always=True)[:1]:
            where = at("projects", row, "state")
            yield verdict("error", where, "disqualification.state", cited, zh, en, hint)


CHECK = Check("disqualification", "取消资格", "Disqualification", _run)
