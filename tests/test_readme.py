"""The tour of the README is run as it stands there, on the sample market and without an encoder."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from app.cli import main

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("serve", "demo", "evaluate")


def tour() -> list[list[str]]:
    """Words of each command of the tour, without ``duijie`` and without comments."""
    text = (ROOT / "README.md").read_text("utf-8").split("## The tour")[1].split("\n## ")[0]
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block
    commands = [shlex.split(line, comments=True) for line in block[1].splitlines()]
    return [words[1:] for words in commands if words[:1] == ["duijie"] and words[1] not in LEFT_OUT]


def test_the_tour_shows_the_commands_that_matter() -> None:
    assert {words[0] for words in tour()} >= {"doctor", "import", "match", "matches", "explain", "search"}


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"^duijie ([a-z]+)", text, re.MULTILINE))
    assert named <= set(main.list_commands(None))  # type: ignore[arg-type]


def test_the_tour_runs(sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sample_folder, "my-tables")
    settings = (ROOT / "duijie.toml").read_text("utf-8")
    lexical = settings.replace('encoder = "builtin"', 'encoder = "none"')
    assert lexical != settings
    Path("duijie.toml").write_text(lexical, "utf-8")
    told = {}
    for words in tour():
        result = CliRunner().invoke(main, words)
        # the doctor finds fault with the missing encoder, and with nothing else; the sample breaks rules on purpose
        assert result.exit_code == (words[0] in ("doctor", "check")), f"{words}: {result.output}"
        told[" ".join(words)] = result
    faults = [line for line in told["doctor"].stdout.splitlines() if line.startswith("✗")]
    assert [line.split()[1] for line in faults] == ["encoder"]
    assert "预览" in told["import my-tables/ --preview"].stderr
    assert "added" in told["import my-tables/"].stderr
    first = next(words for words in tour() if words[0] == "matches")
    assert told[" ".join(first)].stdout.count("SAMPLE-") > 100
    assert openpyxl.load_workbook("candidates.xlsx").sheetnames == ["matches", "reasons"]
    assert "SAMPLE-P0001 × SAMPLE-I001" in told["explain SAMPLE-P0001 SAMPLE-I001"].stdout
