"""Small markets that tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from app.cli import main
from data.intake import Intake, read_paths
from data.sample.generator import AS_OF, write_sample
from data.store import Store
from matcher.settings import Settings

LEXICAL = Settings(encoder="none")

hypothesis_settings.register_profile("house", deadline=None)  # a test never asserts wall time
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the sample market."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="session")
def sample_intake(sample_folder: Path) -> Intake:
    """The sample market, read and checked."""
    return read_paths([sample_folder])


@pytest.fixture(scope="session")
def sample_store(sample_intake: Intake, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the sample market. Read it; a test that writes makes its own."""
    store = Store(tmp_path_factory.mktemp("store") / "sample.duckdb")
    store.write(sample_intake.tables, sample_intake.problems, actor="test", note={})
    return store


@pytest.fixture(scope="session")
def sample_as_of() -> date:
    """The sample's own today."""
    return AS_OF


@pytest.fixture
def duijie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line in a folder of its own, without an encoder; ``code`` is the exit code that is expected."""
    (tmp_path / "duijie.toml").write_text('encoder = "none"\n')
    monkeypatch.chdir(tmp_path)

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == code, result.output + result.stderr
        return result

    return call
