"""A market as large as the pages must bear: the fictional sample, copied.

``python tests/browser/large_market.py FOLDER`` writes it.

Every project and institution of the sample stands there many times under ids and names of its own, and every match of
a copy is a match of the sample's run with its contributions and sentences; so lengths of texts and numbers of reasons
are those of the sample. It is there for measuring and says nothing about quality.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.system import System
from data.intake import read_paths
from data.runs import Run, save_run
from data.sample.generator import AS_OF, write_sample
from data.store import Store
from data.tables import MATCHES
from matcher.channel import channels
from matcher.run import make_manifest
from matcher.settings import Settings

CHANNEL = "financing"
OTHERS = ("placement", "services")
"""Channels whose pages are measured as well, with fewer institutions and matches."""
RUN_TABLES = ("projects", "institutions", "needs", "awards", "conflicts")
SEED = 7
Copies = tuple[NDArray[np.int64], pa.Array]
"""For each row of a copied table the row it is a copy of, and the number of the copy as text."""


@dataclass(frozen=True)
class Size:
    """How large the market is; ``institutions`` and ``matches`` are those of one channel, ``other_`` ones those of each
    further channel.
    """

    projects: int = 50_000
    institutions: int = 5_000
    matches: int = 1_000_000
    outcomes: int = 120_000
    other_institutions: int = 500
    other_matches: int = 100_000


def write_large_market(folder: Path, size: Size = Size()) -> Run:
    """Write ``market.duckdb``, its run and ``duijie.toml`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "duijie.toml").write_text('encoder = "none"\n', encoding="utf-8")
    settings = Settings(encoder="none")
    tables, others, small = _sample(folder / "sample", settings)
    store, sizes = Store(folder / "market.duckdb"), {CHANNEL: size}
    copied = _copied(tables, size)
    for channel, rows in others.items():
        fewer = replace(size, institutions=size.other_institutions, matches=size.other_matches)
        sizes[channel] = fewer
        more = _copied({"projects": tables["projects"], "institutions": rows}, fewer)["institutions"]
        copied["institutions"] = pa.concat_tables([copied["institutions"], more])
    store.write(copied, [], actor="bench", note={"sample": True})
    view = store.view(AS_OF)
    manifest = make_manifest(view, list(sizes), settings, settings.top, small.manifest["encoder"])
    kept = {name: getattr(view, name) for name in RUN_TABLES}
    for channel, told in sizes.items():
        supply = tables if channel == CHANNEL else tables | {"institutions": others[channel]}
        kept |= _matched(small, supply, told, manifest["run_id"], channel)
    return save_run(store.runs_folder, manifest["run_id"], manifest, kept)


def _sample(folder: Path, settings: Settings) -> tuple[dict[str, pa.Table], dict[str, pa.Table], Run]:
    """Tables of the sample with the institutions of the channel only, those of the further channels, and their run."""
    write_sample(folder / "tables")
    tables = dict(read_paths([folder / "tables"]).tables)
    store = Store(folder / "market.duckdb")
    store.write(tables, [], actor="bench", note={"sample": True})
    view, every = store.view(AS_OF), tables["institutions"]
    supply = {name: channels()[name].supply(view).column("institution_id") for name in (CHANNEL, *OTHERS)}
    for name in ("institutions", "outcomes", "needs"):
        tables[name] = tables[name].filter(pc.is_in(tables[name].column("institution_id"), value_set=supply[CHANNEL]))
    others = {name: every.filter(pc.is_in(every.column("institution_id"), value_set=supply[name])) for name in OTHERS}
    return tables, others, System(store, settings).match([CHANNEL, *OTHERS], as_of=AS_OF)


def _copied(tables: Mapping[str, pa.Table], size: Size) -> dict[str, pa.Table]:
    """Every table in as many copies as make the asked numbers of projects, institutions and outcomes."""
    copies = _counts(tables, size)
    found: dict[str, pa.Table] = {}
    for name, table in tables.items():
        times = copies["institution_id" if name in ("institutions", "needs") else "project_id"]
        if name == "outcomes":
            times = min(times, math.ceil(size.outcomes / table.num_rows))
        at, number = _repeat(table.num_rows, times)
        copied = table.take(pa.array(at))
        for key, most in copies.items():
            if key in table.column_names:
                told = pc.cast(pa.array(np.repeat(np.arange(times) % most, table.num_rows)), pa.string())
                copied = _renamed(copied, key, told)
        if "name" in table.column_names:
            copied = _renamed(copied, "name", number, " ")
        found[name] = copied
    return found


def _counts(tables: Mapping[str, pa.Table], size: Size) -> dict[str, int]:
    return {
        "project_id": math.ceil(size.projects / tables["projects"].num_rows),
        "institution_id": math.ceil(size.institutions / tables["institutions"].num_rows),
    }


def _repeat(rows: int, times: int) -> Copies:
    return np.tile(np.arange(rows), times), pc.cast(pa.array(np.repeat(np.arange(times), rows)), pa.string())


def _renamed(table: pa.Table, column: str, number: pa.Array, between: str = "-") -> pa.Table:
    told = pc.binary_join_element_wise(table.column(column).combine_chunks(), number, between)
    return table.set_column(table.schema.get_field_index(column), table.schema.field(column), told)


def _matched(
    small: Run, tables: Mapping[str, pa.Table], size: Size, run_id: str, channel: str = CHANNEL
) -> dict[str, pa.Table]:
    """Matches of the copies, ranked anew for both sides, with the contributions and sentences they are copied from."""
    told = small.table(f"matches_{channel}")
    projects, start = np.unique(told.column("project_id").to_numpy(), return_index=True)
    count = np.diff([*start, told.num_rows])
    copies = _counts(tables, size)
    each = math.ceil(size.matches / (len(projects) * copies["project_id"]))
    copy = np.repeat(np.arange(copies["project_id"]), len(projects) * each)
    project = np.tile(np.repeat(np.arange(len(projects)), each), copies["project_id"])
    step = np.tile(np.arange(each), copies["project_id"] * len(projects))
    source = start[project] + (copy * 5 + step) % count[project]
    other = (copy * 7 + step // count[project] + project) % copies["institution_id"]
    rows = told.take(pa.array(source))
    rows = _renamed(rows, "project_id", pc.cast(pa.array(copy), pa.string()))
    rows = _renamed(rows, "institution_id", pc.cast(pa.array(other), pa.string()))
    order = pc.sort_indices(
        rows, [("project_id", "ascending"), ("score", "descending"), ("institution_id", "ascending")]
    )
    contributions = small.table(f"contributions_{channel}").take(pa.array(source).take(order))
    evidence = small.table(f"evidence_{channel}").take(pa.array(source))
    return {
        f"matches_{channel}": _ranked(rows.take(order), run_id),
        f"contributions_{channel}": contributions,
        f"evidence_{channel}": _distinct(evidence, {"project": copy, "institution": other}).take(order),
    }


def _distinct(evidence: pa.Table, copies: Mapping[str, NDArray[np.int64]]) -> pa.Table:
    """Sentences with the number of their copy behind them, as no two projects say the same."""
    for name in evidence.column_names:
        number = pc.cast(pa.array(copies[name.rsplit("_", 1)[1]]), pa.string())
        told = pc.binary_join_element_wise(pc.cast(evidence.column(name), pa.string()).combine_chunks(), number, " ")
        evidence = evidence.set_column(evidence.schema.get_field_index(name), name, told.dictionary_encode())
    return evidence


def _ranked(rows: pa.Table, run_id: str) -> pa.Table:
    """Both ranks counted anew over what is recommended; rows stay in their order."""
    frame = rows.select(["project_id", "institution_id", "score"]).to_pandas()
    out = rows.column("status").to_numpy() != "recommended"
    best = frame[~out].sort_values(["score", "project_id", "institution_id"], ascending=[False, True, True])
    for side in ("project", "institution"):
        rank = best.groupby(f"{side}_id").cumcount().add(1).reindex(frame.index, fill_value=0).to_numpy(np.int32)
        name = f"rank_for_{side}"
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(rank, pa.int32(), mask=rank == 0))
    column = pa.array([run_id], pa.string()).take(pa.array(np.zeros(rows.num_rows, np.int64)))
    return rows.set_column(rows.schema.get_field_index("run_id"), "run_id", column).cast(MATCHES)


if __name__ == "__main__":
    began = time.perf_counter()
    written = write_large_market(Path(sys.argv[1]))
    print(f"{written.folder}  {time.perf_counter() - began:.0f} s")
