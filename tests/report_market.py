"""A small fictional market for the tests of reports: every consent, group, place and state of an award occurs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from data.store import Store
from data.tables import TABLES

Row = dict[str, Any]
START, END = date(2022, 7, 1), date(2022, 9, 30)
FIELDS = [field.name_zh for field in sectors().fields]
PLACES = [("浙江省", "杭州市"), ("浙江省", "宁波市"), ("浙江省", None), ("山西省", "长治市"), (None, None)]
ZHEJIANG = "第七届“创客中国”浙江省中小企业创新创业大赛"
FINAL = "第七届“创客中国”中小企业创新创业大赛全国总决赛"
EVENTS = ("accepted", "met", "second_contact", "intent", "signed", "delivered")
CONSENTS = (None, ["none"], ["all"], ["financing"], ["financing", "placement", "services", "challenge"])


def _row(table: str, **cells: Any) -> Row:
    return {name: cells.get(name) for name in TABLES[table].names}


def _projects(random: Random, count: int) -> list[Row]:
    rows = []
    for number in range(count):
        province, city = random.choice(PLACES)
        rows.append(
            _row(
                "projects",
                project_id=f"P{number:04d}",
                name=f"项目{number}（样例）",
                applicant=f"申报单位{number}（样例）",
                group=random.choice(["企业组", "企业组", "创客组", None]),
                province=province,
                city=city,
                sectors=random.choice([None, [FIELDS[0]], [FIELDS[1], FIELDS[2]], [FIELDS[3]]]),
                innovation=random.choice([None, "本项目国内首创低温工艺。预计填补空白。", "预计三年内填补空白。"]),
                consent=random.choice(CONSENTS),
                confidentiality=random.choice(["public", "public", "teaser", "closed", None]),
                state=random.choice(["active", "active", "active", "withdrawn"]),
                listed_at=random.choice([None, date(2022, 1, 1), START, END, date(2022, 8, 5)]),
            )
        )
    return rows


def _case(random: Random, project: str, institution: str, channel: str) -> list[Row]:
    day = date(2022, 3, 1) + timedelta(days=random.randrange(213))
    told = [("introduced", day)]
    for event in EVENTS:
        day += timedelta(days=random.randrange(1, 25))
        chance = random.random()
        if chance < 0.12:
            told.append((random.choice(["declined", "withdrawn"]), day))
            break
        if chance < 0.35:
            break
        if chance < 0.9:  # else nobody wrote it down
            told.append((event, day))
    rows = []
    for event, at in told:
        paid = event in ("signed", "delivered") and random.random() < 0.7
        cells = {"amount": float(random.randrange(1, 900) * 10_000) if paid else None, "at": at, "event": event}
        cells["currency"] = random.choice([None, "CNY", "USD"]) if paid else None
        cells["source"] = random.choice([None, "会议纪要（样例）"])
        rows.append(_row("outcomes", project_id=project, institution_id=institution, channel=channel, **cells))
    return rows


def _awards(random: Random, projects: list[Row]) -> list[Row]:
    rows = []
    for row in projects:
        if random.random() < 0.25:
            continue
        status = random.choice(["已公布", "已公布", "公示中", "有异议", None])
        day = random.choice([None, date(2022, 6, 30), START, END, date(2022, 10, 1)])
        cells = {"project_id": row["project_id"], "programme": "创客中国", "edition": "2022", "published_at": day}
        award = random.choice(["一等奖", "二等奖"])
        rows.append(_row("awards", contest=ZHEJIANG, contest_kind="区域赛", award=award, status=status, **cells))
        if random.random() < 0.15:
            cells["published_at"] = START
            rows.append(_row("awards", contest=FINAL, contest_kind="总决赛", award="500强", status="已公布", **cells))
    return rows


def market(seed: int = 3, projects: int = 60, institutions: int = 25, cases: int = 220) -> dict[str, list[Row]]:
    """Rows of every table; ``services`` are the codes of the vocabulary."""
    random = Random(seed)
    found = {"projects": _projects(random, projects)}
    codes = vocabulary("services").codes
    found["institutions"] = [
        _row(
            "institutions",
            institution_id=f"I{number:03d}",
            name=f"机构{number}（样例）",
            kind="venture_capital",
            services=random.choice([None, ["testing"], ["testing", "legal"]]),
        )
        for number in range(institutions)
    ]
    keys = set()
    while len(keys) < cases:
        project, institution = f"P{random.randrange(projects):04d}", f"I{random.randrange(institutions):03d}"
        keys.add(
            (project, institution, random.choice(["financing", "financing", "placement", "services", "challenge"]))
        )
    found["outcomes"] = [row for key in sorted(keys) for row in _case(random, *key)]
    # An imported past deal, a case of a project nobody listed, events on and beside both ends of the period.
    past = {"project_id": "P0000", "institution_id": "I999", "channel": "financing", "event": "delivered"}
    found["outcomes"].append(_row("outcomes", at=date(2020, 1, 1), amount=1e6, **past))
    for number, day in enumerate((START - timedelta(days=1), START, END, END + timedelta(days=1))):
        cells = {
            "project_id": f"P{number:04d}",
            "institution_id": "I500",
            "channel": "placement",
            "event": "introduced",
        }
        found["outcomes"].append(_row("outcomes", at=day, **cells))
    lost = {"project_id": "P-UNLISTED", "institution_id": "I001", "channel": "financing", "event": "met"}
    found["outcomes"].append(_row("outcomes", at=date(2022, 8, 8), **lost))
    found["awards"] = _awards(random, found["projects"])
    found["services"] = [{"code": code} for code in codes]
    return found


def store_of(rows: dict[str, list[Row]], folder: Path) -> Store:
    """A store that holds these rows."""
    store = Store(folder / "report.duckdb")
    names = ("projects", "institutions", "outcomes", "awards")
    tables = {name: pa.Table.from_pylist(rows[name], schema=TABLES[name].schema) for name in names}
    store.write(tables, [], actor="test", note={})
    return store


def within(rows: dict[str, list[Row]], province: str | None, city: str | None = None) -> set[str]:
    """Projects of a place, by its name in the rows."""
    kept = [row for row in rows["projects"] if row["province"] == province and city in (None, row["city"])]
    return {row["project_id"] for row in kept if not row["listed_at"] or row["listed_at"] <= END}
