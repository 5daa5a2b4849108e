"""Digest files: whose they are, what stands in them, and that no text in them becomes markup or a path."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from alert_market import NO_ROWS, busiest, event, listed, record, save
from click.testing import CliRunner

from app.cli import main
from app.digests import MOST, digests, escape, file_name, write_digests
from app.new_matches import NewMatches
from app.saved_searches import Kept, SavedSearch
from app.system import System
from data.followup_entry import set_followup
from data.sample.generator import AS_OF


def test_texts_of_people_are_no_markup_and_names_no_paths(tmp_path: Path) -> None:
    hostile = "[点我](https://example.com) <img src=x> `rm` **粗**\n# 标题 www.example.com | $x$ a@example.com"
    shown = escape(hostile)
    assert "\n" not in shown
    for mark in "[]<>`*#|$@:":
        assert f"\\{mark}" in shown or mark not in hostile
        assert mark not in shown.replace(f"\\{mark}", "")
    assert "www\\.example" in shown
    name = file_name("owner", "../../etc/passwd")
    assert "/" not in name and ".." not in name and name != file_name("owner", "etcpasswd")
    kept = Kept("../I", "financing", SavedSearch(hostile, "list", ""))
    row = {"project_id": "P", "name": hostile, "rank": 1, "sectors": ["[x](y)"], "province": "浙江"}
    files = digests(AS_OF, [NewMatches(kept, [row], ("award",))], NO_ROWS, NO_ROWS, [], {"../I": hostile})
    write_digests(files, tmp_path / "out")
    assert {path.parent for path in tmp_path.rglob("*.md")} == {tmp_path / "out"}
    text = files[0].text
    assert "award" in text
    assert not re.search(r"(?<!\\)[\[\]<>`*|$]", text)  # all of them escaped
    assert [line for line in text.splitlines() if line.startswith("# ")] == [text.splitlines()[0]]


def test_the_command_writes_a_file_for_every_user(alerting: System, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = alerting.store.path.parent
    (folder / "duijie.toml").write_text('encoder = "none"\n')
    monkeypatch.chdir(folder)
    institution = busiest(alerting)
    save(alerting, institution)
    project = listed(alerting, institution)[0]
    record(alerting, event(project, institution, "introduced", date(2022, 7, 1)))
    case = {"project_id": project, "institution_id": institution, "channel": "financing"}
    set_followup(alerting.store, case, actor="x", today=date(2022, 7, 2), owner="甲科（样例）")

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["alerts", "--store", "m.duckdb", "--as-of", "2022-12-20", *words])
        assert result.exit_code == 0, result.output
        return result.stderr

    assert "0 个新匹配" not in run("--out", "one", "--preview")
    assert "0 个新匹配" not in run("--out", "two")
    assert "0 个新匹配" in run("--out", "three")
    files = {path.name.split("-")[0]: path.read_text("utf-8") for path in (folder / "two").iterdir()}
    assert set(files) == {"institution", "owner", "organizer.md"}
    assert "未回访" in files["owner"] and project in files["owner"]
    assert "2022-12-31 赛事专报" in files["organizer.md"] and "还有 11 天" in files["organizer.md"]
    assert "未回访" not in files["institution"] and "新匹配" in files["institution"]
    assert {path.name for path in (folder / "three").iterdir()} < {path.name for path in (folder / "two").iterdir()}


def test_a_long_section_ends_with_how_many_more() -> None:
    columns = {"owner": "", "project_id": "P", "institution_id": "I", "project": "甲", "institution": "乙"}
    columns |= {"channel": "financing", "state": "not_called", "overdue_days": 3, "rung": "met", "quiet_days": 90}
    stale = pd.DataFrame([{**columns, "last_at": pd.Timestamp(2022, 1, 1)}] * (MOST + 7))
    (organizer,) = digests(AS_OF, [], stale, NO_ROWS, [], {})
    assert organizer.text.count("逾期 3 天") == MOST and "7 more" in organizer.text
