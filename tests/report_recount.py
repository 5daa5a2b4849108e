"""Every figure of a report counted again from raw rows, in plain loops; shares no code with what it checks."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from scipy.stats import beta

Row = dict[str, Any]
RUNGS = ["introduced", "accepted", "met", "second_contact", "intent", "signed", "delivered"]
ENDS = ["declined", "withdrawn"]
CHANNELS = ["financing", "placement", "services", "challenge"]
LEVEL = {"一等奖": "省", "二等奖": "省", "500强": "国"}
EARLY = 30
GROUPS = ["企业组", "创客组", "院校组", "境外组", "初创组", "成长组"]


class Told(NamedTuple):
    """A figure: the value, and of a rate its bounds and the cases still open."""

    value: float | None
    low: float | None = None
    high: float | None = None
    open: int | None = None


class Case:
    """One case as its events tell it."""

    def __init__(self, key: tuple[str, str, str], events: list[Row]) -> None:
        self.project, self.institution, self.channel = key
        order = {name: at for at, name in enumerate(RUNGS + ENDS)}
        self.events = sorted(events, key=lambda row: (row["at"], order[row["event"]]))
        self.reached: dict[str, date] = {}
        for at, rung in enumerate(RUNGS):
            days = [row["at"] for row in self.events if row["event"] in RUNGS[at:]]
            if days:
                self.reached[rung] = min(days)
        if not self.reached:
            self.reached["introduced"] = self.events[0]["at"]
        last = self.events[-1]
        self.state = last["event"] if last["event"] in ENDS else "delivered" if "delivered" in self.reached else "open"
        self.ended = last["at"] if last["event"] in ENDS else None
        yuan = [row["amount"] for row in self.events if row["amount"] is not None and row["currency"] in (None, "CNY")]
        self.amount = yuan[-1] if yuan else None
        self.history = all(row["event"] == "delivered" for row in self.events)


def cases_of(outcomes: Iterable[Row], end: date, members: set[str] | None) -> list[Case]:
    """Introductions of the members by a date; past deals of which only the delivery is known are none."""
    by: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in outcomes:
        if row["at"] <= end and (members is None or row["project_id"] in members):
            by[row["project_id"], row["institution_id"], row["channel"]].append(row)
    return [case for case in (Case(key, rows) for key, rows in sorted(by.items())) if not case.history]


def plus_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of the month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def callback(case: Case) -> date | None:
    """When the next call-back of the default plan is due: a contact answers those that were due by then, and the next
    one too when it came less than 30 days (and less than half of the interval) before it.
    """
    begun = case.reached["introduced"]
    dates = [begun, *(plus_months(begun, months) for months in (1, 3, 6, 12, 24))]
    spoken = max((row["at"] for row in case.events if row["event"] != "introduced"), default=begun)
    answered = 0
    for before, due in pairwise(dates):
        answered += (due - spoken).days < min((due - before).days / 2, EARLY)
    return dates[answered + 1] if answered < 5 else None


def curve(told: list[tuple[int, str]]) -> tuple[float, float, float]:
    """Aalen-Johansen rate with the exact interval of the effective number of cases, day by day."""
    total, share, rate, days = len(told), 1.0, 0.0, []
    for day in sorted({day for day, _ in told}):
        risk = sum(other >= day for other, _ in told)
        hit = sum(other == day and fate == "reached" for other, fate in told)
        gone = sum(other == day and fate != "open" for other, fate in told)
        worth = risk / share if share else 0.0
        if worth >= min(10, total / 10) - 1e-9:
            days.append((day, risk, hit, gone, share, worth))
            rate += share * hit / risk
        share *= 1 - gone / risk
    if rate > 1 - 1e-12:
        rate = 1.0
    variance, until, weight, length, spread, before = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    for day, risk, hit, gone, share, worth in days:
        jump = share * hit / risk
        until += jump
        ahead = rate - until
        if risk > gone:
            variance += ahead**2 * gone / (risk * (risk - gone))
        variance += jump * (risk - hit) / risk**2 * share - 2 * ahead * jump / risk
        weight += jump / worth
        spread, length, before = spread + (day - before) * worth, length + day - before, day
    if rate > 0:
        effective = min(rate * (1 - rate) / variance if variance > 1e-15 else float("inf"), rate / weight)
    else:
        effective = spread / length if length else float(total)
    effective = min(effective, total)
    hits, misses = rate * effective, max(effective - rate * effective, 0.0)
    low = float(beta.ppf(0.025, hits, misses + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(0.975, hits + 1, misses)) if misses > 1e-9 else 1.0
    return rate, low, high


def rates(cases: list[Case], end: date) -> dict[str, Told]:
    """Rate of every rung, none for fewer than five cases; a rung is never likelier than the one below."""
    found, most = {}, 1.0
    for rung in RUNGS[1:]:
        told, still = [], 0
        for case in cases:
            begun = case.reached["introduced"]
            if rung in case.reached:
                told.append(((case.reached[rung] - begun).days, "reached"))
            elif case.ended:
                told.append(((case.ended - begun).days, "ended"))
            else:
                still += 1
                told.append(((end - begun).days, "open"))
        if len(cases) < 5:
            found[rung] = Told(None, open=still)
            continue
        rate, low, high = curve(told)
        most = rate = min(most, rate)
        found[rung] = Told(rate, min(low, rate), high, still)
    return found


def slice_of(cases: list[Case], suffix: str, start: date, end: date) -> dict[str, Told]:
    """Counts and sums of some cases."""
    found: dict[str, Told] = {}
    for span, inside in (("", lambda day: start <= day <= end), (".total", lambda day: True)):
        for rung in RUNGS:
            kept = [case for case in cases if rung in case.reached and inside(case.reached[rung])]
            found[f"{rung}{span}{suffix}"] = Told(len(kept))
            if rung in ("signed", "delivered"):
                named = [case.amount for case in kept if case.amount is not None]
                found[f"amount_{rung}{span}{suffix}"] = Told(sum(named))
                found[f"named_{rung}{span}{suffix}"] = Told(len(named))
        for name in ENDS:
            kept = [case for case in cases if case.state == name and case.ended and inside(case.ended)]
            found[f"{name}{span}{suffix}"] = Told(len(kept))
    still = [case for case in cases if case.state == "open"]
    found[f"open{suffix}"] = Told(len(still))
    due = [callback(case) for case in still]
    found[f"not_called{suffix}"] = Told(sum(day is not None and day < end for day in due))
    told = rates(cases, end)
    for rung in ("met", "intent", "signed", "delivered"):
        found[f"rate.{rung}{suffix}"] = told[rung]
    return found


def recount(
    market: Mapping[str, list[Row]],
    start: date,
    end: date,
    members: set[str] | None,
    fields: list[str],
    owned: int = 0,
    contest: str | None = None,
) -> dict[str, Told]:
    """Every figure of a report by name. ``owned``: open cases with an owner; ``contest``: its awards only."""
    projects = {row["project_id"]: row for row in market["projects"] if not row["listed_at"] or row["listed_at"] <= end}
    inside = {key: row for key, row in projects.items() if members is None or key in members}
    cases = cases_of(market["outcomes"], end, members)
    found = slice_of(cases, "", start, end)
    for channel in CHANNELS:
        kept = [case for case in cases if case.channel == channel]
        found |= slice_of(kept, f"@channel={channel}", start, end)
    for group in (*GROUPS, None):
        kept = [case for case in cases if projects.get(case.project, {}).get("group") == group]
        found |= slice_of(kept, f"@group={group or 'unknown'}", start, end)
    for field in (*fields, None):
        told = {case: projects.get(case.project, {}).get("sectors") or [] for case in cases}
        kept = [case for case in cases if (field in told[case] if field else not told[case])]
        found |= slice_of(kept, f"@sector={field or 'unknown'}", start, end)
    found |= standing(market, inside, cases, start, end)
    found |= awards_of(market, inside, cases, start, end, members, contest)
    due = [day for day in map(callback, (case for case in cases if case.state == "open")) if day]
    for days in (30, 90):
        found[f"due_{days}"] = Told(sum(end <= day <= end + timedelta(days=days) for day in due))
    found["unowned"] = Told(sum(case.state == "open" for case in cases) - owned)
    return found


def standing(
    market: Mapping[str, list[Row]], inside: Mapping[str, Row], cases: list[Case], start: date, end: date
) -> dict[str, Told]:
    """Projects and institutions; nothing was matched and nobody confirmed a growth case."""
    listed = [row["listed_at"] for row in inside.values()]
    now = {case.institution for case in cases if start <= case.reached["introduced"] <= end}
    found = {
        "projects": Told(len(inside)),
        "projects_new": Told(sum(day is not None and start <= day <= end for day in listed)),
        "institutions.total": Told(len({case.institution for case in cases})),
        "institutions": Told(len(now)),
        "growth": Told(0),
        "growth_withheld": Told(0),
    }
    for group in (*GROUPS, None):
        count = sum(row["group"] == group for row in inside.values())
        found[f"projects@group={group or 'unknown'}"] = Told(count)
    return found | {f"matched@channel={channel}": Told(None) for channel in CHANNELS}


def awards_of(
    market: Mapping[str, list[Row]],
    inside: Mapping[str, Row],
    cases: list[Case],
    start: date,
    end: date,
    members: set[str] | None,
    contest: str | None,
) -> dict[str, Told]:
    """Awards by state, level and group, and what part of the awarded projects was served."""
    rows = [row for row in market["awards"] if row["published_at"] is None or row["published_at"] <= end]
    rows = [row for row in rows if members is None or row["project_id"] in members]
    if contest is not None:
        rows = [row for row in rows if row["contest"] == contest]
    new = [row for row in rows if row["published_at"] and start <= row["published_at"] <= end]
    found = {
        "awards": Told(len(rows)),
        "awards_new": Told(len(new)),
        "contests": Told(len({r["contest"] for r in rows})),
    }
    for status in ("公示中", "已公布", "有异议", None):
        found[f"awards@status={status or 'unknown'}"] = Told(sum(row["status"] == status for row in rows))
    found |= by_level(rows, inside)
    awarded = {row["project_id"] for row in rows if row["status"] not in ("公示中", "有异议")}
    found["awarded"] = Told(len(awarded))
    # Test awards under notice are all of a regional contest, for which the notice names no number of days.
    found["notice_running"] = Told(0)
    for rung in ("introduced", "met", "delivered"):
        for channel in ("", *CHANNELS):
            kept = {c.project for c in cases if rung in c.reached and channel in ("", c.channel)} & awarded
            share(found, f"covered.{rung}" + (f"@channel={channel}" if channel else ""), kept, awarded)
    offered = {row["institution_id"]: row["services"] or [] for row in market["institutions"]}
    for service in market["services"]:
        done = [c for c in cases if c.channel == "services" and "delivered" in c.reached]
        kept = {c.project for c in done if service["code"] in offered.get(c.institution, [])} & awarded
        share(found, f"served@service={service['code']}", kept, awarded)
    return found


def by_level(rows: list[Row], inside: Mapping[str, Row]) -> dict[str, Told]:
    """Different projects with an award, by group and level."""
    found = {}
    for name in ("企业组", "创客组", "other"):
        for level in ("市", "省", "国", "unknown"):
            ids = set()
            for row in rows:
                group = inside.get(row["project_id"], {}).get("group")
                fits = group == name if name != "other" else group not in ("企业组", "创客组")
                if fits and LEVEL.get(row["award"], "unknown") == level:
                    ids.add(row["project_id"])
            found[f"awarded@group={name}@level={level}"] = Told(len(ids))
    return found


def share(found: dict[str, Told], name: str, kept: set[str], awarded: set[str]) -> None:
    """A number of projects and their share."""
    found[f"{name}.number"] = Told(len(kept))
    found[f"{name}.share"] = Told(len(kept) / len(awarded) if awarded else None)
