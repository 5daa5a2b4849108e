"""A run: every asked channel ranked on one view, with a manifest from which it can be repeated byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

import data
import features
import matcher
from data.view import View
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.market import Encode, build_market, read_texts
from matcher.pipeline import rank_channel
from matcher.settings import Settings
from matcher.tables import contributions_table, evidence_table, matches_table

Progress = Callable[[str, int, int], object]
"""Told the step, how much of it is done and how much there is."""


def view_fingerprint(view: View) -> str:
    """Digest of everything in a view."""
    digest = hashlib.blake2b(digest_size=12)
    for name in ("projects", "institutions", "outcomes", "awards", "needs", "judging"):
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
    view: View, names: Sequence[str], settings: Settings, top: int, encoder: dict[str, Any]
) -> dict[str, Any]:
    """What a run is made of. ``run_id`` is a digest of the rest."""
    manifest = {
        "as_of": view.as_of.isoformat(),
        "channels": list(names),
        "code": code_fingerprint(),
        "counts": {"projects": view.projects.num_rows, "institutions": view.institutions.num_rows},
        "data": view_fingerprint(view),
        "encoder": encoder,
        "ranker": "transparent",
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
) -> dict[str, pa.Table]:
    """All tables of the run that ``manifest`` describes: per channel matches, contributions and evidence."""
    told = progress or (lambda step, done, total: None)
    tables = {"projects": view.projects, "institutions": view.institutions, "needs": view.needs, "awards": view.awards}
    texts = read_texts(view.projects, "projects")
    for name in manifest["channels"]:
        channel = channels()[name]
        told(f"{name}: market", 0, 1)
        market = build_market(view, channel, settings, encode, texts)
        done = 0

        def step(size: int, name: str = name) -> None:
            nonlocal done
            done += size
            told(f"{name}: rank", done, view.projects.num_rows)

        free = may_rank(view.projects, view.awards, name)
        if market.n_institutions == 0:
            free[:] = False
        result = rank_channel(market, free, int(manifest["top"]), step)
        tables[f"matches_{name}"] = matches_table(market, result, manifest["run_id"])
        tables[f"contributions_{name}"] = contributions_table(market, result.ranked)
        tables[f"evidence_{name}"] = evidence_table(market, result.ranked)
    return tables


def as_date(text: str) -> date:
    """A date from ``YYYY-MM-DD``."""
    return date.fromisoformat(text)
