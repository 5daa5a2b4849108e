"""Quotas: 10 + 6 recommended a contest, 300 + 200, 30 + 20, the prizes of the final, at most 60 results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from data.edition import Edition, Quota
from data.problem import Problem
from matcher.ledger import Award, Ledger
from matcher.verdict import Check, at, verdict

_MORE = ("核对名单与组别 / 减去重复", "check the list and the groups, merge duplicates")


def _units(ledger: Ledger, edition: Edition, quota: Quota) -> dict[str, dict[str, Award]]:
    """The first award of each project that a quota counts, by contest or for the whole edition."""
    found: dict[str, dict[str, Award]] = defaultdict(dict)
    for award in ledger.awards_in.get(edition.id, ()):
        placed = award.placed
        if quota.kinds and placed.kind not in quota.kinds:
            continue
        if quota.awards and not set(quota.awards) & set(placed.names):
            continue
        unit = placed.contest_key if quota.per == "contest" else edition.title
        found[unit].setdefault(award.project, award)
    return found


def _recommended(ledger: Ledger, edition: Edition, quota: Quota, unit: str, projects: dict[str, Award]) -> int:
    """How many were certainly recommended by this contest: on a national list, and in no other contest of the kinds."""
    count = 0
    for project in projects:
        own = [award for award in ledger.awards_of[project] if award.placed.edition is edition]
        listed = any(set(quota.recommended) & set(award.placed.names) for award in own)
        contests = {award.placed.contest_key for award in own if award.placed.kind in quota.kinds}
        count += listed and contests == {unit}
    return count


def _judge(ledger: Ledger, edition: Edition, quota: Quota, unit: str, projects: dict[str, Award]) -> Problem | None:
    groups = {project: ledger.group(project) for project in projects}
    counted = {key: award for key, award in projects.items() if not quota.group or groups[key] == quota.group}
    unknown = sum(group is None for group in groups.values()) if quota.group else 0
    rule = edition.rule(quota.rule)
    group, most, number = quota.group or "各组合计", quota.at_most, len(counted)
    name = f"{unit} {group} {'、'.join(quota.awards)}".strip()
    if number > most:
        surplus = at("awards", list(counted.values())[most].row, "award")
        if not quota.recommended:
            zh, en = f"{name} {number} 项，多于 {most} 项", f"{number} projects, more than {most}"
            return verdict("error", surplus, "quotas.over", rule, zh, en, _MORE)
        sent = _recommended(ledger, edition, quota, unit, counted)
        if sent > most:
            zh, en = f"{name}推荐 {sent} 项，多于 {most} 项", f"{sent} projects recommended, more than {most}"
            return verdict("error", surplus, "quotas.over", rule, zh, en, _MORE)
        zh = f"{name}获奖 {number} 项，可推荐 {most} 项；推荐了哪些未知"
        en = f"{number} winners for {most} places; which were recommended is not known"
        return verdict("warning", surplus, "quotas.winners", rule, zh, en, _MORE)
    if number + unknown > most:
        zh = f"{name} {number} 项，另有 {unknown} 项组别未知，是否超过 {most} 项无法判断"
        en = f"{number} projects and {unknown} of unknown group: whether more than {most} is unknown"
        return verdict(
            "info", at("awards", None, "award"), "quotas.unknown", rule, zh, en, ("补填组别", "fill in group")
        )
    return None


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for quota in edition.quotas:
            for unit, projects in _units(ledger, edition, quota).items():
                found = _judge(ledger, edition, quota, unit, projects)
                if found:
                    yield found


CHECK = Check("quotas", "名额", "Quotas", _run)
