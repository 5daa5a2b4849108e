"""``duijie search``: free text against projects or institutions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

import click
import pyarrow as pa

from app.exports import write
from app.lists import shown_projects
from app.masking import Mask
from app.options import channel_option, format_option, out_option, settings_option, side_option, store_option
from app.searching import masked_projects, masks_of_teasers, search_projects
from app.system import System, open_system
from data.personal import without_personal
from data.problem import DuijieError
from data.view import View
from matcher.channel import Channel, channels
from matcher.search import search

DEFAULT_TOP = 10


def search_rows(system: System, text: str, side: str, names: tuple[str, ...], top: int) -> list[dict[str, object]]:
    """Best rows of every asked channel (default: all): channel, rank, id, name, score.

    Projects are searched as they may be shown, and those that may not be shown are left out.
    """
    view = system.store.view(date.today())
    if view.projects.num_rows == 0:
        return []
    asked = [one for name, one in channels().items() if name in (names or channels()) and one.supply(view).num_rows]
    found = _institutions if side == "institutions" else _projects
    return [row for channel in asked for row in found(system, view, channel, text, top)]


def _institutions(system: System, view: View, channel: Channel, text: str, top: int) -> list[dict[str, object]]:
    names = _names(view.institutions, "institution_id")
    found = search(view, text, "institutions", channel, system.settings, system.encode(), top)
    return [_row(channel, rank, "institution_id", one, names[one], score) for rank, (one, score) in enumerate(found, 1)]


def _projects(system: System, view: View, channel: Channel, text: str, top: int) -> list[dict[str, object]]:
    masks = masks_of_teasers(system, None, view.projects)
    masked = dataclasses.replace(view, projects=masked_projects(view.projects, masks))
    shown = shown_projects(system, channel.name)
    hits = search_projects(masked, channel, system.settings, system.encode(), text)
    kept = [hit for hit in hits if hit.project_id in shown][:top]
    names = _names(view.projects, "project_id")
    names |= {row["project_id"]: _teaser(row, masks) for row in view.projects.to_pylist() if row["project_id"] in masks}
    return [
        _row(channel, rank, "project_id", hit.project_id, names[hit.project_id], hit.score)
        for rank, hit in enumerate(kept, 1)
    ]


def _teaser(row: Mapping[str, Any], masks: Mapping[str, Mask]) -> str:
    """The name under which an anonymous project appears."""
    return str(masks[row["project_id"]].row({**row, "confidentiality": "teaser"})["name"])


def _names(table: pa.Table, key: str) -> dict[str, str]:
    return {row[key]: without_personal(row["name"] or "") for row in table.select([key, "name"]).to_pylist()}


def _row(channel: Channel, rank: int, key: str, one: str, name: str, score: float) -> dict[str, object]:
    return {"channel": channel.name, "rank": rank, key: one, "name": name, "score": score}


@click.command("search")
@click.argument("text")
@store_option
@settings_option
@side_option
@channel_option(multiple=True)
@click.option("--top", type=click.IntRange(1, 1000), default=DEFAULT_TOP, show_default=True)
@format_option
@out_option
def COMMAND(
    text: str,
    store: str,
    settings: str | None,
    side: str,
    channel: tuple[str, ...],
    top: int,
    form: str,
    out: str | None,
) -> None:
    """用一段文字找项目或机构。Find projects or institutions by free text."""
    if not text.strip():
        raise DuijieError(
            "search.empty", "the text to search for is empty", 'duijie search "碳纤维预浸料" --for institutions'
        )
    rows = search_rows(open_system(store, settings), text, side, channel, top)
    key = "institution_id" if side == "institutions" else "project_id"
    kinds = {"channel": pa.string(), "rank": pa.int64(), key: pa.string(), "name": pa.string(), "score": pa.float64()}
    write({"search": pa.Table.from_pylist(rows, pa.schema(kinds))}, form, out, rows)
