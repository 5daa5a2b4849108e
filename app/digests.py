"""One digest a user, of :mod:`app.new_matches` and :mod:`app.alerts`: Markdown files that any mail programme can send.

Texts in it were written by entrants and staff. They are escaped, so that none becomes a link, a picture or markup, and
file names are made of digests, so that none becomes a path.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from app.alerts import LOW, REFUSED, RULED_OUT, Promising
from app.following import LABELS
from app.new_matches import NewMatches
from app.reports.deadlines import DONE, Due
from app.reports.growth import CRITERIA
from app.saved_searches import TEXT
from app.wording import phrase
from data.followup import NOT_CALLED
from data.reference.vocabularies import vocabulary

MOST = 200
"""Lines of a section; how many more there are is told."""
SHOWN_MATCHES = 20
AHEAD_DAYS = 14
"""Deadlines are told so many days before."""
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$!&@:])|(?<=www)(\.)", re.IGNORECASE)


Row = dict[str, Any]


@dataclass(frozen=True)
class Digest:
    """One file: its name and its text."""

    name: str
    text: str


def escape(text: Any) -> str:
    """Text of people as Markdown that shows exactly that text, on one line."""
    line = " ".join(str(text).split())
    return _MARKUP.sub(lambda found: "\\" + found.group(0), line)


def file_name(kind: str, user: str) -> str:
    """Name of a user's file: what of the user's name is harmless, and a digest of all of it."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "", user)[:40]
    digest = hashlib.blake2b(user.encode(), digest_size=5).hexdigest()
    return "-".join(part for part in (kind, plain, digest) if part) + ".md"


def digests(
    as_of: date,
    matches: Iterable[NewMatches],
    stale: pd.DataFrame,
    odd: pd.DataFrame,
    due: Iterable[Due],
    names: dict[str, str],
    good: Iterable[Promising] = (),
) -> list[Digest]:
    """Files of all users: one an institution with new matches, one a person in charge of cases, one the organizer.

    ``stale`` and ``odd`` are the tables of :mod:`app.alerts`, ``odd`` with ``project``, ``institution`` and ``owner``;
    ``names`` are the institutions' names, ``good`` the projects to report early.
    """
    found: dict[str, list[NewMatches]] = {}
    for one in matches:
        found.setdefault(one.kept.institution_id, []).append(one)
    files = []
    for key, own in found.items():
        lines = [line for one in own for line in _matches(one)]
        files.append(_file(file_name("institution", key), as_of, f"{names.get(key, '')}（{key}）", lines))
    owners = sorted({owner for table in (stale, odd) for owner in table["owner"] if owner})
    for owner in owners:
        lines = [*_stale(stale[stale["owner"] == owner]), *_odd(odd[odd["owner"] == owner])]
        files.append(_file(file_name("owner", owner), as_of, owner, lines))
    lines = [*_deadlines(list(due), as_of), *_promising(good), *_stale(stale), *_odd(odd)]
    files.append(_file("organizer.md", as_of, "主办方 / organizer", lines))
    return files


def write_digests(files: Iterable[Digest], folder: Path) -> None:
    """Write the files; a file of an earlier day is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in files:
        (folder / one.name).write_text(one.text, encoding="utf-8")


def _file(name: str, as_of: date, user: str, lines: list[str]) -> Digest:
    body = lines or ["没有需要提醒的事项。/ Nothing to report.", ""]
    return Digest(name, "\n".join([f"# 提醒 / Digest {as_of}: {escape(user)}", "", *body]))


def _section(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    rest = len(lines) - MOST
    more = [f"- …… 另有 {rest} 项 / {rest} more"] if rest > 0 else []
    return [f"## {title}（{len(lines)}）", "", *lines[:MOST], *more, ""]


def _matches(one: NewMatches) -> list[str]:
    channel = vocabulary("channels")
    code, name = one.kept.channel, one.kept.search.name
    what = "全文搜索的新项目 / New in the free-text search" if one.kept.search.page == TEXT else "新匹配 / New matches"
    title = f"{what}: {escape(name)}（{channel.label(code)} / {channel.label(code, 'en')}）"
    lines = []
    for row in one.rows[:SHOWN_MATCHES]:
        told = [*(row.get("sectors") or [])[:2], row.get("province") or ""]
        facts = "、".join(escape(part) for part in told if part)
        lines.append(
            f"- 第 {row['rank']} 位 / rank {row['rank']}: {escape(row['name'])}（{escape(row['project_id'])}）{facts}"
        )
    rest = len(one.rows) - SHOWN_MATCHES
    if rest > 0:
        lines.append(f"- …… 另有 {rest} 项 / {rest} more")
    if one.ignored:
        lines.append(f"- 未能应用的筛选 / filters not applied here: {escape('、'.join(one.ignored))}")
    return [f"## {title}（{len(one.rows)}）", "", *lines, ""]


def _promising(good: Iterable[Promising]) -> list[str]:
    lines = []
    for one in good:
        labels = "、".join(f"{CRITERIA[name][0]} / {CRITERIA[name][1]}" for name in one.criteria)
        lines.append(f"- {escape(one.name)}（{escape(one.project_id)}）: {labels}")
    return _section("待人确认、宜及时报告的项目 / Projects to report early, for a person to confirm", lines)


def _rows(table: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _case(row: Row) -> str:
    names = f"{escape(row['project'])} × {escape(row['institution'] or row['institution_id'])}"
    ids = f"{escape(row['project_id'])} × {escape(row['institution_id'])}"
    return f"{names}（{vocabulary('channels').label(row['channel'])}，{ids}）"


def _stale(stale: pd.DataFrame) -> list[str]:
    lines = []
    for row in _rows(stale):
        told = []
        if row["state"] == NOT_CALLED:
            zh, en = LABELS[NOT_CALLED]
            told.append(f"{zh} / {en}，逾期 {row['overdue_days']} 天 / days overdue")
        events = vocabulary("events")
        rung = f"{events.label(row['rung'])} / {events.label(row['rung'], 'en')}"
        told.append(f"最近进展 / last event {row['last_at'].date()} {rung}，{row['quiet_days']} 天 / days ago")
        told.append(f"负责人 / owner: {escape(row['owner']) or ' / '.join(LABELS[''])}")
        lines.append(f"- {_case(row)}: {'；'.join(told)}")
    return _section("久无进展的对接 / Cases going stale", lines)


def _odd(odd: pd.DataFrame) -> list[str]:
    lines = []
    for row in _rows(odd):
        if row["what"] == REFUSED:
            told = f"排第 {row['rank']:.0f} 位却被谢绝 / declined although ranked {row['rank']:.0f}"
        elif row["what"] == RULED_OUT:
            rules = [rule for rule in str(row["rule"] or "").split(";") if rule]
            zh, en = ("；".join(phrase("rule", rule, language) for rule in rules) for language in ("zh", "en"))
            told = f"曾判不符合条件却已兑现 / delivered although ruled out: {zh} / {en}"
        elif row["rank"] > LOW:
            told = f"排第 {row['rank']:.0f} 位却已兑现 / delivered although ranked {row['rank']:.0f}"
        else:
            told = f"不在前 {row['top']} 位却已兑现 / delivered although not among the first {row['top']}"
        lines.append(f"- {row['on'].date()} {_case(row)}: {told}（run {row['run_id']}）")
    return _section("与预测相反的结果 / Outcomes against the prediction", lines)


def _deadlines(due: list[Due], as_of: date) -> list[str]:
    lines = []
    for one in due:
        left = one.days(as_of)
        if left is None or one.due is None or one.state == DONE or left > AHEAD_DAYS:
            continue
        kind = ("赛事专报", "quarterly report") if one.kind == "quarter" else ("赛事总结", "contest summary")
        late = f"已逾期 {-left} 天 / {-left} days late" if left < 0 else f"还有 {left} 天 / {left} days left"
        doubt = "，日期暂定 / provisional date" if one.provisional else ""
        lines.append(f"- {one.due} {kind[0]} / {kind[1]}: {escape(one.scope.zh)}，{late}{doubt}")
    return _section("报送期限 / Deadlines", lines)
