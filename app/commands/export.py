"""``duijie export``: what is stored, in the columns of the interchange."""

from __future__ import annotations

import click
import pyarrow as pa

from app.exports import write
from app.lists import list_matches, list_reasons
from app.options import format_option, out_option, say, settings_option, store_option
from app.system import System, open_system
from data.runs import latest_channels
from data.tables import MATCHES, REASONS, TABLES

RANKED = ("matches", "reasons")


def ranked_table(system: System, name: str) -> pa.Table:
    """Matches or reasons of the last run of every channel."""
    parts = []
    for channel in sorted(latest_channels(system.store.runs_folder)):
        found = list_matches(system, channel, "projects", ineligible=True)
        if name == "matches":
            parts.append(found.drop_columns(["position"]))
        else:
            parts.append(list_reasons(system, system.run_of(channel), channel, found))
    return pa.concat_tables(parts) if parts else (MATCHES if name == "matches" else REASONS).empty_table()


@click.command("export")
@click.argument("table", type=click.Choice([*TABLES, "problems", *RANKED]))
@store_option
@settings_option
@format_option
@out_option
def COMMAND(table: str, store: str, settings: str | None, form: str, out: str | None) -> None:
    """导出库中的表。Export a stored table, or the matches and reasons of the last runs."""
    system = open_system(store, settings)
    if table in RANKED:
        rows = ranked_table(system, table)
    else:
        rows = system.store.problems() if table == "problems" else system.store.current(table)
    write({table: rows}, form, out)
    say(f"{table}: {rows.num_rows}")
