"""Region: the winners of a regional contest come from its region."""

from __future__ import annotations

from collections.abc import Iterator

from data.problem import Problem
from data.reference.regions import regions
from matcher.ledger import Award, Ledger, Row
from matcher.verdict import Check, at, verdict

_MOVED = ("核对所在地或赛区；项目可能已迁址", "check place and contest; the project may have moved")


def _outside(row: Row, region: str) -> bool:
    """Whether the place of a project is known and lies outside a contest's region."""
    cells = [row[name] for name in ("country", "province", "city", "district")]
    place = regions().resolve(*cells)
    if place is None:
        return bool(row["country"]) and not regions().is_home(row["country"])
    return not regions().covers(region, place)


def _breach(ledger: Ledger, award: Award, kinds: tuple[str, ...]) -> str:
    """Region of the contest of an award whose project is from elsewhere, else ""."""
    contest, row = award.placed.contest, ledger.project.get(award.project)
    if row is None or contest is None or not contest.region or contest.kind not in kinds:
        return ""
    return contest.region if _outside(row, contest.region) else ""


def _run(ledger: Ledger) -> Iterator[Problem]:
    for edition in ledger.catalogue:
        for rule in edition.rules_of("region"):
            for award in ledger.awards_in.get(edition.id, ()):
                region = _breach(ledger, award, rule.kinds)
                if region:
                    row = ledger.project[award.project]
                    own = row["province"] or row["city"] or row["country"]
                    zh = f"{award.project} 所在地“{own}”不在赛区{regions().label(region)}内"
                    en = f"its place does not lie in {regions().label(region, 'en')}"
                    yield verdict("warning", at("awards", award.row, "contest"), "region.outside", rule, zh, en, _MOVED)


CHECK = Check("region", "赛区", "Region of the contest", _run)
