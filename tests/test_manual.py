"""The manual says what the program does: generated pages in sync, pictures and links there, settings complete."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.manual import BEGIN, notes, pages
from matcher.channel import channels
from matcher.market import families, weights_of
from matcher.settings import Settings, parse_settings

ROOT = Path(__file__).parents[1]
GENERATED = pages(ROOT / "docs")


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_generated_pages_are_in_sync(path: Path) -> None:
    assert path.read_text("utf-8") == GENERATED[path], "run: python -m app.manual"


def test_the_pages_name_every_command_and_feature() -> None:
    cli, features = (GENERATED[ROOT / "docs" / name] for name in ("cli.md", "features.md"))
    for name in main.commands if main.commands else main.list_commands(None):  # type: ignore[arg-type]
        assert f"\n## duijie {name}\n" in cli
    assert "\n## duijie evaluate labelled\n" in cli
    table = features.split(BEGIN)[1]
    named = {feature.name for family in families().values() for feature in family.features}
    assert all(table.count(f"\n| `{name}` |") == 2 for name in named)


def test_every_feature_has_its_notes_and_every_note_its_feature() -> None:
    named = {feature.name for family in families().values() for feature in family.features}
    assert set(notes()) == named
    assert all(all(row.values()) for row in notes().values())


def test_the_settings_printed_are_a_settings_file_with_every_weight(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('top = 3\ncache = "a \\"b\\" 文"\n[weights.financing]\nsector = 9.5\n', "utf-8")
    result = CliRunner().invoke(main, ["settings", "--settings", str(file)])
    assert result.exit_code == 0, result.output
    told = parse_settings(tomllib.loads(result.stdout))
    assert (told.top, told.cache, told.weights["financing"]["sector"]) == (3, 'a "b" 文', 9.5)
    wanted = parse_settings({"weights": {"financing": {"sector": 9.5}}})
    assert told.weights == {name: weights_of(channel, wanted) for name, channel in channels().items()}
    assert told.candidates == Settings().candidates


PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing
