"""``duijie search``: free text against projects or institutions."""

from __future__ import annotations

from datetime import date

import click
import pyarrow as pa

from app.exports import write
from app.lists import shown_projects
from app.masking import mask_project
from app.options import channel_option, format_option, out_option, settings_option, side_option, store_option
from app.system import System, open_system
from data.problem import DuijieError
from matcher.channel import channels
from matcher.search import search

DEFAULT_TOP = 10


def search_rows(system: System, text: str, side: str, names: tuple[str, ...], top: int) -> list[dict[str, object]]:
    """Best rows of every asked channel (default: all): channel, rank, id, name, kind or province, score."""
    view = system.store.view(date.today())
    key = "project_id" if side == "projects" else "institution_id"
    lookup = {row[key]: row for row in getattr(view, side).to_pylist()}
    rows: list[dict[str, object]] = []
    for name in names or tuple(channels()):
        channel = channels()[name]
        if channel.supply(view).num_rows == 0 or view.projects.num_rows == 0:
            continue
        shown = shown_projects(system, name)
        found = search(view, text, side, channel, system.settings, system.encode(), max(view.projects.num_rows, 1000))
        kept = [(one, score) for one, score in found if side == "institutions" or one in shown][:top]
        for rank, (one, score) in enumerate(kept, start=1):
            row = lookup[one] if side == "institutions" else mask_project(lookup[one]).row(lookup[one])
            rows.append({"channel": name, "rank": rank, key: one, "name": row["name"], "score": score})
    return rows


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
    write({"search": pa.Table.from_pylist(rows) if rows else pa.table({})}, form, out, rows)
