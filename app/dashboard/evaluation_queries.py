"""How good the ranking is, as far as it was measured: kept results, calibrations, trials of learned rankers, effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from app.dashboard.access import denied
from app.dashboard.desk import Desk, allowed
from app.dashboard.outcome_queries import outcome_view
from app.dashboard.stamped import store_key
from data.problem import DuijieError
from evaluation.documents.sections import shown
from evaluation.documents.table import Table
from evaluation.effect import Effect, measure_effect
from evaluation.effect_log import read_log
from evaluation.results import Result, read_results
from matcher.calibration import FOLDER as CALIBRATIONS
from matcher.calibration import Calibration, from_json
from matcher.taught import FOLDER as MODELS

FOLDER = "evaluation"
"""Folder beside the runs where results of ``duijie evaluate … --json`` are looked for."""


@dataclass(frozen=True)
class Measured:
    """Kept results: the folder, when its last file was written (UTC), tables by title and subject, and the results.

    ``problem`` says which file is no result; the rest of the folder is not shown then.
    """

    folder: Path
    written: datetime | None
    tables: tuple[tuple[str, str, Table], ...]
    results: Mapping[str, Result]
    problem: str = ""


@allowed("organizer")
def measured(desk: Desk) -> Measured:
    """What stands in the folder of results beside the store; nothing when there is none."""
    folder = desk.system.store.runs_folder / FOLDER
    files = sorted(folder.glob("*.json"))
    stamp = tuple((file.name, file.stat().st_mtime_ns) for file in files)
    if not files:
        return Measured(folder, None, (), {})
    return _measured(stamp, folder)


@st.cache_resource(max_entries=4, show_spinner=False)
def _measured(stamp: tuple[tuple[str, int], ...], _folder: Path) -> Measured:
    written = datetime.fromtimestamp(max(at for _, at in stamp) / 1e9, UTC)
    try:
        results = read_results(_folder)
        return Measured(_folder, written, tuple(shown(results)), results)
    except DuijieError as error:
        return Measured(_folder, written, (), {}, error.message)
    except (KeyError, TypeError, IndexError) as error:  # a file of the right kind and another version
        return Measured(_folder, written, (), {}, f"{type(error).__name__}: {error}")


@allowed("organizer")
def calibration_of(desk: Desk) -> Calibration | None:
    """The last calibration of the desk's channel that is kept; None where it was never calibrated."""
    files = sorted((desk.system.store.runs_folder / CALIBRATIONS).glob(f"{desk.channel}-*.json"))
    known = [from_json(file.read_text(encoding="utf-8")) for file in files]
    return max(known, key=lambda one: one.as_of, default=None)


@allowed("organizer")
def calibration_in_use(desk: Desk) -> dict[str, Any]:
    """What the manifest of the run says of the channel's calibration: its stamp, or why there is ``none``."""
    told: dict[str, Any] = desk.run.manifest.get("calibration", {}).get(desk.channel, {})
    return told


@allowed("organizer")
def trials_of(desk: Desk) -> tuple[str, list[dict[str, Any]]]:
    """When a ranker was last taught for the desk's channel, and its trials against the transparent one."""
    files = sorted((desk.system.store.runs_folder / MODELS).glob(f"{desk.channel}-*.json"))
    if not files:
        return "", []
    told = json.loads(files[-1].read_text(encoding="utf-8"))
    return str(told["as_of"]), list(told["trials"])


@allowed("organizer")
def effect_of(desk: Desk, as_of: date, target: str, days: int) -> Effect:
    """Did the matching help, in the desk's channel? Within a region the lists are only a part: refused there.

    Raises
    ------
    DuijieError
        ``access.denied``; ``effect.unripe`` when no run is old enough.
    """
    if desk.access.bounded:
        raise denied("effect of the matching")
    return _effect((store_key(desk), desk.channel, desk.run.run_id), as_of, target, days, desk)


@st.cache_resource(max_entries=8, show_spinner=False)
def _effect(key: tuple[object, ...], as_of: date, target: str, days: int, _desk: Desk) -> Effect:
    store = _desk.system.store
    log = read_log(store.runs_folder, _desk.channel, outcome_view(_desk, as_of).outcomes, as_of, target, days)
    return measure_effect(log, _desk.channel, as_of, target, days, store.view)
