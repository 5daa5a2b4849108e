"""``duijie contacts``: contact data of a case that both sides agreed to."""

from __future__ import annotations

import getpass
from datetime import date

import click
import pyarrow as pa

from app.exports import write
from app.lists import status_today
from app.options import channel_option, format_option, out_option, say, settings_option, store_option
from app.system import open_system
from data.contacts import show_contacts
from data.document import CONTACTS
from data.store import open_store


@click.command("contacts")
@click.argument("project_id")
@click.argument("institution_id")
@channel_option(required=True)
@store_option
@settings_option
@format_option
@out_option
def COMMAND(
    project_id: str, institution_id: str, channel: str, store: str, settings: str | None, form: str, out: str | None
) -> None:
    """双方同意后查看联系方式。Contact data of both sides, once both agreed; each look is kept in the journal.

    The project has to consent to the channel, and the case has to be accepted and not to have ended.
    """
    system = open_system(open_store(store).path, settings)
    shown_as = system.store.merges().get(project_id, project_id)
    known = system.store.shown("projects")["projects"].column("project_id").to_pylist()
    held = status_today(system, shown_as, channel)[0] if shown_as in known else ""
    rows = show_contacts(
        system.store, project_id, institution_id, channel, held=held, actor=getpass.getuser(), today=date.today()
    )
    write({"contacts": pa.Table.from_pylist(rows, schema=CONTACTS)}, form, out, rows)
    say("联系方式仅用于本次对接 / for this introduction only")
