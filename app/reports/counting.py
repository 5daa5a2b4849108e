"""Figures of introductions: how many came how far in the period and in all, what is open, sums, rates with interval."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.reports.facts import BREAKDOWNS, Facts
from app.reports.figure import SMALL, Book, small_values
from data.cases import ENDS, LADDER, OPEN
from data.followup import NOT_CALLED
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from evaluation.funnel import funnel
from evaluation.grouping import UNKNOWN

Mask = NDArray[np.bool_]
RATED = ("met", "intent", "signed", "delivered")
PAID = ("signed", "delivered")
PERIOD, TOTAL = ("本期", "this period"), ("累计", "in all")
SPANS = (("", PERIOD), (".total", TOTAL))


def value_words(by: str, value: str) -> tuple[str, str]:
    """A value of a breakdown in both languages."""
    if value == UNKNOWN:
        return "未知", "unknown"
    if by in ("channel", "group"):
        known = vocabulary("channels" if by == "channel" else "groups")
        return known.label(value), known.label(value, "en")
    names = {field.name_zh: field.name_en for field in sectors().fields}
    return value, names.get(value, value)


def count_cases(book: Book, facts: Facts) -> None:
    """Add the figures of all cases of a scope, then those by channel, group and sector."""
    everything = np.ones(len(facts.cases), dtype=bool)
    _slice(book, facts, everything, "", {}, ("", ""), small=False)
    _rates(book, facts, "", {"all": everything}, set())
    for by in BREAKDOWNS:
        parts = dict(facts.slices(by))
        hidden = small_values({value: int(mask.sum()) for value, mask in parts.items()})
        for value, mask in parts.items():
            params = {by: "unknown" if value == UNKNOWN else value}
            _slice(book, facts, mask, _suffix(by, value), params, value_words(by, value), small=value in hidden)
        _rates(book, facts, by, parts, hidden)


def _suffix(by: str, value: str) -> str:
    return f"@{by}={'unknown' if value == UNKNOWN else value}" if by else ""


def _joined(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    zh, en = ("，".join(filter(None, (first[0], second[0]))), ", ".join(filter(None, (first[1], second[1]))))
    return zh, en


def _slice(
    book: Book, facts: Facts, mask: Mask, suffix: str, params: dict[str, str], words: tuple[str, str], *, small: bool
) -> None:
    """Counts and sums of the cases of a mask."""
    state = facts.cases["state"].to_numpy(dtype=object)
    ended = facts.cases["ended_at"].to_numpy().astype("datetime64[D]")
    tests: tuple[tuple[str, Callable[[NDArray[np.datetime64]], Mask]], ...] = (
        ("period", facts.within),
        ("total", lambda days: ~np.isnat(days)),
    )
    for (span, told), (span_name, inside) in zip(SPANS, tests, strict=True):
        label = _joined(told, words)
        for rung in LADDER:
            at = facts.rows(mask & inside(facts.rungs[rung]))
            args = {"rung": rung, "span": span_name, **params}
            book.count(f"{rung}{span}{suffix}", rung, at, words=label, params=args, small=small)
        for end in ENDS:
            at = facts.rows(mask & (state == end) & inside(ended))
            args = {"end": end, "span": span_name, **params}
            book.count(f"{end}{span}{suffix}", end, at, words=label, params=args, small=small)
        for rung in PAID:
            _sum(book, facts, mask & inside(facts.rungs[rung]), rung, (span, suffix), (label, params), small)
    still = mask & (state == OPEN)
    book.count(f"open{suffix}", "open", facts.rows(still), words=words, params=params, small=small)
    silent = mask & (facts.follow["state"].to_numpy(dtype=object) == NOT_CALLED)
    book.count(f"not_called{suffix}", "not_called", facts.rows(silent), words=words, params=params, small=small)


def _sum(
    book: Book,
    facts: Facts,
    mask: Mask,
    rung: str,
    name: tuple[str, str],
    told: tuple[tuple[str, str], dict[str, str]],
    small: bool,
) -> None:
    """Sum of the amounts of cases, and how many of them name one."""
    amount = facts.cases["amount"].to_numpy(dtype=float)
    named = facts.rows(mask & ~np.isnan(amount))
    span, suffix = name
    words, params = told
    args = {"rung": rung, "span": "total" if span else "period", **params}
    few = small or 0 < len(named) < SMALL
    total = float(math.fsum(amount[named]))
    book.add(f"amount_{rung}{span}{suffix}", f"amount_{rung}", total, named, words=words, params=args, small=few)
    book.count(f"named_{rung}{span}{suffix}", f"named_{rung}", named, words=words, params=args, small=small)


def _rates(book: Book, facts: Facts, by: str, parts: dict[str, Mask], hidden: set[str]) -> None:
    """Rates of a breakdown out of the one funnel: open cases are censored, groups of fewer than five have none."""
    places = [pd.DataFrame({"case": np.flatnonzero(mask), "group": value}) for value, mask in parts.items()]
    told = pd.concat(places, ignore_index=True)
    found: dict[tuple[str, str], tuple[float, float, float, int]] = {}
    if len(told):
        table = funnel(facts.cases, told, facts.end)
        keys = zip(table["group"].astype(str), table["stage"].astype(str), strict=True)
        cells = (table[name].tolist() for name in ("rate", "low", "high", "open"))
        found = dict(zip(keys, zip(*cells, strict=True), strict=True))
    for value, mask in parts.items():
        narrowed = value_words(by, value) if by else ("", "")
        for rung in RATED:
            rate, low, high, still = found.get((value, rung), (math.nan, math.nan, math.nan, 0))
            known = not math.isnan(rate)
            book.add(
                f"rate.{rung}{_suffix(by, value)}",
                "rate",
                rate if known else None,
                facts.rows(mask),
                words=_joined((vocabulary("events").label(rung), vocabulary("events").label(rung, "en")), narrowed),
                params={"rung": rung, **({by: "unknown" if value == UNKNOWN else value} if by else {})},
                small=value in hidden,
                low=low if known else None,
                high=high if known else None,
                open=int(still),
            )
