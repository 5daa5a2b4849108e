"""Rights: lapsed ones, by their status or because their longest term is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from data.problem import Problem
from matcher.ledger import Ledger, Row, name_key
from matcher.verdict import Check, at, verdict

LAPSED = (
    "失效",
    "无效",
    "终止",
    "过期",
    "到期",
    "届满",
    "放弃",
    "驳回",
    "撤回",
    "注销",
    "expired",
    "lapsed",
    "invalid",
)
TERMS = {"发明": 20, "实用新型": 10, "外观": 15, "invention": 20, "utility": 10, "design": 15}
"""Longest term in years by kind of patent (专利法第四十二条, from the filing: never later than from the grant)."""
_HINT = ("核实有效状态后再引荐", "check the status before an introduction")


def is_lapsed(right: Row) -> bool:
    """Whether the status says that the right is over. 无效宣告 is a dispute that is still open."""
    status = name_key(right["status"])
    return "宣告" not in status and any(word in status for word in LAPSED)


def term_ends(right: Row) -> date | None:
    """The last day the right can have; None when its kind has no such term or the grant is not dated."""
    kind, granted = name_key(right["kind"]), right["granted_at"]
    years = next((years for word, years in TERMS.items() if word in kind), 0)
    if not years or granted is None or granted.year + years > date.max.year:
        return None
    day = 28 if (granted.month, granted.day) == (2, 29) else granted.day
    return date(granted.year + years, granted.month, day)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for right in ledger.ip:
        end = term_ends(right)
        if is_lapsed(right):
            zh, en = f"状态为“{right['status']}”", "its status says that it is over"
        elif end and end < ledger.as_of:
            zh, en = f"最长保护期至 {end} 已届满，状态却未注明失效", f"its longest term ended on {end}"
        else:
            continue
        project, number = right["project_id"], right["number"] or right["title"] or ""
        for cited in ledger.rules(project, "ip_valid", always=True):
            where = at("ip", right, "status" if is_lapsed(right) else "granted_at")
            told = f"{project} 的知识产权“{number[:40]}”{zh}"
            yield verdict("warning", where, "ip_valid.lapsed", cited, told, f"a right of {project}: {en}", _HINT)


CHECK = Check("ip_valid", "知识产权效力", "Lapsed rights", _run)
