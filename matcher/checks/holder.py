"""Holder: a right that is held by somebody else than the applicant has to be cleared before an introduction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.problem import Problem
from matcher.ledger import Cited, Ledger, Row, firm_core, name_key
from matcher.verdict import Check, at, verdict

_SEVERAL = re.compile(r"[;；、,，/|]|\s{2,}")
_PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_ORGANISATION = re.compile(r"公司|集团|大学|学院|学校|研究|中心|医院|厂|局|会|所|社|实验室|银行|机构|团队|工作室")
_CLEAR = ("取得权属或许可证明后再引荐", "ask for proof of ownership or a licence before an introduction")


def holders(right: Row) -> list[str]:
    """Names in the holder cell."""
    return [part for part in (text.strip() for text in _SEVERAL.split(right["holder"] or "")) if name_key(part)]


def is_person(name: str) -> bool:
    """Whether a holder looks like a person: two to four characters that name no organisation."""
    return bool(_PERSON.fullmatch(name)) and not _ORGANISATION.search(name)


def is_applicant(name: str, applicant: str | None) -> bool:
    """Whether a holder is the applicant, in whatever legal form."""
    return bool(firm_core(applicant)) and firm_core(name) == firm_core(applicant)


def _judge(right: Row, names: list[str], project: Row, cited: Cited) -> Problem | None:
    key, where = project["project_id"], at("ip", right, "holder")
    told, number = "、".join(names)[:60], (right["number"] or right["title"] or "")[:40]
    if not name_key(project["applicant"]):
        zh, en = f"{key} 的申报主体未知，权利人“{told}”是否本人无法判断", f"the applicant of {key} is unknown"
        return verdict("info", where, "holder.unknown", cited, zh, en, ("补填申报主体", "fill in applicant"))
    same = [name for name in names if is_applicant(name, project["applicant"])]
    if len(same) == len(names):
        return None
    if same:
        zh, en = f"{key} 的知识产权“{number}”与他人共有：{told}", f"a right of {key} is held jointly"
        return verdict("info", where, "holder.joint", cited, zh, en, _CLEAR)
    if project["group"] == "创客组" and all(map(is_person, names)):
        zh = f"{key} 的知识产权“{number}”属“{told}”，是否团队核心成员未知"
        en = f"a right of {key} is held by a person; whether a core member is unknown"
        return verdict("info", where, "holder.member", cited, zh, en, ("核对团队成员", "check the team"))
    zh, en = (
        f"{key} 的知识产权“{number}”属“{told}”，不是申报主体",
        f"a right of {key} is held by another than the applicant",
    )
    return verdict("warning", where, "holder.other", cited, zh, en, _CLEAR)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for right in ledger.ip:
        names, project = holders(right), ledger.project.get(right["project_id"])
        if not names or project is None:
            continue
        for cited in ledger.rules(project["project_id"], "holder", always=True):
            if not cited.rule.groups or project["group"] in cited.rule.groups:
                found = _judge(right, names, project, cited)
                if found:
                    yield found


CHECK = Check("holder", "权利人", "Holder of rights", _run)
