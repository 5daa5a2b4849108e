"""What is missing in the stored tables, and what each missing field costs: how often a match could not use it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.runs import Run
from data.tables import TABLES

USED_BY: dict[tuple[str, str], tuple[str, ...]] = {
    ("projects", "funding_sought"): ("ticket",),
    ("projects", "funding_round"): ("round",),
    ("projects", "stage"): ("stage",),
    ("projects", "space_m2"): ("space",),
    ("projects", "facilities"): ("facilities",),
    ("projects", "services_wanted"): ("services",),
    ("projects", "sectors"): ("sector",),
    ("projects", "province"): ("nearness",),
    ("projects", "applicant_kind"): ("company",),
    ("institutions", "ticket_min"): ("ticket",),
    ("institutions", "rounds"): ("round",),
    ("institutions", "stages"): ("stage",),
    ("institutions", "capacity_m2"): ("space",),
    ("institutions", "facilities"): ("facilities",),
    ("institutions", "services"): ("services",),
    ("institutions", "sectors"): ("sector",),
    ("institutions", "province"): ("nearness",),
    ("institutions", "roles"): ("role",),
    ("institutions", "verified"): ("verified",),
}
"""Rules and features that read a column. A text may say the same, so an empty cell need not make them unknown."""
COLUMNS = ["table", "column", "missing", "rows", "share", "unknown"]


def missing_fields(tables: Mapping[str, pa.Table], run: Run | None, channel: str) -> pd.DataFrame:
    """One row a column of the stored tables that is empty somewhere, those that cost most first.

    ``missing`` of ``rows`` cells are empty (an empty list is), ``share`` of them; ``unknown`` is the share of the
    run's matches in ``channel`` in which a rule or feature that reads the column had no answer, NaN where none does
    and without a run.
    """
    costs = unknown_shares(run, channel) if run else {}
    rows = []
    for name, table in tables.items():
        for column in TABLES[name].columns:
            empty = _empty(table.column(column.name))
            used = [costs[code] for code in USED_BY.get((name, column.name), ()) if code in costs]
            unknown = max(used, default=float("nan"))
            rows.append((name, column.name, empty, table.num_rows, empty / max(table.num_rows, 1), unknown))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame[frame["missing"] > 0]
    return frame.sort_values(["unknown", "share"], ascending=False, na_position="last", ignore_index=True)


def _empty(column: pa.ChunkedArray) -> int:
    nulls = int(column.null_count)
    if pa.types.is_list(column.type):
        return nulls + int(pc.sum(pc.equal(pc.list_value_length(column), 0)).as_py() or 0)
    return nulls


def unknown_shares(run: Run, channel: str) -> dict[str, float]:
    """Share of a channel's matches in which each rule and feature had no answer; 0 for those always answered."""
    name, told = f"contributions_{channel}", ("unknown_rules", "unknown_features")
    table = run.columns(name, told)
    counts = {one: 0 for one in run.names(name) if not one.startswith("unknown_")}
    for column in table.columns:
        for one in column.value_counts().to_pylist():  # of different ones there are few
            for code in filter(None, str(one["values"] or "").split(";")):
                counts[code] = counts.get(code, 0) + int(one["counts"])
    return {code: min(count / max(table.num_rows, 1), 1.0) for code, count in counts.items()}
