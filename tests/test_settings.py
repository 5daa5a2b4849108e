"""Settings: the annotated file equals the defaults; what nobody knows is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.followup import Plan
from data.problem import DuijieError
from matcher.channel import channels
from matcher.market import check_weights, weights_of
from matcher.settings import Settings, load_settings, parse_settings

FILE = Path(__file__).parents[1] / "duijie.toml"


def test_the_annotated_file_holds_the_defaults_and_every_weight() -> None:
    told = load_settings(FILE)
    plain = Settings()
    assert {name: getattr(told, name) for name in vars(plain) if name != "weights"} == {
        name: getattr(plain, name) for name in vars(plain) if name != "weights"
    }
    for name, channel in channels().items():
        assert told.weights[name] == weights_of(channel, plain), f"[weights.{name}]"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"encodr": "builtin"}, "settings.unknown"),
        ({"top": "ten"}, "settings.type"),
        ({"top": True}, "settings.type"),
        ({"top": -1}, "settings.range"),
        ({"candidates": {"many": 1}}, "settings.unknown"),
        ({"weights": {"financing": {"semantic": "big"}}}, "settings.type"),
        ({"weights": {"financing": {"semantics": 1.0}}}, "settings.unknown"),
        ({"weights": {"finance": {"semantic": 1.0}}}, "settings.unknown"),
    ],
)
def test_wrong_settings_are_refused(told: dict[str, object], code: str) -> None:
    with pytest.raises(DuijieError) as error:
        check_weights(parse_settings(told))
    assert error.value.code == code


def test_a_file_that_is_no_toml_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "duijie.toml"
    path.write_text("encoder = ")
    with pytest.raises(DuijieError, match=r"settings\.syntax"):
        load_settings(path)


def test_the_fingerprint_changes_with_a_weight_and_not_with_the_cache() -> None:
    plain = Settings()
    assert plain.fingerprint != parse_settings({"weights": {"financing": {"semantic": 9.0}}}).fingerprint
    assert plain.fingerprint == parse_settings({"cache": "elsewhere", "threads": 1}).fingerprint


def test_the_plan_of_call_backs_is_that_of_the_follow_up() -> None:
    assert (Settings().followup.months, Settings().followup.start) == (Plan().months, Plan().start)
    told = parse_settings({"followup": {"months": [2, 8]}})
    assert told.followup.months == (2, 8)
    assert told.fingerprint == Settings().fingerprint
