"""The sample market: complete, fictional, the same for the same seed, and worth learning from."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path
from statistics import mean

import pandas as pd
import pyarrow as pa
import pytest

from data.cases import AFTER, ENDS, LADDER, STATES, cases
from data.declines import UNMAPPED, decline_code
from data.followup import followups
from data.intake import Intake
from data.reference.vocabularies import vocabulary
from data.sample.entities import Row
from data.sample.followups import write_followups
from data.sample.generator import AS_OF, SampleMarket, build_market, write_sample
from data.sample.history import affinity, fit
from data.sample.pools import MARK, Pools, load_pools
from data.store import Store
from data.tables import TABLES, TEXT_COLUMNS, Kind

KINDS = {
    "financing": ("venture_capital", "government_fund", "bank"),
    "placement": ("park", "incubator", "zone"),
    "services": ("service_platform", "ip_agency", "law", "accounting", "hr", "mentor", "research_institute"),
}


@pytest.fixture(scope="module")
def pools() -> Pools:
    return load_pools()


@pytest.fixture(scope="module")
def market() -> SampleMarket:
    return build_market(7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "new"
    write_sample(path)
    return path


def _read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(row: Row) -> str:
    return "".join(row[column] for column in TEXT_COLUMNS[1:])


def read_rows(name: str, rows: list[Row]) -> pa.Table:
    """Rows of the generator with the types of the store; empty cells become null."""
    text = pa.Table.from_pylist([{key: cell or None for key, cell in row.items()} for row in rows])
    return text.select(list(TABLES[name].names)).cast(TABLES[name].schema)


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _pairs(rows: list[Row], event: str) -> set[tuple[str, str]]:
    return {(row["project_id"], row["institution_id"]) for row in rows if row["event"] == event}


def test_tables_have_the_columns_of_the_interchange(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == set(TABLES)
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert tuple(next(csv.reader(file))) == table.names


def test_keys_are_unique_and_required_cells_filled(folder: Path) -> None:
    for name, table in TABLES.items():
        rows = _read(folder, name)
        keys = Counter(tuple(row[column] for column in table.key) for row in rows)
        assert [key for key, count in keys.items() if count > 1] == []
        assert all(row[column] for row in rows for column in table.required)


def test_codes_and_dates_and_numbers_are_readable(folder: Path) -> None:
    for name, table in TABLES.items():
        for row in _read(folder, name):
            for column in table.columns:
                cell = row[column.name]
                if column.vocabulary and column.vocabulary != "sectors" and cell:
                    labels = cell.split(";") if column.kind is Kind.LIST else [cell]
                    assert all(vocabulary(column.vocabulary).resolve(label) for label in labels), (name, column, cell)
                if column.kind is Kind.DATE and cell:
                    assert date(1990, 1, 1) < date.fromisoformat(cell)
                if column.kind in (Kind.MONEY, Kind.NUMBER) and cell:
                    assert float(cell) > 0


def test_counts(folder: Path) -> None:
    counts = Counter(row["kind"] for row in _read(folder, "institutions"))
    projects = _read(folder, "projects")
    assert len(projects) >= 300 and counts.total() >= 160
    assert sum(row["listed_at"] >= "2022-06-01" for row in projects) >= 260
    for channel, kinds in KINDS.items():
        assert sum(counts[kind] for kind in kinds) >= 50, channel
        assert all(counts[kind] >= 5 for kind in kinds)
    assert counts["lead_enterprise"] == 12
    assert counts["technology_manager"] >= 5
    assert len(_read(folder, "needs")) >= 24
    assert write_sample(folder)["projects"] == len(projects)


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "again", 7)
    write_sample(tmp_path / "other", 8)
    assert _hashes(tmp_path / "again") == _hashes(folder)
    other = _hashes(tmp_path / "other")
    assert all(other[name] != digest for name, digest in _hashes(folder).items())


@pytest.mark.parametrize("seed", [7, 8, 2022])
def test_base_rate(seed: int) -> None:
    rows = build_market(seed).tables["outcomes"]
    introduced, delivered = _pairs(rows, "introduced"), _pairs(rows, "delivered")
    assert 0.02 <= len(introduced & delivered) / len(introduced) <= 0.06
    assert 0.02 <= len(delivered) / len(introduced | delivered) <= 0.06
    assert len(delivered - introduced) >= 20  # deals from before, known only by their end


def test_outcomes_follow_the_hidden_fit(market: SampleMarket) -> None:
    projects = {project.id: project for project in market.projects}
    institutions = {institution.id: institution for institution in market.institutions}
    rows = market.tables["outcomes"]
    delivered = _pairs(rows, "delivered")
    fits: dict[tuple[str, bool], list[float]] = {}
    for project, institution in sorted(_pairs(rows, "introduced")):
        channel = institutions[institution].channel
        value = fit(projects[project], institutions[institution]).value
        fits.setdefault((channel, (project, institution) in delivered), []).append(value)
    for channel in ("financing", "placement", "services"):
        assert mean(fits[channel, True]) > mean(fits[channel, False]) + 1.0
        assert min(fits[channel, True]) < max(fits[channel, False])  # chance has its part


def test_hidden_truth_is_not_exported(folder: Path, pools: Pools) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    ids = [topic.id for topic in pools.topics if len(topic.id) > 6]
    assert [name for name in ids if re.search(rf"(?<![a-z]){name}(?![a-z])", text)] == []


def test_every_region_and_channel(folder: Path, market: SampleMarket, pools: Pools) -> None:
    assert len(pools.contests) == 35
    regional = Counter(p.contest for p in market.projects if not p.past)
    assert all(regional[contest] >= 4 for contest in pools.contests)
    assert {i.contest for i in market.institutions if i.channel == "placement"} == set(pools.contests)
    outcomes = _read(folder, "outcomes")
    assert {row["channel"] for row in outcomes} == {"financing", "placement", "services", "challenge"}
    assert {row["event"] for row in outcomes} == set(vocabulary("events").codes) - set(AFTER)


def test_topics_are_many_and_served(market: SampleMarket, pools: Pools) -> None:
    assert len(pools.topics) >= 90
    assert min(Counter(topic.field for topic in pools.topics).values()) >= 3
    assert len({topic.field for topic in pools.topics}) >= 16
    assert all(len(topic.tech) >= 4 and len(topic.say) >= 2 for topic in pools.topics)
    assert {p.topic for p in market.projects if not p.past} == set(pools.topics)
    for channel in KINDS:
        served = {topic for i in market.institutions if i.channel == channel for topic in i.focus}
        assert served == set(pools.topics)


def test_text_lengths(folder: Path) -> None:
    projects, institutions = _read(folder, "projects"), _read(folder, "institutions")
    lengths = [len(_text(row)) for row in projects]
    assert min(lengths) >= 100 and max(lengths) <= 1200
    assert 280 <= mean(lengths) <= 420
    assert all(len(row["profile"]) <= 100 for row in projects)
    profiles = [len(row["profile"]) for row in institutions]
    assert min(profiles) >= 100 and max(profiles) <= 1200
    assert 190 <= mean(profiles) <= 320


def test_no_template_mark_is_left(folder: Path) -> None:
    for name in ("projects", "institutions", "needs"):
        for row in _read(folder, name):
            assert not re.search(r"[{}<>|]", "".join(row.values())), row


def test_no_personal_data_and_all_names_marked(folder: Path) -> None:
    digits = re.compile(
        r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{17}[\dXx]|(?<!\d)0\d{2,3}[-—－]\d{7,8}|[\w.]+@[\w.]+|https?://|www\."
    )
    for path in folder.iterdir():
        assert digits.search(path.read_text(encoding="utf-8")) is None, path.name
    assert all(MARK in row["applicant"] for row in _read(folder, "projects"))
    assert all(MARK in row["name"] for row in _read(folder, "institutions"))
    ids = re.compile(r"SAMPLE-[PIN]\d{3,4}")
    for name in TABLES:
        for row in _read(folder, name):
            assert all(ids.fullmatch(row[column]) for column in row if column.endswith("_id")), row


def _grams(text: str, size: int = 4) -> set[str]:
    clean = re.sub(r"[\s，。、；：（）/|{}]+", "", text)
    return {clean[i : i + size] for i in range(len(clean) - size + 1)}


def test_institutions_speak_of_a_topic_in_other_words(pools: Pools) -> None:
    shares = []
    for topic in pools.topics:
        wording = _grams("".join((*topic.names, *topic.tech, *topic.use, topic.clients)))
        own = _grams("".join(topic.say))
        shares.append(len(own & wording) / len(own))
    assert max(shares) <= 0.25
    assert mean(shares) <= 0.02


def test_boilerplate_is_varied_and_sentences_rarely_repeated(folder: Path, pools: Pools) -> None:
    parts = chain.from_iterable(pools.project[part].values() for part in ("boilerplate", "frames"))
    assert len({text for texts in parts for text in texts if text}) >= 40
    said = Counter(s for row in _read(folder, "projects") for s in set(re.findall(r"[^。]{20,}。", _text(row))))
    assert max(said.values()) <= 0.06 * len(_read(folder, "projects"))
    assert sum(count == 1 for count in said.values()) > 0.6 * len(said)


def test_awkward_rows_are_there(folder: Path, market: SampleMarket) -> None:
    projects = _read(folder, "projects")
    current = [project for project in market.projects if not project.past]
    for column in ("sectors", "stage", "funding_round", "funding_sought", "services_wanted"):
        assert 0.3 <= mean(not row[column] for row in projects) <= 0.5, column
    assert 0.25 <= mean(row["group"] == "创客组" for row in projects) <= 0.36
    assert 0.02 <= mean(project.row["country"] != "中国" for project in current) <= 0.06
    assert 0.02 <= mean(bool(project.twin) for project in current) <= 0.05
    consents = Counter(row["consent"] for row in projects)
    assert consents["none"] and consents[""] and consents["financing;placement;services"] > 0.3 * len(projects)
    assert {row["confidentiality"] for row in projects} == {"public", "teaser", "closed"}
    assert {row["state"] for row in projects} == {"active", "withdrawn", "disqualified"}
    assert {row["status"] for row in _read(folder, "awards")} == {"公示中", "已公布", "有异议"}
    assert _read(folder, "judging")


def test_wrong_labels(market: SampleMarket, pools: Pools) -> None:
    right = {key: set(field.labels()) for key, field in pools.fields.items()}
    labelled = [p for p in market.projects if p.row["sectors"] and not p.twin]
    wrong = [p for p in labelled if not set(p.row["sectors"].split(";")) & right[p.topic.field]]
    assert 0.03 <= len(wrong) / len(market.projects) <= 0.09


def test_exclusions_hit_projects_that_look_right(market: SampleMarket) -> None:
    pairs = [(p, i) for i in market.institutions for p in market.projects if i.excludes & p.traits]
    near = [(project, institution.id) for project, institution in pairs if affinity(project, institution) >= 0.5]
    assert len(near) >= 60
    assert len({institution for _, institution in near}) >= 14
    # No institution rules out what it lives on.
    assert not any(i.excludes & i.focus[0].traits for i in market.institutions)


def test_needs_are_often_only_implied(market: SampleMarket, pools: Pools) -> None:
    stated = {key: [text.split("{")[0] for text in pool["stated"]] for key, pool in pools.project["needs"].items()}
    unsaid = 0
    for project in market.projects:
        text = _text(project.row)
        for service in project.services:
            unsaid += not project.row["services_wanted"] and not any(head in text for head in stated[service] if head)
    assert unsaid >= 50


def test_time_is_consistent(market: SampleMarket) -> None:
    listed = {project.id: project.listed.isoformat() for project in market.projects}
    listed |= {institution.id: institution.listed.isoformat() for institution in market.institutions}
    first: dict[tuple[str, str], str] = {}
    for row in market.tables["outcomes"]:
        pair = (row["project_id"], row["institution_id"])
        assert "2021-01-01" <= row["at"] <= AS_OF.isoformat()
        assert row["at"] >= max(listed[pair[0]], listed[pair[1]])
        if row["event"] == "introduced":
            first[pair] = row["at"]
        elif row["source"] != "历史成交":
            assert row["at"] >= first[pair]
    for project in market.projects:
        assert project.past or date(2022, 6, 1) <= project.listed <= date(2022, 11, 30)
        assert not project.past or project.listed < date(2022, 6, 1)


def test_two_years_of_events_so_that_every_report_has_something_to_show(market: SampleMarket) -> None:
    rows = market.tables["outcomes"]
    quarters = Counter((row["at"][:4], (int(row["at"][5:7]) + 2) // 3) for row in rows if row["event"] == "introduced")
    assert set(quarters) == {(year, quarter) for year in ("2021", "2022") for quarter in (1, 2, 3, 4)}
    found = cases(read_rows("outcomes", rows), AS_OF)
    found = found[~found["history"]]
    for channel in {*KINDS, "challenge"}:
        own = found[found["channel"] == channel]
        assert {*range(len(LADDER))} - {LADDER.index("signed")} <= set(own["rung"])
        assert set(own["state"]) == set(STATES)
    still = found[found["state"] == "open"]
    waiting = (pd.Timestamp(AS_OF) - still["last_at"]).dt.days
    assert (waiting < 30).sum() >= 100 and (waiting > 90).sum() >= 100  # fresh ones, and ones gone stale
    ended = Counter(decline_code(row["reason"]) for row in rows if row["event"] in ENDS)
    assert UNMAPPED not in ended and len(ended) >= 12
    withdrawn = {decline_code(row["reason"]) for row in rows if row["event"] == "withdrawn"}
    assert "" not in withdrawn and len(withdrawn) >= 4
    proofs = {(row["channel"], row["event"]): row["source"] for row in rows if row["source"] != "历史成交"}
    assert proofs["placement", "second_contact"] == "考察记录" and all(proofs.values())
    grown = Counter(row["project_id"] for row in rows if row["event"] == "delivered" and row["source"] != "历史成交")
    assert sum(count >= 2 for count in grown.values()) >= 3  # cases worth telling


def test_follow_up_of_the_sample(sample_intake: Intake, market: SampleMarket, tmp_path: Path) -> None:
    store = Store(tmp_path / "s.duckdb")
    store.write({"outcomes": sample_intake.tables["outcomes"]}, [], actor="test", note={})
    count = write_followups(store, market.tables["outcomes"])
    assert write_followups(store, market.tables["outcomes"]) == 0
    entries = store.journal("followup")
    assert len(entries) == count > 1000
    assert all(MARK in entry["payload"].get("owner", MARK) for entry in entries)
    found = followups(store.current("outcomes"), entries, AS_OF)
    states = Counter(found["state"])
    assert min(states["scheduled"], states["not_called"], states["closed"]) >= 50
    assert (found["overdue_days"] > 0).sum() >= 50 and found["owner"].nunique() == 6
    assert found["entries"].sum() == count


def test_introductions_respect_consent(market: SampleMarket) -> None:
    consent = {p.id: p.row["consent"] for p in market.projects}
    assert not any(consent[row["project_id"]] == "none" for row in market.tables["outcomes"])


def test_references_resolve(folder: Path) -> None:
    projects = {row["project_id"] for row in _read(folder, "projects")}
    institutions = {row["institution_id"] for row in _read(folder, "institutions")}
    for name in ("outcomes", "awards", "ip", "needs", "judging"):
        for row in _read(folder, name):
            assert row.get("project_id", next(iter(projects))) in projects
            assert row.get("institution_id", next(iter(institutions))) in institutions


def test_twins_share_rights_and_differ_in_name(market: SampleMarket) -> None:
    names = {project.id: project.row["name"] for project in market.projects}
    numbers: dict[str, set[str]] = {}
    for row in market.tables["ip"]:
        numbers.setdefault(row["project_id"], set()).add(row["number"])
    twins = [project for project in market.projects if project.twin]
    assert all(names[twin.id] != names[twin.twin] for twin in twins)
    assert any(numbers.get(twin.id, set()) & numbers.get(twin.twin, set()) for twin in twins)
