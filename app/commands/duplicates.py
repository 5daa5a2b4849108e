"""``duijie duplicates``: which records may be one project, with the passages that say so."""

from __future__ import annotations

from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc

from app.exports import write
from app.masking import PERSONAL
from app.options import format_option, out_option, say, store_option
from data.store import open_store
from matcher.duplicates.comparing import FEATURES
from matcher.duplicates.finding import AT_LEAST, Found, find_duplicates
from matcher.gate import let_go

STEPS = {"read": "读取", "block": "分组", "compare": "比较", "done": "完成"}
"""Words of the progress, by what :func:`find_duplicates` calls a step."""


@click.command("duplicates")
@store_option
@click.option(
    "--at-least",
    type=click.FloatRange(0, 1, min_open=True),
    default=AT_LEAST,
    show_default=True,
    help="最低分 / the lowest score listed",
)
@format_option
@out_option
def COMMAND(store: str, at_least: float, form: str, out: str | None) -> None:
    """查重：疑似同一项目，由人核对。Records that may be one project, for a person to decide; JSON says why.

    For the organizer: what is confidential is not masked, but phone numbers and the like are never shown. Of a pair
    with a withdrawn, disqualified or closed project only the ids and the score are told, no passage of either side.
    """
    tables = open_store(store).shown("projects", "ip")
    found = find_duplicates(tables["projects"], tables["ip"], at_least, told=say_step)
    table = without_let_go(without_contacts(found.table), tables["projects"])
    write({"duplicates": table}, form, out, with_reasons(table, found) if form == "json" else None)
    say(f"{table.num_rows} 对疑似同一项目，请人工核对 / pairs that may be one project: a question, not a finding")


def say_step(step: str) -> None:
    """Tell a step (``compare 12 pairs``) in both languages."""
    word, _, rest = step.partition(" ")
    count = rest.split(" ")[0]
    say(f"{STEPS[word]}{f' {count} 对' if count else ''} / {step}")


def without_let_go(table: pa.Table, projects: pa.Table) -> pa.Table:
    """Pairs without passages where a side is let go: what the other side says alike would tell its text as well."""
    told = zip(projects.column("project_id").to_pylist(), let_go(projects), strict=True)
    gone = pa.array([key for key, why in told if why], pa.string())
    sides = [pc.is_in(table.column(name), value_set=gone) for name in ("project_id_a", "project_id_b")]
    either = pc.or_(*sides)
    for name in ("evidence_a", "evidence_b"):
        kept = pc.if_else(either, "", table.column(name))
        table = table.set_column(table.schema.get_field_index(name), name, kept)
    return table


def without_contacts(table: pa.Table) -> pa.Table:
    """Evidence cut to its longest stretch without a phone number, mail address or the like: still verbatim."""
    for name in ("evidence_a", "evidence_b"):
        told = [max(PERSONAL.split(text), key=len).strip() for text in table.column(name).to_pylist()]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(told, pa.string()))
    return table


def with_reasons(table: pa.Table, found: Found) -> list[dict[str, Any]]:
    """Rows, each with what its features add to the log odds, largest first."""
    rows: list[dict[str, Any]] = table.to_pylist()
    for row, summands in zip(rows, found.summands.tolist(), strict=True):
        told = [(name, round(value, 3)) for name, value in zip(FEATURES, summands, strict=True) if value]
        row["reasons"] = dict(sorted(told, key=lambda item: -abs(item[1])))
    return rows
