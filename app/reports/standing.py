"""Figures beside the funnel: projects and awards, quotas, coverage of the awarded, matches, and what is to be done."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.reports.awards import notice_ends
from app.reports.facts import Facts
from app.reports.figure import AWARDS, PROJECTS, SMALL, Book, Rows
from data.cases import OPEN
from data.edition import LEVELS, Edition, Quota
from data.followup import NOT_CALLED, SCHEDULED
from data.programmes import editions
from data.reference.vocabularies import vocabulary
from evaluation.grouping import UNKNOWN

AHEAD = (30, 90)
"""Days ahead for which call-backs are counted."""
COVERED = ("introduced", "met", "delivered")


def count_standing(book: Book, facts: Facts) -> None:
    """Add projects, awards, quotas, coverage, matches and follow-up."""
    _projects(book, facts)
    _awards(book, facts)
    _quotas(book, facts)
    _coverage(book, facts)
    _services(book, facts)
    _matched(book, facts)
    _follow_up(book, facts)


def _projects(book: Book, facts: Facts) -> None:
    """Projects of the scope, by group. Lists of entrants and winners are public, so no cell is hidden here."""
    frame = facts.projects
    book.count("projects", "projects", np.arange(len(frame)), table=PROJECTS)
    new = facts.within(frame["listed_at"].to_numpy().astype("datetime64[D]"))
    book.count("projects_new", "projects_new", facts.rows(new), table=PROJECTS)
    group = frame["group"].fillna(UNKNOWN).to_numpy(dtype=object)
    values = [*vocabulary("groups").codes, *sorted(set(group) - {*vocabulary("groups").codes, UNKNOWN}), UNKNOWN]
    for value in values:
        key = "unknown" if value == UNKNOWN else value
        words = ("未知", "unknown") if value == UNKNOWN else _words("groups", value)
        args = {"group": key}
        at = facts.rows(group == value)
        book.count(f"projects@group={key}", "projects", at, words=words, params=args, table=PROJECTS)
    institutions = pd.unique(facts.cases["institution_id"])
    book.add(
        "institutions.total", "institutions", len(institutions), np.arange(len(facts.cases)), words=("累计", "in all")
    )
    now = facts.rows(facts.within(facts.rungs["introduced"]))
    count = int(facts.cases["institution_id"].iloc[now].nunique())
    book.add("institutions", "institutions", count, now, words=("本期", "this period"), params={"span": "period"})


def _words(name: str, value: str) -> tuple[str, str]:
    return vocabulary(name).label(value), vocabulary(name).label(value, "en")


def _awards(book: Book, facts: Facts) -> None:
    """Awards by state of publicity, step and group."""
    frame = facts.awards
    book.count("awards", "awards", np.arange(len(frame)), table=AWARDS)
    new = facts.within(frame["published_at"].to_numpy().astype("datetime64[D]"))
    book.count("awards_new", "awards_new", facts.rows(new), table=AWARDS)
    for status in (*vocabulary("award_statuses").codes, ""):
        mask = (frame["status"].fillna("") == status).to_numpy(dtype=bool)
        words = _words("award_statuses", status) if status else ("状态未知", "status unknown")
        key = status or "unknown"
        book.count(
            f"awards@status={key}", "awards", facts.rows(mask), words=words, params={"status": key}, table=AWARDS
        )
    contests = frame.loc[frame["contest_id"].ne("|/"), "contest_id"]
    book.add(
        "contests", "contests", int(contests.nunique()), np.flatnonzero(frame["contest_id"].ne("|/")), table=AWARDS
    )
    group = _groups_of(facts)
    for name in ("企业组", "创客组", "other"):
        inside = group == name if name != "other" else ~np.isin(group, ("企业组", "创客组"))
        words = _words("groups", name) if name != "other" else ("其他或未知组别", "other or unknown group")
        for level in (*LEVELS, ""):
            mask = inside & (frame["level"] == level).to_numpy(dtype=bool)
            told = (f"{words[0]}，{level or '级别未知'}{'级' if level else ''}", f"{words[1]}, {_LEVEL_EN[level]}")
            args = {"group": name, "level": level or "unknown"}
            at = _first_of_each(frame, mask)
            key = f"awarded@group={name}@level={args['level']}"
            book.count(key, "awarded_level", at, words=told, params=args, table=AWARDS)
    awarded = _first_of_each(frame, frame["confirmed"].to_numpy(dtype=bool))
    book.count("awarded", "awarded", awarded, table=AWARDS)


_LEVEL_EN = {"市": "city level", "省": "province level", "国": "national level", "": "level unknown"}


def _groups_of(facts: Facts) -> NDArray[np.object_]:
    """Group of the project of every award; "" where unknown."""
    told = facts.projects.set_index("project_id")["group"]
    groups: NDArray[np.object_] = facts.awards["project_id"].map(told).fillna("").to_numpy(dtype=object)
    return groups


def _first_of_each(frame: pd.DataFrame, mask: NDArray[np.bool_]) -> Rows:
    """The first award of each project among those of a mask."""
    at = np.flatnonzero(mask)
    return at[~frame["project_id"].iloc[at].duplicated().to_numpy(dtype=bool)]


def quotas_of(facts: Facts) -> list[tuple[Edition, Quota]]:
    """Quotas that bind the scope: those of its contest, else those of its edition or editions."""
    kind, key = facts.scope.kind, facts.scope.key
    found = []
    for edition in editions():
        inside = {"contest": key.startswith(edition.id + "|"), "edition": key == edition.id}
        if not inside.get(kind, kind == "programme" and key == edition.programme):
            continue
        kinds = set(facts.awards["kind"]) if kind == "contest" else set()
        for quota in edition.quotas:
            if (quota.per == "contest" and kind == "contest" and (not quota.kinds or kinds & set(quota.kinds))) or (
                quota.per == "edition" and kind != "contest"
            ):
                found.append((edition, quota))
    return found


def _quotas(book: Book, facts: Facts) -> None:
    """Projects that each quota counts; what the notice allows stands in the parameters."""
    frame, group = facts.awards, _groups_of(facts)
    names = [set(told.split(";")) for told in frame["names"]]
    for edition, quota in quotas_of(facts):
        mask = (frame["edition_id"] == edition.id).to_numpy(dtype=bool)
        if quota.kinds:
            mask = mask & frame["kind"].isin(quota.kinds).to_numpy(dtype=bool)
        if quota.awards:
            mask = mask & np.array([bool(told & set(quota.awards)) for told in names], dtype=bool)
        if quota.group:
            mask = mask & (group == quota.group)
        words = " ".join(filter(None, (quota.group or "各组合计", "、".join(quota.awards))))
        args = {"edition": edition.id, "quota": quota.id, "at_most": str(quota.at_most)}
        zh, en = f"{words}，名额 {quota.at_most}", f"{words}, at most {quota.at_most}"
        at = _first_of_each(frame, mask)
        book.count(f"quota@{edition.id}@{quota.id}", "quota", at, words=(zh, en), params=args, table=AWARDS)


def _awarded_ids(facts: Facts) -> set[str]:
    return set(facts.awards.loc[facts.awards["confirmed"].to_numpy(dtype=bool), "project_id"])


def _share(book: Book, name: str, query: str, at: Rows, whole: int, words: tuple[str, str], **params: str) -> None:
    """The number of awarded projects that a service reached, and their share of all awarded ones."""
    few = 0 < whole < SMALL
    book.count(f"{name}.number", query, at, words=words, params=params, small=few)
    value = len(at) / whole if whole else None
    book.add(f"{name}.share", f"{query}_share", value, at, words=words, params=params, small=few)


def _first_cases(facts: Facts, mask: NDArray[np.bool_]) -> Rows:
    """One case of each project among those of a mask."""
    at = np.flatnonzero(mask)
    return at[~facts.cases["project_id"].iloc[at].duplicated().to_numpy(dtype=bool)]


def _coverage(book: Book, facts: Facts) -> None:
    awarded = _awarded_ids(facts)
    inside = facts.cases["project_id"].isin(awarded).to_numpy(dtype=bool)
    channel = facts.cases["channel"].to_numpy(dtype=object)
    for rung in COVERED:
        label = _words("events", rung)
        reached = inside & ~np.isnat(facts.rungs[rung])
        at = _first_cases(facts, reached)
        _share(book, f"covered.{rung}", "covered", at, len(awarded), label, rung=rung)
        for value in facts.values("channel"):
            zh, en = _words("channels", value)
            at = _first_cases(facts, reached & (channel == value))
            name = f"covered.{rung}@channel={value}"
            _share(
                book,
                name,
                "covered",
                at,
                len(awarded),
                (f"{zh}，{label[0]}", f"{en}, {label[1]}"),
                rung=rung,
                channel=value,
            )


def _services(book: Book, facts: Facts) -> None:
    """Coverage by kind of service; an outcome does not say which of its services an institution gave."""
    awarded = _awarded_ids(facts)
    cases = facts.cases
    given = cases["project_id"].isin(awarded).to_numpy(dtype=bool) & (cases["channel"] == "services").to_numpy(bool)
    given = given & ~np.isnat(facts.rungs["delivered"])
    table = facts.view.institutions
    services = table.column("services").combine_chunks()
    ids = table.column("institution_id").to_numpy(zero_copy_only=False)
    for code in vocabulary("services").codes:
        flat = pc.equal(pc.list_flatten(services), code)
        owners = set(ids[pc.unique(pc.filter(pc.list_parent_indices(services), flat)).to_numpy()])
        at = _first_cases(facts, given & cases["institution_id"].isin(owners).to_numpy(dtype=bool))
        _share(book, f"served@service={code}", "served", at, len(awarded), _words("services", code), service=code)


def _matched(book: Book, facts: Facts) -> None:
    """Projects that the last run of each channel recommends somebody to."""
    ids = facts.projects["project_id"]
    for channel in facts.values("channel"):
        words, run = _words("channels", channel), facts.runs.get(channel)
        args = {"channel": channel}
        if run is None:
            book.add(f"matched@channel={channel}", "matched", None, words=words, params=args, table=PROJECTS)
            continue
        table = run.table(f"matches_{channel}")
        ranked = pc.and_(
            pc.is_valid(table.column("rank_for_project")), pc.not_equal(table.column("status"), "ineligible")
        )
        told = pc.unique(table.column("project_id").filter(ranked))
        mask = pc.is_in(pa.array(ids, pa.string()), value_set=told).to_numpy(zero_copy_only=False)
        args["run_as_of"] = str(run.manifest["as_of"])
        at = facts.rows(mask)
        book.count(
            f"matched@channel={channel}", "matched", at, words=words, params=args, table=PROJECTS, run=run.run_id
        )


def _follow_up(book: Book, facts: Facts) -> None:
    """Call-backs to come, cases without an owner, and awards still under public notice."""
    frame = facts.follow
    due = frame["due"].to_numpy().astype("datetime64[D]")
    scheduled = frame["state"].isin((SCHEDULED, NOT_CALLED)).to_numpy(dtype=bool)
    for days in AHEAD:
        last = np.datetime64(facts.end + timedelta(days=days), "D")
        mask = scheduled & (due >= np.datetime64(facts.end, "D")) & (due <= last)
        words = (f"{days} 天内", f"within {days} days")
        book.count(f"due_{days}", "due", facts.rows(mask), words=words, params={"days": str(days)})
    unowned = (frame["case_state"] == OPEN).to_numpy(dtype=bool) & (frame["owner"] == "").to_numpy(dtype=bool)
    book.count("unowned", "unowned", facts.rows(unowned))
    ends = notice_ends(facts.awards)
    running = np.array([end is not None and end >= facts.end for end in ends], dtype=bool)
    book.count("notice_running", "notice_running", facts.rows(running), table=AWARDS)
