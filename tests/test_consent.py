"""Consent: given, refused, withdrawn through the journal, and what follows from it at once and in later runs."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import main
from app.commands.export import ranked_table
from app.commands.search import search_rows
from app.dashboard import queries
from app.dashboard.access import open_access
from app.dashboard.desk import open_desk
from app.explaining import as_text, explain
from app.lists import held_today, list_matches, shown_projects
from app.system import System
from data.consents import CONSENT, consent_entry, consent_of, with_consents
from data.merging import MERGE, merges_of
from data.problem import DuijieError
from data.store import Store
from data.tables import TABLES
from matcher.gate import consent
from matcher.settings import Settings

CHANNELS = ("financing", "placement")
KINDS = {"financing": "venture_capital", "placement": "park"}
ROLE = {"financing": "fund", "placement": "park"}
IDS = [f"P{number}" for number in range(1, 7)]
TODAY = date.today()


def projects(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"name": "甲（样例）", **row} for row in rows], schema=TABLES["projects"].schema)


def entry(project: str, answer: str, *channels: str, days: int = 0, action: str = CONSENT) -> dict[str, Any]:
    at = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=days)
    payload = {"project_id": project, "channels": list(channels), "answer": answer, "by": "本人"}
    return {"action": action, "at": at, "payload": payload}


@pytest.mark.parametrize(
    ("told", "answers"),
    [
        (None, ("not_asked", "not_asked")),
        (["financing"], ("given", "refused")),
        (["all"], ("given", "given")),
        (["none"], ("refused", "refused")),
        (["financing=given"], ("given", "not_asked")),
        (["financing=withdrawn"], ("refused", "not_asked")),
        (["financing", "financing=withdrawn"], ("refused", "refused")),
        (["all", "financing=refused"], ("refused", "given")),
        (["none", "financing=given"], ("given", "refused")),
    ],
)
def test_what_a_cell_says(told: list[str] | None, answers: tuple[str, str]) -> None:
    assert tuple(consent_of(told, channel) for channel in CHANNELS) == answers


def test_the_last_answer_of_each_channel_holds_over_the_import() -> None:
    table = projects({"project_id": "P1", "consent": ["all"]}, {"project_id": "P2", "consent": ["none"]})
    told = [
        entry("P1", "withdrawn", "financing", "placement", days=-9),
        entry("P2", "given", "placement", days=-9),
        entry("P1", "given", "placement", days=-5),
        entry("P2", "given", "financing", days=-5, action="other"),
    ]
    after = with_consents(table, told, {})
    assert consent(after, "financing") == ["refused", "refused"]
    assert consent(after, "placement") == ["given", "given"]
    assert consent(after, "services") == ["given", "refused"]
    assert after.schema.equals(table.schema)


def test_every_order_of_two_answers_ends_with_the_last() -> None:
    table = projects({"project_id": "P1"})
    for first, second in itertools.product(("given", "refused", "withdrawn"), repeat=2):
        told = [entry("P1", first, "financing", days=-2), entry("P1", second, "financing", days=-1)]
        assert consent(with_consents(table, told, {}), "financing") == ["given" if second == "given" else "refused"]


def test_an_answer_counts_from_the_day_it_was_entered() -> None:
    table = projects({"project_id": "P1", "consent": ["financing"]})
    told = [entry("P1", "withdrawn", "financing", days=-5)]
    for days, answer in ((-6, "given"), (-5, "refused"), (0, "refused")):
        assert consent(with_consents(table, told, {}, TODAY + timedelta(days)), "financing") == [answer]


def test_an_answer_of_a_merged_record_is_one_of_the_project() -> None:
    merges = merges_of([{"action": MERGE, "payload": {"kept": "P1", "absorbed": "P2"}}])
    after = with_consents(projects({"project_id": "P1"}), [entry("P2", "refused", "financing")], merges)
    assert consent(after, "financing") == ["refused"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("P9", ["financing"], "given", "甲"), "project.unknown"),
        (("P1", ["financing"], "perhaps", "甲"), "consent.answer"),
        (("P1", ["financing"], "given", " "), "consent.by"),
        (("P1", ["lending"], "given", "甲"), "consent.unknown"),
        (("P1", [], "given", "甲"), "consent.unknown"),
    ],
)
def test_an_answer_without_meaning_is_refused(arguments: tuple[Any, ...], code: str) -> None:
    with pytest.raises(DuijieError, match=code.replace(".", r"\.")):
        consent_entry(*arguments, known=["P1"])


def stored(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].schema)


def market(folder: Path, rows: list[dict[str, Any]], awards: list[dict[str, Any]]) -> System:
    """Two institutions a channel and these projects, matched without an encoder."""
    text = "碳纤维预浸料用于风电叶片。强度提高30%。需要检验检测。"
    full = [{"name": f"碳纤维项目{row['project_id']}（样例）", "summary": text, **row} for row in rows]
    institutions = [
        {"institution_id": f"{channel}{number}", "name": f"新材料{channel}{number}（样例）", "kind": kind}
        | {"profile": "投资碳纤维等新材料，面向风电。", "roles": ["match"], "verified": True}
        for channel, kind in KINDS.items()
        for number in (1, 2)
    ]
    store = Store(folder / "s.duckdb")
    tables = {"projects": full, "institutions": institutions, "awards": awards}
    store.write({name: stored(name, told) for name, told in tables.items()}, [], actor="test", note={})
    system = System(store, Settings(encoder="none"))
    system.match(CHANNELS)
    return system


@contextmanager
def environment(system: System) -> Iterator[None]:
    """The store and settings under which the dashboard's queries look."""
    file = system.store.path.with_name("duijie.toml")
    file.write_text('encoder = "none"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUIJIE_STORE", str(system.store.path))
        patch.setenv("DUIJIE_SETTINGS", str(file))
        yield


def everywhere(system: System, channel: str) -> dict[str, set[str]]:
    """Ids of projects by the place in which they are to be seen."""
    found = {
        side: set(list_matches(system, channel, side, ineligible=True).column("project_id").to_pylist())
        for side in ("projects", "institutions")
    }
    found["search"] = {str(row["project_id"]) for row in search_rows(system, "碳纤维", "projects", (channel,), 50)}
    for name in ("matches", "reasons"):
        rows = ranked_table(system, name).to_pylist()
        found[f"export {name}"] = {row["project_id"] for row in rows if row["channel"] == channel}
    with environment(system):
        desk = open_desk(channel, open_access("organizer"))
        lists = [queries.listing(desk, "institutions", one, everything=True) for one in queries.institution_names(desk)]
        found["organizer's lists"] = {match["project_id"] for told in lists for match in told.nested}
    return found | {f"institution's {name}": seen for name, seen in to_institutions(system, channel).items()}


def to_institutions(system: System, channel: str) -> dict[str, set[str]]:
    """What the pages of an institution give: names to choose from, its lists, the sheets of projects."""
    with environment(system):
        desk = open_desk(channel, open_access(ROLE[channel]))
        lists = [
            queries.listing(desk, "institutions", one, everything=False) for one in queries.institution_names(desk)
        ]
        return {
            "names": set(queries.project_names(desk, everything=False)),
            "lists": {match["project_id"] for told in lists for match in told.nested},
            "sheets": {key for key in IDS if queries.project(desk, key)},
        }


@pytest.fixture
def willing(tmp_path: Path) -> System:
    return market(tmp_path, [{"project_id": key, "consent": list(CHANNELS)} for key in IDS], [])


def say(system: System, project: str, answer: str, *channels: str) -> None:
    known = system.store.current("projects").column("project_id").to_pylist()
    system.store.append("test", CONSENT, consent_entry(project, channels, answer, "本人（样例）", known))


def test_a_withdrawal_works_at_once_and_in_later_runs(willing: System) -> None:
    for place, seen in everywhere(willing, "financing").items():
        assert seen == set(IDS), place
    say(willing, "P3", "withdrawn", "financing")
    for place, seen in everywhere(willing, "financing").items():
        assert seen == set(IDS) - {"P3"}, place
    assert set.intersection(*everywhere(willing, "placement").values()) == set(IDS)
    assert (held_today(willing, "financing"), held_today(willing, "placement")) == (1, 0)
    before = willing.run_of("financing").run_id
    run = willing.match(CHANNELS)
    assert run.run_id != before
    assert "P3" not in run.table("matches_financing").column("project_id").to_pylist()
    assert "P3" in run.table("matches_placement").column("project_id").to_pylist()
    say(willing, "P3", "given", "financing")
    assert "P3" in willing.match(CHANNELS).table("matches_financing").column("project_id").to_pylist()


def test_explain_tells_that_consent_is_gone_and_nothing_else(willing: System) -> None:
    told = explain(willing, "P3", "financing1", ("financing",))[0]
    assert told["reasons"]
    say(willing, "P3", "withdrawn", "financing")
    told = explain(willing, "P3", "financing1", ("financing",))[0]
    assert (told["consent"], told["reasons"]) == ("refused", [])
    assert as_text(told).splitlines()[1:] == ["  ✗ 项目方未同意该渠道"]


def test_a_past_run_knows_what_was_known_then(willing: System) -> None:
    say(willing, "P3", "withdrawn", "financing")
    then = willing.store.view(TODAY - timedelta(days=1)).projects
    assert consent(then, "financing") == ["given"] * len(IDS)
    assert "P3" not in shown_projects(willing, "financing")


def test_an_import_does_not_bring_a_project_back(willing: System) -> None:
    say(willing, "P3", "withdrawn", "financing")
    row = {"project_id": "P3", "consent": ["all"], "summary": "新的简介（样例）"}
    willing.store.write({"projects": projects(row)}, [], actor="test", note={})
    assert "P3" not in shown_projects(willing, "financing")
    assert "P3" in shown_projects(willing, "placement")


STATES = st.fixed_dictionaries(
    {
        "state": st.sampled_from([None, "active", "active", "withdrawn", "disqualified"]),
        "confidentiality": st.sampled_from([None, "public", "teaser", "closed"]),
        "consent": st.sampled_from([None, ["all"], ["financing"], ["placement"], ["none"]]),
        "statuses": st.sampled_from([[], ["已公布"], ["公示中"], ["有异议"], ["公示中", "已公布"]]),
        "answers": st.lists(
            st.tuples(st.sampled_from(["given", "refused", "withdrawn"]), st.sampled_from(CHANNELS)), max_size=3
        ),
    }
)


def expected(told: dict[str, Any], channel: str) -> str:
    """What the notices and the interchange say of one project: ``no``, ``organizer`` (not asked yet) or ``all``."""
    if told["state"] in ("withdrawn", "disqualified") or told["confidentiality"] == "closed":
        return "no"
    if told["statuses"] and "已公布" not in told["statuses"]:
        return "no"
    answers = [answer for answer, asked in told["answers"] if asked == channel]
    if answers:
        return "all" if answers[-1] == "given" else "no"
    if told["consent"] is None:
        return "organizer"
    return "all" if channel in told["consent"] or "all" in told["consent"] else "no"


def restate(system: System, rows: list[dict[str, Any]]) -> None:
    """Give the stored projects other cells, as a later import does."""
    known = {row["project_id"]: row for row in system.store.current("projects").to_pylist()}
    changed = stored("projects", [known[row["project_id"]] | row for row in rows])
    system.store.write({"projects": changed}, [], actor="test", note={})


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(STATES, min_size=len(IDS), max_size=len(IDS)), st.booleans())
def test_who_may_not_be_seen_is_seen_nowhere(told: list[dict[str, Any]], run_after: bool) -> None:
    names = ("state", "confidentiality", "consent")
    rows = [{"project_id": key} | {n: one[n] for n in names} for key, one in zip(IDS, told, strict=True)]
    awards = [
        {"project_id": key, "programme": "p", "edition": "1", "award": f"奖{n}", "status": status}
        for key, one in zip(IDS, told, strict=True)
        for n, status in enumerate(one["statuses"])
    ]
    free = [dict.fromkeys(names) | {"project_id": key} for key in IDS]  # what was free may be free no more when shown
    with tempfile.TemporaryDirectory() as folder:
        system = market(Path(folder), rows if run_after else free, awards if run_after else [])
        if not run_after:
            restate(system, rows)
            system.store.write({"awards": stored("awards", awards)}, [], actor="test", note={})
        for key, one in zip(IDS, told, strict=True):
            for answer, channel in one["answers"]:
                say(system, key, answer, channel)
        if run_after:
            system.match(CHANNELS)
        for channel in CHANNELS:
            allowed = {key: expected(one, channel) for key, one in zip(IDS, told, strict=True)}
            visible = {key for key, answer in allowed.items() if answer != "no"}
            for place, seen in everywhere(system, channel).items():
                assert seen <= visible, (place, channel)
            for place, seen in to_institutions(system, channel).items():
                assert seen <= {key for key, answer in allowed.items() if answer == "all"}, (place, channel)
            assert shown_projects(system, channel).keys() == visible


def test_the_command_keeps_who_said_what(willing: System) -> None:
    runner, store = CliRunner(), ["--store", str(willing.store.path)]
    answer = ["--channel", "financing", "--withdrawn", "--by", "负责人，书面（样例）"]
    assert runner.invoke(main, ["consent", "P1", *store, *answer]).exit_code == 0
    shown = runner.invoke(main, ["consent", "P1", *store])
    assert shown.exit_code == 0
    assert "financing 投融资对接: refused" in shown.stdout
    assert "负责人，书面（样例）" in shown.stdout
    told = willing.store.journal(CONSENT)
    assert [(one["payload"]["answer"], one["payload"]["channels"]) for one in told] == [("withdrawn", ["financing"])]
    assert runner.invoke(main, ["consent", "P1", *store, "--channel", "all", "--given", "--by", "本人"]).exit_code == 0
    first = willing.store.shown("projects")["projects"].column("consent").to_pylist()[0]
    assert [consent_of(first, channel) for channel in (*CHANNELS, "services", "challenge")] == ["given"] * 4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["P9"], "project.unknown"),
        (["P1", "--channel", "financing"], "consent.answer"),
        (["P1", "--given", "--by", "甲"], "consent.unknown"),
        (["P1", "--channel", "financing", "--given"], "consent.by"),
    ],
)
def test_the_command_refuses_what_has_no_meaning(willing: System, arguments: list[str], code: str) -> None:
    told = CliRunner().invoke(main, ["consent", *arguments, "--store", str(willing.store.path)])
    assert told.exit_code == 2
    assert code in told.stderr
    assert not willing.store.journal(CONSENT)
