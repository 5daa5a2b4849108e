"""Tables of the other parts: duplicates, probabilities, time and memory, encoders."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.bench_report import encoding_table, matching_table
from evaluation.documents.table import Table, interval, verdict
from evaluation.results import Results, of_kind


def duplicates(results: Results, records: str) -> Table | None:
    """Planted duplicates found and traps avoided: every set of a size."""
    found = of_kind(results, f"duplicates {records} ")
    if not found:
        return None
    rows = [
        (
            f"{told['records']:,}, seed {told['seed']}",
            f"{told['pairs']:,}",
            *(f"{told[name]:.3f}" for name in ("precision", "recall")),
            f"{told['trapped']} of {told['traps']:,}",
            f"{told['calibration_error']:.3f}",
            f"{told['seconds']:.0f}",
            f"{told['gib']:.1f}",
        )
        for told in found
    ]
    head = ("records", "true pairs", "precision", "recall", "traps found", "calibration error", "seconds", "peak GiB")
    commands = [
        f"duijie evaluate duplicates --records {told['records']} --pairs {told['pairs']} --seed {told['seed']}"
        for told in found
    ]
    return Table("\n".join(commands), head, tuple(rows))


def calibration(results: Results) -> Table | None:
    """What is known of the probabilities of each channel and rung: on later cases, or why there is none."""
    found = of_kind(results, "calibration ")
    if not found:
        return None
    rows = []
    for told in found:
        later = told.get("later")
        if "none" in told:
            rows.append(
                (told["channel"], told["target"], "", "", "", "", f"no probability: {told['none'].split(' / ')[-1]}")
            )
            continue
        made = (told["channel"], told["target"], f"{told['positives']:,} of {told['cases']:,}")
        if not later:
            rows.append((*made, "", "", "", "too short a history to check"))
            continue
        skill = [later["skill"][name] for name in ("mean", "low", "high")]
        rows.append(
            (*made, f"{later['later']:,}", f"{later['error']:.3f}", interval(skill, signed=True), verdict(skill))
        )
    head = ("channel", "rung", "reached", "later cases", "calibration error", "Brier saved", "against the base rate")
    command = "duijie demo --no-serve\nduijie calibrate --store .demo/duijie.duckdb --as-of 2022-12-31"
    return Table(command, head, tuple(rows))


def matching(results: Results, projects: str, institutions: str) -> Table | None:
    """Time and memory of every stage of a synthetic market beside a plain pipeline."""
    told = results.get(f"matching {projects} {institutions}")
    if told is None:
        return None
    command = f"python -m evaluation.bench --sizes {projects}x{institutions} --parts matching"
    return _from_lines(command, list(matching_table(told))[1:])


def encoders(results: Results) -> Table | None:
    """Speed, memory and quality of the encoders."""
    told = results.get("encoders")
    if told is None:
        return None
    return _from_lines("python -m evaluation.bench --parts encoding", list(encoding_table(told["encoders"])))


def _from_lines(command: str, lines: Sequence[str]) -> Table:
    """A table that its own report prints as Markdown, with the other lines below."""
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    rows = tuple(row for row in cells[1:] if not set("".join(row)) <= {"-"})
    return Table(command, cells[0], rows, tuple(line for line in lines if not line.startswith("|")))
