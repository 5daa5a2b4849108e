"""``duijie merge``: declare two records one project, or declare that they are not."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from app.same_project import declare_different, declare_same
from data.store import open_store


@click.command("merge")
@click.argument("kept")
@click.argument("absorbed")
@click.option(
    "--different", is_flag=True, help="判为不同项目，不再提示 / they are different projects: do not ask again"
)
@store_option
def COMMAND(kept: str, absorbed: str, different: bool, store: str) -> None:
    """合并：ABSORBED 与 KEPT 是同一项目。Show two records as one project, KEPT, with the awards of both.

    Nothing that was imported changes, and `duijie unmerge ABSORBED` takes it back. Runs made before hide ABSORBED at
    once; `duijie match` again to rank with the awards and outcomes of both.

    With --different nothing is merged: `duijie duplicates` does not ask about the two again, until
    `duijie unmerge KEPT ABSORBED` takes that back.
    """
    file = open_store(store)
    if different:
        declare_different(file, kept, absorbed, actor=getpass.getuser())
        say(f"{kept} ≠ {absorbed}")
        return
    declare_same(file, kept, absorbed, actor=getpass.getuser())
    say(f"{absorbed} → {kept}")
