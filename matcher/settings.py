"""Settings: what ``duijie.toml`` may say, with its defaults. Unknown keys are refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.problem import DuijieError

TARGETS = ("accepted", "delivered")
"""Rungs whose probability is learned."""


@dataclass(frozen=True)
class CandidateSettings:
    """How pairs are found before they are ranked."""

    exhaustive_below: int = 2000
    """With fewer institutions than this every pair is ranked, so nothing can be missed."""
    per_retriever: int = 150
    """Otherwise: how many institutions each retriever proposes for a project."""
    per_institution: int = 40
    """Otherwise: how many projects each retriever proposes for an institution."""


@dataclass(frozen=True)
class ExplorationSettings:
    """Places that are not given by score; see :mod:`matcher.exploring`."""

    cold_share: float = 0.05
    """At most this share of a project's list goes to institutions without any outcome so far."""
    random_share: float = 0.0
    """This share of a project's list is drawn at random, so that what a recommendation does can be estimated."""
    reach: int = 3
    """Both are drawn from the first ``reach`` x ``top`` institutions of a project."""


@dataclass(frozen=True)
class CalibrationSettings:
    """When a score may be read as a probability; see :mod:`matcher.calibration`."""

    target: str = "accepted"
    """The rung whose probability stands in ``matches``: that of ``accepted`` or ``delivered``."""
    accepted_days: int = 90
    """Days after the introduction within which it has to be accepted;"""
    delivered_days: int = 365
    """and within which it has to be delivered. Younger cases teach nothing."""
    cases: int = 200
    """Fewest introduced cases of a channel, all at least that old, from which a probability is learned,"""
    positives: int = 20
    """and fewest of them that reached the rung."""
    abstain_below: float = 0.05
    """A project whose best institution has a lower probability than this gets the answer "no suitable counterpart"."""

    def days(self, target: str) -> int:
        """The horizon of a rung of :data:`TARGETS`."""
        return self.accepted_days if target == "accepted" else self.delivered_days


@dataclass(frozen=True)
class FollowupSettings:
    """When somebody asks how an introduction goes on; see :class:`data.followup.Plan`. Changes no ranking."""

    months: tuple[int, ...] = (1, 3, 6, 12, 24)
    """Call-backs so many calendar months after ``start``."""
    start: str = "introduction"
    """``introduction``; or ``contact``: the first of ``months`` after the last contact, again and again."""


@dataclass(frozen=True)
class Settings:
    """All settings. ``fingerprint`` stands in every run's manifest."""

    encoder: str = "builtin"
    """``builtin``, ``static``, ``none``, a model id of a hub, or a folder."""
    dtype: str = "auto"
    """Number format of the encoder: ``auto``, ``fp32``, ``bf16``."""
    cache: str = ""
    """Folder of converted models, vectors and readings; empty: the user's cache folder, or ``DUIJIE_CACHE``."""
    threads: int = 2
    """Threads for encoding and matrix products."""
    top: int = 20
    """How many matches of every project and of every institution a run keeps."""
    seed: int = 7
    candidates: CandidateSettings = field(default_factory=CandidateSettings)
    exploration: ExplorationSettings = field(default_factory=ExplorationSettings)
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)
    followup: FollowupSettings = field(default_factory=FollowupSettings)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Weight of each feature in each channel; what is not named keeps its default."""

    @property
    def fingerprint(self) -> str:
        """Digest of everything that can change a result."""
        told = {k: v for k, v in dataclasses.asdict(self).items() if k not in ("cache", "threads", "followup")}
        return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=8).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Read ``duijie.toml``; None gives the defaults.

    Raises
    ------
    DuijieError
        ``settings.missing``, ``settings.syntax``, ``settings.unknown`` (a key nobody knows) or ``settings.type``.
    """
    if path is None:
        return Settings()
    if not path.exists():
        raise DuijieError("settings.missing", f"{path} 不存在 / does not exist", "name an existing duijie.toml")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DuijieError(
            "settings.syntax", f"{path} 格式有误 / syntax: {error}", "see the annotated duijie.toml"
        ) from error
    return parse_settings(told, str(path))


def parse_settings(told: Mapping[str, Any], where: str = "settings") -> Settings:
    """Settings from a mapping, as :func:`load_settings` gives it; ``where`` names the source in errors."""
    values = dict(told)
    weights = values.pop("weights", {})
    tables = {name: _fill(kind, values.pop(name, {}), where) for name, kind in _TABLES.items()}
    for channel, table in weights.items():
        if not isinstance(table, Mapping) or not all(isinstance(v, int | float) for v in table.values()):
            raise DuijieError("settings.type", f"{where}: [weights.{channel}] 只能填数字 / must hold numbers")
    told_weights = {c: {k: float(v) for k, v in t.items()} for c, t in weights.items()}
    settings: Settings = _fill(Settings, {**values, **tables, "weights": told_weights}, where)
    _check(settings, where)
    return settings


_TABLES = {
    "candidates": CandidateSettings,
    "exploration": ExplorationSettings,
    "calibration": CalibrationSettings,
    "followup": FollowupSettings,
}


def _check(settings: Settings, where: str) -> None:
    """What a type cannot say."""
    shares = settings.exploration
    if shares.cold_share + shares.random_share > 1:
        raise DuijieError(
            "settings.range", f"{where}: 两者之和不得超过 1 / cold_share and random_share must not exceed 1 together"
        )
    if settings.calibration.abstain_below > 1:
        raise DuijieError(
            "settings.range", f"{where}: abstain_below 是概率，至多为 1 / abstain_below is a probability, at most 1"
        )
    if settings.calibration.target not in TARGETS:
        raise DuijieError("settings.range", f"{where}: target 只能是 / must be one of {', '.join(TARGETS)}")


def _fill(kind: type[Any], told: Mapping[str, Any], where: str) -> Any:
    fields = {f.name: f for f in dataclasses.fields(kind)}
    default = kind()
    read = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    for name, value in read.items():
        if name not in fields:
            raise DuijieError(
                "settings.unknown", f"{where}: 没有这个键 / unknown key {name!r}", f"known: {', '.join(fields)}"
            )
        expected = type(getattr(default, name))
        fits = int | float if expected is float else expected
        if not isinstance(value, fits) or isinstance(value, bool) is not (expected is bool):
            raise DuijieError("settings.type", f"{where}: {name} 应为 / must be {expected.__name__}, not {value!r}")
        if expected in (int, float) and not value >= 0:
            raise DuijieError("settings.range", f"{where}: {name} 不得为负 / must not be negative")
    return kind(**read)
