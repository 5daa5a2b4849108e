"""Write the fictional sample market: seven tables of the interchange, the same bytes for the same seed.

Nothing in it is real: every organisation's name carries （样例） and every identifier starts with ``SAMPLE-``.
What the outcomes were drawn from (topics, true stages, exclusions, fit) is in :mod:`data.sample.history`
and never written to a table.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

from data.sample.entities import AS_OF, Row, SampleInstitution, SampleProject, Stems
from data.sample.history import build_outcomes
from data.sample.institutions import build_institutions
from data.sample.papers import build_awards, build_ip, build_judging, build_needs
from data.sample.pools import load_pools
from data.sample.projects import build_projects
from data.tables import TABLES

__all__ = ["AS_OF", "SampleMarket", "build_market", "write_sample"]


@dataclass(frozen=True)
class SampleMarket:
    """The sample with the truth behind it, for tests and simulations; ``tables`` is what is exported."""

    projects: list[SampleProject]
    institutions: list[SampleInstitution]
    tables: dict[str, list[Row]]


def _stream(seed: int, name: str) -> Random:
    # One stream a part: a change in one part leaves the others as they were.
    return Random(f"duijie-sample-{seed}-{name}")


def build_market(seed: int = 7) -> SampleMarket:
    """Draw the whole market in memory."""
    pools = load_pools()
    stems = Stems(_stream(seed, "stems"))
    institutions = build_institutions(_stream(seed, "institutions"), pools, stems)
    projects = build_projects(_stream(seed, "projects"), pools, stems)
    tables = {
        "projects": [project.row for project in projects],
        "institutions": [institution.row for institution in institutions],
        "outcomes": build_outcomes(_stream(seed, "outcomes"), projects, institutions),
        "awards": build_awards(_stream(seed, "awards"), pools, projects),
        "ip": build_ip(_stream(seed, "ip"), projects, stems),
        "needs": build_needs(_stream(seed, "needs"), pools, institutions),
        "judging": build_judging(_stream(seed, "judging"), projects, institutions),
    }
    return SampleMarket(projects, institutions, tables)


def write_sample(folder: Path, seed: int = 7) -> dict[str, int]:
    """Write the seven CSV files into ``folder`` (made if missing) and return the number of rows of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    market = build_market(seed)
    for name, rows in market.tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, TABLES[name].names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return {name: len(rows) for name, rows in market.tables.items()}
