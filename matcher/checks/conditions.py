"""Conditions of the enterprise group: each is known, unknown or failed. Unknown is told, never taken for either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.problem import Problem
from data.reference.regions import regions
from matcher.ledger import Cited, Ledger, Row, firm_core, name_key
from matcher.verdict import Check, at, verdict

KNOWN, UNKNOWN, FAILED = "known", "unknown", "failed"
_DISPUTE = ("纠纷", "争议", "诉讼", "宣告", "dispute")
_OVER = ("失效", "无效", "终止", "过期", "到期", "届满", "放弃", "驳回", "审中", "申请", "pending", "lapsed", "expired")
_GREATER = ("710000", "810000", "820000")
Answer = tuple[str, str, str]
"""Label, state, and the column it was read from."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """What the conditions read: a project, its rights, and whether it came through an overseas contest."""

    row: Row
    rights: list[Row]
    overseas: bool


def registered(entrant: Entrant) -> Iterator[Answer]:
    """Registered in China, and a small or medium enterprise. No column tells the size, so that part stays unknown.

    Overseas contests set their own conditions, and their projects seek to land: abroad is no failure there.
    """
    row = entrant.row
    place = regions().resolve(*(row[name] for name in ("country", "province", "city", "district")))
    if not regions().is_home(row["country"]) and (place is None or place.province_code not in _GREATER):
        yield "境内注册", UNKNOWN if entrant.overseas else FAILED, "country"
    elif place is None or place.province_code in _GREATER:  # 境内 may leave out 港澳台; the notice does not say
        yield "境内注册", UNKNOWN, "country"
    else:
        yield "境内注册", KNOWN, "country"
    other = row["applicant_kind"] in ("maker_team", "institute", "university")
    yield "中小微企业", FAILED if other else UNKNOWN, "applicant_kind"


def market(entrant: Entrant) -> Iterator[Answer]:
    """On the market: a stage before the pilot is not, a pilot may be."""
    stage = entrant.row["stage"]
    state = KNOWN if stage in ("market", "growth") else FAILED if stage in ("lab", "prototype") else UNKNOWN
    yield "已进入市场", state, "stage"


def ip(entrant: Entrant) -> Iterator[Answer]:
    """Own rights, free of dispute: a valid right held by the applicant is known, a disputed one fails."""
    statuses = [name_key(right["status"]) for right in entrant.rights]
    if any(word in status for status in statuses for word in _DISPUTE):
        yield "自主知识产权", FAILED, "applicant"
        return
    own = firm_core(entrant.row["applicant"])
    valid = [
        right
        for right, status in zip(entrant.rights, statuses, strict=True)
        if status and not any(word in status for word in _OVER) and own and own in firm_core(right["holder"])
    ]
    yield "自主知识产权", KNOWN if valid else UNKNOWN, "applicant"


def record(entrant: Entrant) -> Iterator[Answer]:
    """No bad record: nothing that is stored tells it, and no entry is not the same as a clean one."""
    yield "无不良记录", UNKNOWN, "applicant"


CONDITIONS: dict[str, Callable[[Entrant], Iterator[Answer]]] = {
    "registered": registered,
    "market": market,
    "ip": ip,
    "record": record,
}
"""Conditions by the name that the rules of the editions use."""
_EN = {
    "境内注册": "registered in China",
    "中小微企业": "small or medium enterprise",
    "已进入市场": "on the market",
    "自主知识产权": "own rights",
    "无不良记录": "no bad record",
}
_STATE_ZH = {KNOWN: "已知符合", UNKNOWN: "未知", FAILED: "不符合"}


def answers(ledger: Ledger, row: Row, cited: Cited) -> list[Answer]:
    """The answers on one condition for a project; unknown for a condition that no code reads."""
    read = CONDITIONS.get(cited.rule.condition)
    key = row["project_id"]
    overseas = any(award.placed.kind == "境外区域赛" for award in ledger.awards_of.get(key, ()))
    entrant = Entrant(row, ledger.ip_of.get(key, []), overseas)
    return list(read(entrant)) if read else [(cited.rule.condition, UNKNOWN, "group")]


def _failed(row: Row, label: str, column: str, cited: Cited) -> Problem:
    told = row[column]
    zh = f"{row['project_id']} 在{row['group']}，不符合“{label}”" + (f"（{column}：{told}）" if told else "")
    en = f"enterprise group, but failed: {_EN.get(label, label)}"
    hint = ("核对后再引荐", "check before any introduction")
    return verdict("error", at("projects", row, column), f"conditions.{cited.rule.condition}", cited, zh, en, hint)


def _project(ledger: Ledger, row: Row) -> Iterator[Problem]:
    found: dict[str, str] = {}
    first: Cited | None = None
    for cited in ledger.rules(row["project_id"], "conditions"):
        if row["group"] not in cited.rule.groups:
            continue
        for label, state, column in answers(ledger, row, cited):
            found[label] = state
            if state == UNKNOWN:
                first = first or cited
            elif state == FAILED:
                yield _failed(row, label, column, cited)
    if first is not None:
        told = "；".join(f"{label}{_STATE_ZH[state]}" for label, state in found.items())
        en = "; ".join(f"{_EN.get(label, label)}: {state}" for label, state in found.items())
        zh, hint = f"{row['project_id']} 的企业组条件：{told}", ("请申报主体补充证明", "ask the applicant for proof")
        yield verdict("info", at("projects", row, "group"), "conditions.unknown", first, zh, en, hint)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for row in ledger.projects:
        if row["state"] not in ("withdrawn", "disqualified"):
            yield from _project(ledger, row)


CHECK = Check("conditions", "企业组条件", "Conditions of the enterprise group", _run)
