"""Figures: every number of a report with its definition, its parameters, and the rows that it counts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.values import money

SMALL = 5
"""A cell of fewer may name somebody; it is hidden from readers who are not the organizer."""
Rows = NDArray[np.int64]
CASES, PROJECTS, AWARDS = "cases", "projects", "awards"


@dataclass(frozen=True)
class Figure:
    """One number. ``name`` is what a template writes; ``query`` a definition of ``definitions.csv``.

    ``value`` is None where it cannot be said. ``rows`` is how many rows of ``table`` it counts and ``at`` which
    (positions). ``low`` and ``high`` bound a rate and ``open`` counts the cases that may still come to it. ``run`` is
    set where a ranking is involved. ``small``: hidden from readers who are not the organizer.
    """

    id: str
    name: str
    label_zh: str
    label_en: str
    value: float | int | None
    unit: str
    query: str
    params: Mapping[str, str]
    rows: int
    table: str = CASES
    at: Rows = field(default_factory=lambda: np.empty(0, np.int64), compare=False)
    low: float | None = None
    high: float | None = None
    open: int | None = None
    run: str = ""
    small: bool = False

    def label(self, language: str) -> str:
        """What it counts, in a few words."""
        return self.label_en if language == "en" else self.label_zh

    def definition(self, language: str) -> str:
        """What it counts, exactly."""
        return definitions()[self.query]["en" if language == "en" else "zh"]

    def call(self) -> str:
        """The query with its parameters."""
        return f"{self.query}({', '.join(f'{key}={value}' for key, value in self.params.items())})"

    def text(self, language: str) -> str:
        """The value as it is read; a rate with its interval and the cases still open."""
        chinese = language != "en"
        if self.small:
            return "未列示" if chinese else "not told"
        if self.value is None:
            return "无法给出" if chinese else "not available"
        if self.unit == "amount":
            return money(float(self.value), language)
        if self.unit == "count":
            return f"{int(self.value):,}"
        share = f"{self.value * 100:.1f} %"
        if self.low is None or self.high is None:
            return share
        bounds = f"{self.low * 100:.1f}–{self.high * 100:.1f} %"
        if chinese:
            return f"{share}（95 %区间 {bounds}，未结 {self.open or 0:,} 件）"
        return f"{share} (95 % interval {bounds}, {self.open or 0:,} still open)"


@cache
def definitions() -> dict[str, dict[str, str]]:
    """Named definitions: label and exact wording in both languages, and the unit."""
    text = (resources.files("app.reports") / "definitions.csv").read_text(encoding="utf-8")
    return {row["query"]: row for row in csv.DictReader(text.splitlines())}


class Book:
    """The figures of one report in the order in which they were added; numbered F0001, F0002 and so on."""

    def __init__(self, shared: Mapping[str, str], *, internal: bool) -> None:
        self._shared = dict(shared)
        self._internal = internal
        self._figures: dict[str, Figure] = {}

    def __getitem__(self, name: str) -> Figure:
        return self._figures[name]

    def __contains__(self, name: object) -> bool:
        return name in self._figures

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._figures.values())

    def __len__(self) -> int:
        return len(self._figures)

    def add(
        self,
        name: str,
        query: str,
        value: float | int | None,
        at: Rows | None = None,
        *,
        words: tuple[str, str] = ("", ""),
        params: Mapping[str, str] | None = None,
        table: str = CASES,
        small: bool = False,
        **more: Any,
    ) -> Figure:
        """Add a figure. ``words`` say in both languages what it is narrowed to; they follow the label in brackets."""
        row = definitions()[query]
        rows = np.empty(0, np.int64) if at is None else at
        zh, en = words
        figure = Figure(
            id=f"F{len(self._figures) + 1:04d}",
            name=name,
            label_zh=row["label_zh"] + (f"（{zh}）" if zh else ""),
            label_en=row["label_en"] + (f" ({en})" if en else ""),
            value=value,
            unit=row["unit"],
            query=query,
            params={**(params or {}), **self._shared},
            rows=len(rows),
            table=table,
            at=rows,
            small=small and not self._internal,
            **more,
        )
        if name in self._figures:
            raise KeyError(f"figure {name} stands twice")
        self._figures[name] = figure
        return figure

    def count(self, name: str, query: str, at: Rows, **more: Any) -> Figure:
        """Add a figure that is the number of its rows."""
        return self.add(name, query, len(at), at, **more)


def shown(figure: Figure) -> Figure:
    """A figure as it may leave the house: a hidden one has neither value nor rows."""
    if not figure.small:
        return figure
    nothing = np.empty(0, np.int64)
    return replace(figure, value=None, low=None, high=None, open=None, rows=0, at=nothing)


def small_values(sizes: Mapping[str, int]) -> set[str]:
    """Which values of a breakdown are hidden: those of fewer than :data:`SMALL`, and when that is one alone, the next
    smallest with it, since the total less the others would tell it.
    """
    sizes = {value: size for value, size in sizes.items() if size}
    hidden = {value for value, size in sizes.items() if size < SMALL}
    if len(hidden) == 1 and len(sizes) > 1:
        hidden.add(min((value for value in sizes if value not in hidden), key=lambda value: (sizes[value], value)))
    return hidden
