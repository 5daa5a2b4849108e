"""Origin: a project of the national list has won a contest of the edition before the deadline."""

from __future__ import annotations

from collections.abc import Iterator

from data.edition import Edition, Rule
from data.problem import Problem
from data.reference.regions import regions
from matcher.ledger import Award, Ledger
from matcher.verdict import Check, at, verdict

_IMPORT = ("核对奖项，或导入其分赛名单", "check the award, or import the list of its contest")


def _is_national(rule: Rule, award: Award) -> bool:
    return award.placed.level == "国" and bool(set(rule.awards) & set(award.placed.names))


def _home_contest(ledger: Ledger, edition: Edition, project_id: str) -> str:
    """Key of the regional contest of the project's place, "" when the place is unknown."""
    row = ledger.project.get(project_id, {})
    cells = [row.get(name) for name in ("country", "province", "city", "district")]
    place = regions().resolve(*cells)
    region = place.contest_region if place else ""
    return next((contest.name for contest in edition.contests if region and contest.region == region), "")


def _judge(ledger: Ledger, edition: Edition, rule: Rule, award: Award, lists: set[str]) -> Problem | None:
    """Verdict on one project of the national list; ``lists`` are the contests of which anything is stored."""
    where = at("awards", award.row, "contest")
    own = [other for other in ledger.awards_of[award.project] if other.placed.edition is edition]
    sources = [other for other in own if other.placed.kind in rule.kinds]
    told = f"{award.project}：“{'、'.join(award.placed.names)}”"
    if sources:
        dates = [other.row["published_at"] for other in sources]
        limit = edition.deadline(rule.date).on
        if any(day is None or day <= limit for day in dates):
            return None
        zh, en = (
            f"{told}的分赛结果公布于 {min(dates)}，晚于推荐截止日 {limit}",
            f"its contest was published after {limit}",
        )
        return verdict("warning", where, "origin.late", rule, zh, en, ("核对决赛日期", "check the date of the final"))
    others = [other for other in own if other.placed.kind not in ("", "总决赛")]
    if others:
        kinds = "、".join(sorted({other.placed.kind for other in others}))
        zh, en = f"{told}只有{kinds}奖项，没有可推荐的分赛", f"it only won at contests that may not recommend ({kinds})"
        return verdict("error", where, "origin.missing", rule, zh, en, _IMPORT)
    home = _home_contest(ledger, edition, award.project)
    if home in lists:
        zh, en = f"{told}不在其所在地赛事名单（{home}）及库中其他分赛名单内", "it stands on no stored list of a contest"
        return verdict("error", where, "origin.missing", rule, zh, en, _IMPORT)
    zh, en = f"{told}的来源分赛未知（其名单未导入）", "the contest it came from is unknown: that list is not stored"
    return verdict("info", where, "origin.unknown", rule, zh, en, _IMPORT)


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        awards = ledger.awards_in.get(edition.id, [])
        for rule in edition.rules_of("origin"):
            lists = {award.placed.contest_key for award in awards if award.placed.kind in rule.kinds}
            national: dict[str, Award] = {}
            for award in awards:
                if _is_national(rule, award):
                    national.setdefault(award.project, award)
            for award in national.values():
                found = _judge(ledger, edition, rule, award, lists)
                if found:
                    yield found


CHECK = Check("origin", "来源", "Origin of the nationally listed", _run)
