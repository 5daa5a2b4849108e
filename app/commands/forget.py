"""``duijie forget``: delete the contact data of a project or an institution."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from data.contacts import forget_contacts
from data.store import Store


@click.command("forget")
@click.argument("subject_id")
@store_option
def COMMAND(subject_id: str, store: str) -> None:
    """删除某项目或机构的全部联系方式。Delete all contact data of a project or an institution.

    That it was deleted is kept in the journal, what it was is not.
    """
    gone = forget_contacts(Store(store), subject_id, getpass.getuser())
    say(f"已删除 {gone} 条联系方式 / contact entries deleted: {gone}")
