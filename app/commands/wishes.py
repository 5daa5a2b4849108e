"""``duijie wishes``: services that projects wish for, stated or inferred."""

from __future__ import annotations

import click

from app.exports import write
from app.options import format_option, out_option, say, settings_option, store_option
from app.system import open_system
from app.wishes import list_wishes
from data.store import open_store


@click.command("wishes")
@store_option
@settings_option
@click.option("--id", "ids", multiple=True, metavar="ID", help="只看这些项目 / only these projects")
@format_option
@out_option
def COMMAND(store: str, settings: str | None, ids: tuple[str, ...], form: str, out: str | None) -> None:
    """项目所需的服务：已填报、原文写明或由原文推断，附原句。Services wished for: stated, written or inferred.

    What is inferred is marked so and carries the sentence it rests on. Projects that take no part are left out.
    """
    system = open_system(open_store(store).path, settings)
    found = list_wishes(system, ids)
    write({"wishes": found}, form, out, found.to_pylist())
    inferred = found.column("how").to_pylist().count("inferred")
    say(f"{found.num_rows} 项需求，其中 {inferred} 项为推断 / wishes, of which inferred")
