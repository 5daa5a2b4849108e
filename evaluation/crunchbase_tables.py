"""The CrunchBase export of 2013 as interchange tables on a date, and what happened in the year after."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.problem import DuijieError
from data.tables import TABLES
from data.view import View
from evaluation.crunchbase_tasks import LEAST_DEALS, Known, ask
from evaluation.metrics import Grades
from features.family import Market

CHANNEL = "financing"
FILES = ("edges.csv", "companies.csv", "investors.csv")

Row = dict[str, Any]


@dataclass(frozen=True)
class Export:
    """The three files as they are read."""

    edges: Sequence[dict[str, str]]
    companies: Sequence[dict[str, str]]
    investors: Sequence[dict[str, str]]


@dataclass(frozen=True)
class Benchmark:
    """Interchange rows as of a date, and what happened in the year after: query -> item -> 1.

    Queries are projects and items institutions, but for the task ``deals``, which asks the other way round. ``known``
    are the query's earlier counterparts, which are never listed; ``groups`` names the group of each query;
    ``strata`` are parts of ``grades`` by name.
    """

    as_of: date
    projects: list[Row]
    institutions: list[Row]
    outcomes: list[Row]
    grades: Grades
    task: str = "cold"
    known: Known = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    strata: Mapping[str, Grades] = field(default_factory=dict)


def read_export(path: Path) -> Export:
    """Read the three files.

    Raises
    ------
    DuijieError
        ``benchmark.missing`` when a file is not there.
    """
    missing = [name for name in FILES if not (path / name).is_file()]
    if missing:
        raise DuijieError("benchmark.missing", f"{path} has no {', '.join(missing)}", "see --help for the files")
    return Export(*(_read(path / name) for name in FILES))


def read_benchmark(path: Path, as_of: date, task: str = "cold") -> Benchmark:
    """Read the export and cut it at ``as_of``; errors are those of :func:`read_export` and :func:`cut`."""
    return cut(read_export(path), as_of, task)


def cut(export: Export, as_of: date, task: str = "cold") -> Benchmark:
    """The export as of a date.

    Raises
    ------
    DuijieError
        ``benchmark.empty`` when the date leaves nothing to ask.
    """
    end = as_of.replace(year=as_of.year + 1).isoformat()  # ISO dates compare as text
    before = [edge for edge in export.edges if edge["funded_at"] < as_of.isoformat()]
    after = [edge for edge in export.edges if as_of.isoformat() <= edge["funded_at"] < end]
    deals = {(edge["company_permalink"], edge["investor_permalink"], edge["funded_at"]): edge for edge in before}
    made = Counter(investor for _, investor, _ in deals)
    everyone = (row["investor_permalink"] for row in export.investors)
    candidates = {investor for investor in everyone if made[investor] >= LEAST_DEALS[task]}
    question = ask(task, before, after, candidates)
    if not question.grades:
        told = "nobody is funded" + (" for the first time" if task == "cold" else "")
        raise DuijieError("benchmark.empty", f"{told} in the year after {as_of}")
    raises = {e["company_permalink"]: e["funding_round_type"] for e in sorted(after, key=_latest_first)}
    return Benchmark(
        as_of=as_of,
        projects=_projects(export.companies, deals, raises, question.asked, as_of),
        institutions=_institutions(export.investors, candidates),
        outcomes=[_outcome(edge) for _, edge in sorted(deals.items())],
        grades=question.grades,
        task=task,
        known=question.known,
        groups=question.groups,
        strata=question.strata,
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _latest_first(edge: dict[str, str]) -> tuple[int, int]:
    """Sort key that leaves a company's first round as the last one seen; rounds of one day in order of name."""
    return -date.fromisoformat(edge["funded_at"]).toordinal(), -ord(edge["funding_round_type"][0])


def _projects(
    companies: Sequence[dict[str, str]],
    deals: dict[tuple[str, str, str], dict[str, str]],
    raises: dict[str, str],
    asked: Collection[str],
    as_of: date,
) -> list[Row]:
    """Rows of the companies asked about and of those funded before; of the latter only those asked about take part."""
    first: dict[str, str] = {}
    for company, _, day in sorted(deals, key=lambda deal: deal[2]):
        first.setdefault(company, day)
    rows = []
    for row in sorted(companies, key=lambda row: row["company_permalink"]):
        key = row["company_permalink"]
        if key not in asked and key not in first:
            continue
        rows.append(
            {
                "project_id": key,
                "name": row["company_name"] or key,
                "country": "USA",
                "province": row["company_state_code"],
                "city": _metro(row["company_region"]),
                "district": row["company_city"],
                "sectors": row["company_category_code"],
                "funding_round": raises[key] if key in asked else "",
                "listed_at": first.get(key, as_of.isoformat()),
                "consent": CHANNEL if key in asked else "none",
            }
        )
    return rows


def _institutions(investors: Sequence[dict[str, str]], candidates: set[str]) -> list[Row]:
    return [
        {
            "institution_id": investor["investor_permalink"],
            "name": investor["investor_name"] or investor["investor_permalink"],
            "kind": "venture_capital",
            "country": investor["investor_country_code"],
            "province": investor["investor_state_code"],
            "city": _metro(investor["investor_region"]),
        }
        for investor in sorted(investors, key=lambda row: row["investor_permalink"])
        if investor["investor_permalink"] in candidates
    ]


def _metro(region: str) -> str:
    """The metropolitan region; '' for the export's catch-alls."""
    return "" if region == "unknown" or region.endswith("- Other") else region


def _outcome(edge: dict[str, str]) -> Row:
    return {
        "project_id": edge["company_permalink"],
        "institution_id": edge["investor_permalink"],
        "channel": CHANNEL,
        "event": "delivered",
        "at": edge["funded_at"],
        "round": edge["funding_round_type"],
        "source": "CrunchBase",
    }


def write_tables(benchmark: Benchmark, folder: Path) -> None:
    """Write projects.csv, institutions.csv and outcomes.csv of the interchange."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("projects", "institutions", "outcomes"):
        rows: list[Row] = getattr(benchmark, name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def market_of(benchmark: Benchmark) -> Market:
    """The same rows as a market in memory, for the baselines."""
    lists = ("sectors", "consent")
    tables = {}
    for name in TABLES:
        rows = [
            {key: [value] if key in lists else _date(key, value) for key, value in row.items() if value != ""}
            for row in getattr(benchmark, name, [])
        ]
        tables[name] = pa.Table.from_pylist(rows, schema=TABLES[name].schema)
    tables.pop("ip")
    return Market(View(benchmark.as_of, **tables), CHANNEL, (), (), None, {})


def _date(key: str, value: str) -> str | date:
    return date.fromisoformat(value) if key in ("at", "listed_at") else value
