"""Learned rankers kept beside the runs: taught by ``duijie learn``, used by later runs where they won their test.

A file holds the models of one channel by head, the date on which they were taught and the trial of each. A run as of a
date never takes a model that was taught later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.learned.model import Model

FOLDER = "models"


@dataclass(frozen=True)
class Taught:
    """What was taught of a channel as of a date: ``models`` of the heads that won, ``trials`` of all."""

    channel: str
    as_of: str
    models: Mapping[str, Model]
    trials: Sequence[Mapping[str, Any]]

    def to_text(self) -> str:
        """As JSON text."""
        models = {head: model.to_text() for head, model in sorted(self.models.items())}
        told = {"channel": self.channel, "as_of": self.as_of, "models": models, "trials": list(self.trials)}
        return json.dumps(told, sort_keys=True)

    @property
    def digest(self) -> str:
        """Digest of all of it."""
        return hashlib.blake2b(self.to_text().encode(), digest_size=8).hexdigest()


def save(runs: Path, taught: Taught) -> Path:
    """Keep it, whole or not at all; the same date and channel are replaced."""
    folder = runs / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{taught.channel}-{taught.as_of}.json"
    half = file.with_suffix(".part")
    half.write_text(taught.to_text(), encoding="utf-8")
    half.replace(file)
    return file


def choose(runs: Path, names: Sequence[str], as_of: date) -> dict[str, Taught]:
    """The last models of each channel that were taught on or before ``as_of``, where any won."""
    found = {}
    for name in names:
        dated = {file.stem.removeprefix(f"{name}-"): file for file in (runs / FOLDER).glob(f"{name}-*.json")}
        days = [day for day in dated if day <= as_of.isoformat()]
        if days:
            told = json.loads(dated[max(days)].read_text(encoding="utf-8"))
            if told["models"]:
                models = {head: Model.from_text(text) for head, text in told["models"].items()}
                found[name] = Taught(name, told["as_of"], models, told["trials"])
    return found


def stamp(chosen: Mapping[str, Taught] | None) -> str | dict[str, Any]:
    """What the manifest says of who ranked."""
    if not chosen:
        return "transparent"
    return {
        name: {"learned": taught.digest, "as_of": taught.as_of, "heads": sorted(taught.models)}
        for name, taught in sorted(chosen.items())
    }
