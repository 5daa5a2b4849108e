"""The CrunchBase export of 2013 as interchange tables on a date, and what happened in the year after."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.problem import DuijieError
from data.tables import TABLES
from data.view import View
from evaluation.metrics import Grades
from features.family import Market

CHANNEL = "financing"
LEAST_DEALS = 5  # earlier deals of an organisation that counts as a candidate
FILES = ("edges.csv", "companies.csv", "investors.csv")

Row = dict[str, Any]


@dataclass(frozen=True)
class Benchmark:
    """Interchange rows as of a date, and what happened in the year after: query -> organisation -> 1."""

    as_of: date
    projects: list[Row]
    institutions: list[Row]
    outcomes: list[Row]
    grades: Grades


def read_benchmark(path: Path, as_of: date) -> Benchmark:
    """Read the export and cut it at ``as_of``.

    Raises
    ------
    DuijieError
        ``benchmark.missing`` when a file is not there; ``benchmark.empty`` when the date leaves nothing to ask.
    """
    missing = [name for name in FILES if not (path / name).is_file()]
    if missing:
        raise DuijieError("benchmark.missing", f"{path} has no {', '.join(missing)}", "see --help for the files")
    edges = _read(path / "edges.csv")
    end = as_of.replace(year=as_of.year + 1).isoformat()  # ISO dates compare as text
    before = [edge for edge in edges if edge["funded_at"] < as_of.isoformat()]
    deals = {(edge["company_permalink"], edge["investor_permalink"], edge["funded_at"]): edge for edge in before}
    made = Counter(investor for _, investor, _ in deals)
    candidates = {investor for investor, count in made.items() if count >= LEAST_DEALS}
    known = {company for company, _, _ in deals}
    after = [e for e in edges if as_of.isoformat() <= e["funded_at"] < end and e["company_permalink"] not in known]
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for edge in after:
        if edge["investor_permalink"] in candidates:
            grades[edge["company_permalink"]][edge["investor_permalink"]] = 1
    if not grades:
        raise DuijieError("benchmark.empty", f"nobody is funded for the first time in the year after {as_of}")
    raises = {e["company_permalink"]: e["funding_round_type"] for e in sorted(after, key=_latest_first)}
    return Benchmark(
        as_of=as_of,
        projects=_projects(_read(path / "companies.csv"), deals, raises, grades, as_of),
        institutions=_institutions(_read(path / "investors.csv"), candidates),
        outcomes=[_outcome(edge) for _, edge in sorted(deals.items())],
        grades=dict(grades),
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
    grades: Grades,
    as_of: date,
) -> list[Row]:
    """Rows of the companies asked about and of those funded before; the latter are not in the market any more."""
    first: dict[str, str] = {}
    for company, _, day in sorted(deals, key=lambda deal: deal[2]):
        first.setdefault(company, day)
    rows = []
    for row in sorted(companies, key=lambda row: row["company_permalink"]):
        key = row["company_permalink"]
        if key not in grades and key not in first:
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
                "funding_round": raises[key] if key in grades else "",
                "listed_at": as_of.isoformat() if key in grades else first[key],
                "consent": CHANNEL if key in grades else "none",
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
