"""Benchmark on real investments: who funds a company, and which companies does an organisation fund?

``python -m evaluation.crunchbase PATH --as-of 2011-07-01 --out DIR`` turns the CrunchBase export of 2013 (three CSV:
edges, companies, investors) into interchange tables as they stood on the date, lets the console command ``duijie``
import and rank them, and measures its lists beside the baselines on what happened in the twelve months after.

``--task`` chooses what is asked (:mod:`evaluation.crunchbase_tasks`). Known of a company are its category, its place
and the type of the round it raises; all candidates are ranked. With ``--as-of`` given several times the cuts are
pooled (rolling origin); each is kept in DIR, so an interrupted run goes on where it stopped. The data stays in PATH.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tqdm import tqdm

from data.problem import DuijieError
from evaluation.crunchbase_cut import MEASURES, Cut, keep_cut, key_of, load_cut, measure_cut
from evaluation.crunchbase_rank import rank_with_baselines, rank_with_duijie
from evaluation.crunchbase_report import BAR, Report, Result, assess, report_of
from evaluation.crunchbase_tables import FILES, Export, cut, read_export
from evaluation.crunchbase_tasks import TASKS
from evaluation.crunchbase_text import as_json, as_text
from evaluation.metrics import Grades, Rankings, measure
from evaluation.page import as_html
from evaluation.tuning import as_csv, tune, tuning_cuts

__all__ = ["compare", "main", "measured", "rank_with_baselines", "rank_with_duijie", "report"]

AS_OF = date(2011, 7, 1)


def compare(grades: Grades, rankings: Mapping[str, Rankings], bar: str = BAR) -> list[Result]:
    """Measure lists over all queries, each its own group; a query that a method did not answer counts as zero."""
    return assess({name: measure(grades, ranking, MEASURES) for name, ranking in rankings.items()}, None, bar)


def report(
    path: Path, dates: Sequence[date], task: str = "cold", out: Path | None = None, settings: Path | None = None
) -> Report:
    """Measure every cut that is not kept in ``out`` yet, and pool them."""
    export = read_export(path)
    return report_of([measured(path, export, as_of, task, out, settings) for as_of in sorted(set(dates))])


def measured(
    path: Path, export: Export, as_of: date, task: str, out: Path | None = None, settings: Path | None = None
) -> Cut:
    """One cut: as it is kept in ``out``, else measured and kept there. Progress goes to standard error."""
    key = key_of(path, task, as_of, settings, out is not None)
    file = out / f"{task}-{as_of}.json" if out is not None else None
    kept = load_cut(file, key) if file is not None else None
    if kept is not None:
        print(f"{task} as of {as_of}: taken from {file}", file=sys.stderr)
        return kept
    with tqdm(file=sys.stderr, disable=None, leave=False, unit=" rankings") as bar:

        def step(name: str) -> None:
            bar.set_description(f"{task} {as_of} {name}")
            bar.update()

        work = out / f"{task}-{as_of}" if out is not None else None
        found = measure_cut(cut(export, as_of, task), key, work, settings, step)
    if file is not None:
        keep_cut(file, found)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("evaluation.crunchbase", description=str(__doc__).split("\n\n")[0])
    parser.add_argument("path", type=Path, metavar="PATH", help=f"folder with {', '.join(FILES)}")
    parser.add_argument("--as-of", type=date.fromisoformat, action="append", metavar="DATE", help="may be repeated")
    parser.add_argument("--task", choices=TASKS, default="cold")
    parser.add_argument("--out", type=Path, metavar="DIR", help="working folder, kept; without it only baselines run")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="duijie.toml to rank with; default: the defaults")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also a page with figures, complete in one file")
    parser.add_argument("--tune", action="store_true", help="tune the baselines on the three years before; print CSV")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``python -m evaluation.crunchbase``; 0 done, 2 wrong use."""
    told = _parser().parse_args(arguments)
    dates = told.as_of or [AS_OF]
    try:
        if told.tune:
            print(as_csv(told.task, tune(tuning_cuts(read_export(told.path), min(dates), told.task))), end="")
            return 0
        out = told.out.resolve() if told.out is not None else None
        found = report(told.path, dates, told.task, out, told.settings)
    except DuijieError as error:
        print(f"error {error}", file=sys.stderr)
        return 2
    if told.html is not None:
        told.html.write_text(as_html(found), encoding="utf-8")
    print(as_json(found) if told.json else as_text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
