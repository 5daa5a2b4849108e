"""Reports of the fictional market, built and compared in one line each."""

from __future__ import annotations

from datetime import date
from typing import Any

from report_market import END, START
from report_recount import Told

from app.reports.facts import read_facts
from app.reports.report import Report, make_report
from app.reports.scope import NATION, Scope
from app.reports.template import load_template
from data.store import Store

WRITTEN = date(2022, 10, 8)
Rows = dict[str, list[dict[str, Any]]]


def report_of(
    store: Store,
    scope: Scope = NATION,
    kind: str = "quarter",
    start: date = START,
    end: date = END,
    template: str | None = None,
    **more: Any,
) -> Report:
    shape = load_template(kind, "zh", template)
    return make_report(store, read_facts(store, scope, start, end), kind, shape, written=WRITTEN, **more)


def told(report: Report) -> dict[str, Told]:
    return {one.name: Told(one.value, one.low, one.high, one.open) for one in report.book}


def near(one: Told, other: Told) -> bool:
    """Equal, numbers up to rounding."""
    return all(
        (a is None) == (b is None) and (a is None or abs(a - b) <= 1e-9 * max(1.0, abs(a)))
        for a, b in zip(one, other, strict=True)
    )


def changed(before: dict[str, Told], after: dict[str, Told]) -> set[str]:
    return {name for name in before.keys() | after.keys() if not near(before[name], after[name])}


def assert_same(found: dict[str, Told], wanted: dict[str, Told]) -> None:
    assert found.keys() == wanted.keys()
    wrong = {name: (found[name], wanted[name]) for name in found if not near(found[name], wanted[name])}
    assert not wrong
