"""Maker group: an enterprise's project may not stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Ledger, Row
from matcher.verdict import Check, at, verdict

_COMPANY = re.compile(r"(公司|集团|\bco\.?,? ?ltd\.?|\binc\.?|\bllc|\bgmbh)\s*$", re.IGNORECASE)
_HINT = ("改为企业组，或核对申报主体", "move it to the enterprise group, or check the applicant")


def _found(row: Row) -> tuple[str, str, str] | None:
    """Column, what it shows in Chinese and in English; None when the applicant is no enterprise as far as is known."""
    if row["applicant_kind"] == "enterprise":
        return "applicant_kind", "申报主体为企业", "the applicant is an enterprise"
    if row["applicant"] and _COMPANY.search(row["applicant"]):
        return "applicant", "申报主体名称为公司", "the applicant bears the name of a company"
    return None


def _run(ledger: Ledger) -> Iterator[Problem]:
    for row in ledger.projects:
        found = _found(row)
        if found is None:
            continue
        column, zh, en = found
        for cited in ledger.rules(row["project_id"], "maker"):
            if row["group"] in cited.rule.groups:
                text = f"{row['project_id']} 在{row['group']}，{zh}"
                where = at("projects", row, column)
                yield verdict("error", where, "maker.enterprise", cited, text, f"maker group, but {en}", _HINT)


CHECK = Check("maker", "创客组", "Maker group", _run)
