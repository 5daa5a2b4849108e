"""What a score means: the probability that an introduction is accepted, or delivered, within so many days.

A calibration is learned by ``duijie calibrate`` from a store's own past (:mod:`matcher.calibrating`) and kept as one
small file beside the runs. A run uses the last one that was made for its channel and scorer as of its own date or
earlier, and its manifest names it; where there is none, probabilities stay empty and the manifest says why.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.channel import channels
from matcher.market import weights_of
from matcher.settings import TARGETS, Settings

FOLDER = "calibrations"
NEVER = "没有校准文件 / this channel was never calibrated: duijie calibrate"

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Probability by score: straight lines between knots, level beyond them; with its 95 % interval.

    ``days`` is the horizon; ``method`` is how it was fitted, ``log_loss`` what each method lost on later cases (empty:
    too few to compare), ``cases`` and ``positives`` what it was learned from.
    """

    days: int
    method: str
    scores: tuple[float, ...]
    probability: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    cases: int
    positives: int
    log_loss: Mapping[str, float] = field(default_factory=dict)

    def at(self, score: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Probability and the bounds of its interval for each score."""
        found = [np.interp(score, self.scores, values) for values in (self.probability, self.low, self.high)]
        return found[0], found[1], found[2]


@dataclass(frozen=True)
class Calibration:
    """The curves of one channel by rung; ``refused`` says why a rung has none. ``scorer`` is what gave the scores."""

    channel: str
    as_of: date
    scorer: str
    curves: Mapping[str, Curve]
    refused: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Identity: a digest of everything it says."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=8).hexdigest()

    def to_json(self) -> str:
        """As the file keeps it."""
        told = {**dataclasses.asdict(self), "as_of": self.as_of.isoformat()}
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def stamp(self, target: str) -> dict[str, Any]:
        """What the manifest says of it, or why the rung has no probability."""
        if target not in self.curves:
            return {"none": self.refused.get(target, NEVER)}
        curve = self.curves[target]
        told = {"as_of": self.as_of.isoformat(), "days": curve.days, "id": self.digest, "target": target}
        return {**told, "method": curve.method, "cases": curve.cases, "positives": curve.positives}


Chosen = Mapping[str, Calibration | str]
"""By channel: its calibration, or why there is none."""


def from_json(text: str) -> Calibration:
    """A calibration as :meth:`Calibration.to_json` wrote it."""
    told = json.loads(text)
    curves = {target: _curve(curve) for target, curve in told.pop("curves").items()}
    return Calibration(**{**told, "as_of": date.fromisoformat(told["as_of"]), "curves": curves})


def _curve(told: Mapping[str, Any]) -> Curve:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    return Curve(**values)


def scorer_fingerprint(channel: str, settings: Settings, encoder: Mapping[str, Any], code: str) -> str:
    """Digest of all that gives a score its scale and a probability its meaning: code, encoder, weights, horizons."""
    weights = weights_of(channels()[channel], settings)
    days = {target: settings.calibration.days(target) for target in TARGETS}
    told = json.dumps([code, dict(encoder), weights, days], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def save(runs: Path, calibration: Calibration) -> Path:
    """Keep a calibration beside the runs; of the same channel, date and scorer the last one counts."""
    folder = runs / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{calibration.channel}-{calibration.as_of.isoformat()}-{calibration.scorer}.json"
    work = folder / f".{name}"
    work.write_text(calibration.to_json(), encoding="utf-8")
    return work.replace(folder / name)


def choose(
    runs: Path, names: Sequence[str], as_of: date, settings: Settings, encoder: Mapping[str, Any], code: str
) -> dict[str, Calibration | str]:
    """For each channel the last calibration as of ``as_of`` or earlier that fits its scorer, or why there is none.

    Time honest: what was learned with later outcomes is not looked at.
    """
    return {name: _choose(runs, name, as_of, scorer_fingerprint(name, settings, encoder, code)) for name in names}


def _choose(runs: Path, name: str, as_of: date, scorer: str) -> Calibration | str:
    files = sorted((runs / FOLDER).glob(f"{name}-*.json"))
    known = [from_json(path.read_text(encoding="utf-8")) for path in files]
    if not known:
        return NEVER
    earlier = [found for found in known if found.as_of <= as_of]
    if not earlier:
        return f"只有更晚日期的校准 / calibrated as of later dates only, the first {known[0].as_of}"
    fitting = [found for found in earlier if found.scorer == scorer]
    if not fitting:
        return (
            "校准之后程序、编码器、权重或期限有变 / code, encoder, weights or horizon changed since: duijie calibrate"
        )
    return max(fitting, key=lambda found: found.as_of)


def stamps(chosen: Chosen | None, names: Sequence[str], target: str) -> dict[str, dict[str, Any]]:
    """What the manifest says of every channel's calibration."""
    told = {}
    for name in names:
        found = (chosen or {}).get(name, NEVER)
        told[name] = {"none": found} if isinstance(found, str) else found.stamp(target)
    return told
