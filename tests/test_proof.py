"""A signing and a delivery need their proof: a warning in a file, a refusal where somebody enters one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from data.entry import check_event, enter_event
from data.intake import Intake, read_paths
from data.proof import UNPROVEN
from data.store import Store

TODAY = date(2024, 6, 1)
CASE = {"project_id": "P1", "institution_id": "I1", "channel": "financing"}
HEADER = "project_id,institution_id,channel,event,at,source\n"
TABLES = {
    "projects": "project_id,name\nP1,项目（样例）\n",
    "institutions": "institution_id,name,kind\nI1,基金（样例）,venture_capital\n",
}


def read(folder: Path, text: str) -> Intake:
    (folder / "outcomes.csv").write_text(text, "utf-8")
    return read_paths([folder / "outcomes.csv"], today=TODAY)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    store = Store(tmp_path / "market.duckdb")
    intake = read_paths([tmp_path / f"{name}.csv" for name in TABLES])
    store.write(intake.tables, intake.problems, actor="test", note={})
    return store


def test_a_file_keeps_what_has_no_proof_and_warns_where_it_stands(tmp_path: Path) -> None:
    rows = (
        "P1,I1,financing,signed,2024-01-05,\n"
        "P1,I1,financing,met,2024-01-02,\n"
        "P1,I1,financing,delivered,2024-02-05,到账凭证\n"
        "P1,I1,placement,已兑现,2024-02-05,无\n"
        "P1,I1,services,delivered,2024-02-05, \n"
    )
    intake = read(tmp_path, HEADER + rows)
    assert intake.rejected == {"outcomes": 0} and intake.tables["outcomes"].num_rows == 5
    told = [one for one in intake.problems if one.code == UNPROVEN.code]
    assert [(one.row, one.column, one.severity) for one in told] == [(row, "source", "warning") for row in (1, 4, 5)]
    assert told[0].message.startswith("outcomes.csv：") and told[0].hint


def test_a_file_without_the_column_warns_too_and_sums_what_is_alike(tmp_path: Path) -> None:
    lines = "".join(f"P{n},I1,financing,delivered,2024-01-05\n" for n in range(30))
    intake = read(tmp_path, HEADER.replace(",source", "") + lines)
    told = [one for one in intake.problems if one.code == UNPROVEN.code]
    assert intake.tables["outcomes"].num_rows == 30
    assert [one.row for one in told] == [0, *range(1, 21)] and "10 more rows alike" in told[0].message


@pytest.mark.parametrize("event", ["signed", "delivered"])
@pytest.mark.parametrize("source", [None, "", "  ", "N/A"])
def test_an_entry_without_proof_is_refused(store: Store, event: str, source: str | None) -> None:
    entry = enter_event(store, {**CASE, "event": event, "at": "2024-01-05", "source": source}, actor="me", today=TODAY)
    assert not entry.accepted and not store.current("outcomes").num_rows
    assert [(one.code, one.severity) for one in entry.problems] == [(UNPROVEN.code, "error")]


def test_an_entry_with_its_proof_or_without_need_of_one_is_kept(store: Store) -> None:
    for event, source in (("signed", "合同 A-1（样例）"), ("met", None)):
        cells = {**CASE, "event": event, "at": "2024-01-05", "source": source}
        assert check_event(store, cells, TODAY).accepted and not check_event(store, cells, TODAY).problems


def test_the_command_line_asks_for_the_proof(duijie: Callable[..., Result], store: Store) -> None:
    told = ("outcome", "P1", "I1", "--channel", "financing", "--event", "已签约", "--store", str(store.path))
    refused = duijie(*told, code=1).stderr
    assert "outcome.proof" in refused and "nothing was written" in refused
    assert "recorded" in duijie(*told, "--source", "合同 A-1（样例）").stderr
    assert store.current("outcomes").column("source").to_pylist() == ["合同 A-1（样例）"]
