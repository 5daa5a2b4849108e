"""Small markets that tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from app.cli import main
from app.system import System
from data.intake import Intake, read_paths
from data.sample.generator import AS_OF, write_sample
from data.store import Store
from matcher.settings import Settings

if TYPE_CHECKING:
    from dashboard_market import DashboardMarket

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


@pytest.fixture(scope="session")
def written_market(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """The market that pages are tried on, written and matched once; modules copy it, nobody writes into it."""
    from dashboard_market import write_market  # the pages' libraries load slowly, and few tests need them

    return write_market(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="module")
def market(written_market: DashboardMarket, tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """The module's own copy of the market."""
    from dashboard_market import copied

    return copied(written_market, tmp_path_factory.mktemp("market"))


@pytest.fixture
def pages(market: DashboardMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the module's market."""
    from page_visits import use

    use(market, monkeypatch)


@pytest.fixture
def own_store(pages: None, market: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of the test's own, which pages read."""
    from page_visits import copy_of

    return copy_of(market, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def written_duplicates(tmp_path_factory: pytest.TempPathFactory) -> DashboardMarket:
    """The market of records that may be one project; tests copy it, nobody writes into it."""
    from duplicate_market import write_duplicates

    return write_duplicates(tmp_path_factory.mktemp("duplicates"))


@pytest.fixture
def duplicates(written_duplicates: DashboardMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DashboardMarket:
    """The test's own market of records that may be one project, which pages read."""
    from dashboard_market import copied
    from page_visits import use

    own = copied(written_duplicates, tmp_path)
    use(own, monkeypatch)
    return own


@pytest.fixture(scope="session")
def written_alerts(sample_intake: Intake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small matched store for alerts and digests; tests copy it, nobody writes into it."""
    from alert_market import write_alerts

    return write_alerts(sample_intake, tmp_path_factory.mktemp("alerts") / "m.duckdb")


@pytest.fixture
def alerting(written_alerts: Path, tmp_path: Path) -> System:
    """A copy that a test may write to; the runs are shared, and only read."""
    copy = tmp_path / "m.duckdb"
    copy.write_bytes(written_alerts.read_bytes())
    (tmp_path / "m.duckdb.runs").symlink_to(written_alerts.with_name("m.duckdb.runs"))
    return System(Store(copy), Settings(encoder="none", top=8))


@pytest.fixture(scope="session")
def written_import(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small matched store to import into; tests copy it, nobody writes into it."""
    from import_uploads import write_matched

    return write_matched(tmp_path_factory.mktemp("import"))


@pytest.fixture
def import_store(written_import: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A copy that pages read and import into. Whatever a test does, no temporary file is left behind it."""
    from import_uploads import copy_of, left_behind

    yield copy_of(written_import, tmp_path, monkeypatch)
    assert left_behind() == []


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
