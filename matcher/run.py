"""A run: every asked channel ranked on one view, with a manifest from which it can be repeated byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import data
import features
import matcher
from data.view import View
from matcher.abstaining import abstentions_table
from matcher.calibration import Calibration, Chosen, stamps
from matcher.channel import channels
from matcher.exploring import explorer, stamp
from matcher.gate import may_rank
from matcher.market import ChannelMarket, Encode, build_market, read_texts, readings_folder
from matcher.pipeline import Result, rank_channel
from matcher.settings import Settings
from matcher.tables import (
    contributions_table,
    evidence_table,
    exposure_table,
    matches_table,
    probabilities_table,
)
from matcher.taught import Taught
from matcher.taught import stamp as ranker_stamp

Progress = Callable[[str, int, int], object]
"""Told the step, how much of it is done and how much there is."""


def view_fingerprint(view: View) -> str:
    """Digest of everything in a view."""
    digest = hashlib.blake2b(digest_size=12)
    for name in ("projects", "institutions", "outcomes", "awards", "needs", "judging", "conflicts", "passes"):
        table: pa.Table = getattr(view, name)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        digest.update(name.encode() + sink.getvalue())
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Digest of the source that can change a result: the rooms data, features and matcher."""
    digest = hashlib.blake2b(digest_size=8)
    for room in (data, features, matcher):
        root = Path(room.__path__[0])
        for path in sorted(
            p for p in root.rglob("*") if p.suffix in (".py", ".csv", ".toml") and "sample" not in p.parts
        ):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def make_manifest(
    view: View,
    names: Sequence[str],
    settings: Settings,
    top: int,
    encoder: dict[str, Any],
    calibrations: Chosen | None = None,
    taught: Mapping[str, Taught] | None = None,
) -> dict[str, Any]:
    """What a run is made of. ``run_id`` is a digest of the rest."""
    manifest = {
        "as_of": view.as_of.isoformat(),
        "calibration": stamps(calibrations, names, settings.calibration.target),
        "channels": list(names),
        "code": code_fingerprint(),
        "counts": {"projects": view.projects.num_rows, "institutions": view.institutions.num_rows},
        "data": view_fingerprint(view),
        "encoder": encoder,
        "exploration": stamp(settings, top),
        "ranker": ranker_stamp(taught),
        "seed": settings.seed,
        "settings": settings.fingerprint,
        "top": top,
    }
    digest = hashlib.blake2b(json.dumps(manifest, sort_keys=True).encode(), digest_size=8).hexdigest()
    return {**manifest, "run_id": f"r{digest}"}


def rank_view(
    view: View,
    manifest: dict[str, Any],
    settings: Settings,
    encode: Encode | None,
    progress: Progress | None = None,
    calibrations: Chosen | None = None,
    taught: Mapping[str, Taught] | None = None,
) -> dict[str, pa.Table]:
    """All tables of the run that ``manifest`` describes.

    Per channel matches, contributions, evidence and abstentions; probabilities where it is calibrated, and exposure
    where places were given otherwise than by score.
    """
    told = progress or (lambda step, done, total: None)
    tables = {name: getattr(view, name) for name in ("projects", "institutions", "needs", "awards", "conflicts")}
    texts = read_texts(view.projects, "projects", readings_folder(settings))
    top = int(manifest["top"])
    for name in manifest["channels"]:
        channel = channels()[name]
        told(f"{name}: market", 0, 1)
        models = taught[name].models if taught and name in taught else None
        market = build_market(view, channel, settings, encode, texts, models)
        done = 0

        def step(size: int, name: str = name) -> None:
            nonlocal done
            done += size
            told(f"{name}: rank", done, view.projects.num_rows)

        asked = may_rank(view.projects, view.awards, name)
        free = asked & (market.n_institutions > 0)
        result = rank_channel(market, free, top, step, explorer(market, top))
        tables.update(_tables_of(market, result, asked, manifest["run_id"], (calibrations or {}).get(name)))
    return tables


def _tables_of(
    market: ChannelMarket,
    result: Result,
    asked: NDArray[np.bool_],
    run_id: str,
    calibrated: Calibration | str | None,
) -> dict[str, pa.Table]:
    """The tables of one channel; ``asked`` are the projects that take part in it."""
    name, told = market.channel.name, market.settings.calibration
    calibration = calibrated if isinstance(calibrated, Calibration) else None
    curve = calibration.curves.get(told.target) if calibration else None
    tables = {
        f"matches_{name}": matches_table(market, result, run_id, curve),
        f"contributions_{name}": contributions_table(market, result.ranked),
        f"evidence_{name}": evidence_table(market, result.ranked),
        f"abstentions_{name}": abstentions_table(market, result, asked, curve, told.abstain_below),
    }
    if calibration and calibration.curves:
        tables[f"probabilities_{name}"] = probabilities_table(market, result.ranked, calibration)
    if result.exposure is not None:
        tables[f"exposure_{name}"] = exposure_table(market, result.exposure)
    return tables


def as_date(text: str) -> date:
    """A date from ``YYYY-MM-DD``."""
    return date.fromisoformat(text)
