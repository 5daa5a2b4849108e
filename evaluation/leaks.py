"""Leak guards: whatever happens after the date must not move a score.

:func:`later` makes a copy of an export in which the future is another one: further deals and companies after the date,
other values in every column that a snapshot fills (counts, totals, statuses). :func:`leaks` scores the same pairs on
both and names the companies whose scores differ. A count that was taken from the whole file, and not from what
precedes the date, is caught this way whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from evaluation.crunchbase_tables import Benchmark, Export, cut
from evaluation.past import Scores

STATIC = {
    "company_permalink", "company_name", "company_category_code", "company_state_code", "company_region",
    "company_city", "investor_permalink", "investor_name", "investor_category_code", "investor_country_code",
    "investor_state_code", "investor_region",
}  # fmt: skip
"""Columns that are read as if they had always been so; the rest is as of the snapshot and must not be read."""

Scorer = Callable[[Export, Benchmark], Scores]


def later(export: Export, as_of: date, seed: int = 0) -> Export:
    """The export with another future. Queries, and the round each of them raises first, stay what they are.

    Deals are added after the year that is asked about, so that who is asked and what is relevant does not change.
    """
    rng = np.random.default_rng(seed)
    companies = sorted({row["company_permalink"] for row in export.companies})
    investors = sorted({row["investor_permalink"] for row in export.investors})
    begin = as_of.replace(year=as_of.year + 1)
    new = [f"/company/later-{number}" for number in range(5)]
    ends = [
        {
            "company_permalink": str(rng.choice(companies + new)),
            "investor_permalink": investors[min(int(rng.exponential(len(investors) / 4)), len(investors) - 1)],
            "funding_round_type": str(rng.choice(["angel", "series-a", "series-b"])),
            "funded_at": (begin + timedelta(days=int(rng.integers(0, 500)))).isoformat(),
            "raised_amount_usd": "1",
        }
        for _ in range(max(50, len(export.edges) // 4))
    ]
    before = [edge for edge in export.edges if edge["funded_at"] < begin.isoformat()]
    rows = [{**_other(row), "company_permalink": row["company_permalink"]} for row in export.companies]
    rows += [{**rows[0], "company_permalink": key, "company_name": key} for key in new]
    return Export([*before, *ends], rows, [_other(row) for row in export.investors])


def _other(row: dict[str, str]) -> dict[str, str]:
    """A row whose snapshot columns say something else."""
    return {key: value if key in STATIC else f"{value}9" for key, value in row.items()}


def leaks(score: Scorer, export: Export, as_of: date, task: str = "cold") -> list[str]:
    """Companies asked about whose scores (rows of ``score``, as the benchmark orders them) differ with the future."""
    found = cut(export, as_of, task)
    other = later(export, as_of)
    moved = cut(other, as_of, task)
    if found != moved:
        return sorted(found.grades)
    differs = np.any(score(export, found) != score(other, moved), axis=1)
    asked = [row["project_id"] for row in found.projects if row["consent"] != "none"]
    return [key for key, told in zip(asked, differs, strict=True) if told]
