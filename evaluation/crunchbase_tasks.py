"""What is asked of the export: three tasks over the year after a date, their groups and their strata.

- ``cold``  companies never funded before -> the organisations that fund them in the year after;
- ``warm``  companies with earlier deals -> organisations that fund them in that year and never did before;
- ``deals`` organisations -> companies, among all that raise in that year, which they fund for the first time.

Queries are not independent, so intervals and tests draw whole groups (:func:`groups_of`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.metrics import Grades

TASKS = ("cold", "warm", "deals")
LEAST_DEALS = {"cold": 5, "warm": 5, "deals": 0}
"""Earlier deals of an organisation that takes part. ``deals`` asks the cold ones too, so it takes all of them."""

Edge = Mapping[str, str]
Known = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Question:
    """Queries with their relevant items, what of them is known already (never listed), and who is in the market."""

    grades: Grades
    known: Known
    asked: frozenset[str]
    groups: Mapping[str, str]
    strata: Mapping[str, Grades]


def ask(task: str, before: Sequence[Edge], after: Sequence[Edge], candidates: Collection[str]) -> Question:
    """The question of a task. ``before`` and ``after`` are the edges up to the date and in the year after it.

    ``candidates`` are the organisations that may be listed (cold, warm) or asked about (deals).
    """
    dealt: dict[str, set[str]] = defaultdict(set)
    for edge in before:
        dealt[edge["company_permalink"]].add(edge["investor_permalink"])
    raising = frozenset(edge["company_permalink"] for edge in after)
    fresh = [
        edge
        for edge in after
        if edge["investor_permalink"] in candidates
        and edge["investor_permalink"] not in dealt.get(edge["company_permalink"], ())
        and (task == "deals" or (edge["company_permalink"] in dealt) == (task == "warm"))
    ]
    query, item = ("investor", "company") if task == "deals" else ("company", "investor")
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for edge in fresh:
        grades[edge[f"{query}_permalink"]][edge[f"{item}_permalink"]] = 1
    return Question(
        grades=dict(grades),
        known=_known(task, dealt, raising, grades),
        asked=raising if task == "deals" else frozenset(grades),
        groups={key: key for key in grades} if task == "deals" else groups_of(fresh),
        strata=_strata(task, grades, before, fresh),
    )


def _known(task: str, dealt: Mapping[str, set[str]], raising: Collection[str], queries: Collection[str]) -> Known:
    """Earlier counterparts of each query: a follow-on round of the same pair is no match that anybody has to find."""
    if task != "deals":
        return {key: frozenset(dealt.get(key, ())) for key in queries}
    mine: dict[str, set[str]] = {key: set() for key in queries}
    for company in raising:
        for investor in dealt.get(company, ()):
            if investor in mine:
                mine[investor].add(company)
    return {key: frozenset(items) for key, items in mine.items()}


def groups_of(fresh: Sequence[Edge]) -> dict[str, str]:
    """The group of each company: the organisation that funds most of the companies asked about.

    Companies funded by one organisation on one day (the class of an accelerator, a syndicate's batch) stay together:
    such batches are joined first, and a batch belongs to the busiest of all its funders. An organisation scored too
    low is wrong about all its companies at once, which is why it, and not the company, is what is drawn. Joining all
    companies that share any funder is no alternative: two in five would be one group.
    """
    busy = Counter(investor for _, investor in {(e["company_permalink"], e["investor_permalink"]) for e in fresh})
    root: dict[str, str] = {}

    def find(key: str) -> str:
        root.setdefault(key, key)
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    batch: dict[tuple[str, str], str] = {}
    for edge in fresh:
        company = edge["company_permalink"]
        first = batch.setdefault((edge["investor_permalink"], edge["funded_at"]), company)
        low, high = sorted((find(first), find(company)))
        root[high] = low
    lead: dict[str, tuple[int, str]] = {}
    for edge in fresh:
        key, investor = find(edge["company_permalink"]), edge["investor_permalink"]
        lead[key] = max(lead.get(key, (0, "")), (busy[investor], investor))
    return {company: lead[find(company)][1] for company in {edge["company_permalink"] for edge in fresh}}


def _strata(
    task: str, grades: Mapping[str, Mapping[str, int]], before: Sequence[Edge], fresh: Sequence[Edge]
) -> dict[str, Grades]:
    """Parts of the queries, or of what is relevant to them; those that are empty are left out."""
    deals = {(e["company_permalink"], e["investor_permalink"], e["funded_at"]) for e in before}
    made = Counter(investor for _, investor, _ in deals)
    had = Counter(company for company, _, _ in deals)
    items, of = (had, made) if task == "deals" else (made, had)
    noun, query_noun = ("company", "organisation") if task == "deals" else ("organisation", "company")
    found: dict[str, Grades] = {}
    for label, low, high in _ranges(task, query=True):
        found[f"{query_noun}: {label}"] = {key: told for key, told in grades.items() if low <= of[key] <= high}
    for label, low, high in _ranges(task, query=False):
        parts = {key: {item: 1 for item in told if low <= items[item] <= high} for key, told in grades.items()}
        found[f"funded {noun}: {label}"] = {key: part for key, part in parts.items() if part}
    if task != "deals":
        found |= _rounds(grades, fresh)
    return {name: part for name, part in found.items() if part and part != grades}


def _ranges(task: str, *, query: bool) -> list[tuple[str, int, int]]:
    """Numbers of earlier deals that make a stratum: label, least, most."""
    top = 10**9
    if task == "deals" and query:
        return [
            ("no earlier deal (cold)", 0, 0),
            ("1-4 deals (cold)", 1, 4),
            ("5-19 deals", 5, 19),
            ("20+ deals", 20, top),
        ]
    if task == "deals":
        return [("no earlier deal (cold)", 0, 0), ("earlier deals (warm)", 1, top)]
    if query:
        return [("1-2 earlier deals", 1, 2), ("3-5", 3, 5), ("6+", 6, top)]
    return [("5-9 deals", 5, 9), ("10-49 deals", 10, 49), ("50+ deals", 50, top)]


def _rounds(grades: Mapping[str, Mapping[str, int]], fresh: Sequence[Edge]) -> dict[str, Grades]:
    """Queries by the round in which they are funded: angel and seed, series A, anything later."""
    first: dict[str, tuple[str, str]] = {}
    for edge in fresh:
        key, told = edge["company_permalink"], (edge["funded_at"], edge["funding_round_type"])
        first[key] = min(first.get(key, told), told)
    kind = {"angel": "angel or seed", "seed": "angel or seed", "series-a": "series A"}
    names = ("angel or seed", "series A", "later or other")
    return {
        f"round: {name}": {
            key: told for key, told in grades.items() if kind.get(first[key][1], "later or other") == name
        }
        for name in names
    }
