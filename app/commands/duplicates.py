"""``duijie duplicates``: which records may be one project, with the passages that say so."""

from __future__ import annotations

from typing import Any

import click
import pyarrow as pa

from app.exports import write
from app.options import format_option, out_option, say, store_option
from app.same_project import standing, without_contacts, without_decided, without_let_go
from data.store import open_store
from matcher.duplicates.comparing import FEATURES
from matcher.duplicates.finding import AT_LEAST, Found, find_duplicates

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
@click.option("--all", "everything", is_flag=True, help="含已判为不同的 / also pairs that a person declared different")
@format_option
@out_option
def COMMAND(store: str, at_least: float, everything: bool, form: str, out: str | None) -> None:
    """查重：疑似同一项目，由人核对。Records that may be one project, for a person to decide; JSON says why.

    For the organizer: what is confidential is not masked, but phone numbers and the like are never shown. Of a pair
    with a withdrawn, disqualified or closed project only the ids and the score are told, no passage of either side.
    `duijie merge` decides a pair; what was declared different is not listed again.
    """
    file = open_store(store)
    tables = file.shown("projects", "ip")
    found = find_duplicates(tables["projects"], tables["ip"], at_least, told=say_step)
    found = found if everything else without_decided(found, standing(file).apart)
    table = without_let_go(without_contacts(found.table), tables["projects"])
    write({"duplicates": table}, form, out, with_reasons(table, found) if form == "json" else None)
    say(f"{table.num_rows} 对疑似同一项目，请人工核对 / pairs that may be one project: a question, not a finding")


def say_step(step: str) -> None:
    """Tell a step (``compare 12 pairs``) in both languages."""
    word, _, rest = step.partition(" ")
    count = rest.split(" ")[0]
    say(f"{STEPS[word]}{f' {count} 对' if count else ''} / {step}")


def with_reasons(table: pa.Table, found: Found) -> list[dict[str, Any]]:
    """Rows, each with what its features add to the log odds, largest first."""
    rows: list[dict[str, Any]] = table.to_pylist()
    for row, summands in zip(rows, found.summands.tolist(), strict=True):
        told = [(name, round(value, 3)) for name, value in zip(FEATURES, summands, strict=True) if value]
        row["reasons"] = dict(sorted(told, key=lambda item: -abs(item[1])))
    return rows
