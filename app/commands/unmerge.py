"""``duijie unmerge``: take a merge back, or that two records are different."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from app.same_project import take_back_different, take_back_same
from data.store import open_store


@click.command("unmerge")
@click.argument("absorbed")
@click.argument("other", required=False)
@store_option
def COMMAND(absorbed: str, other: str | None, store: str) -> None:
    """撤销合并。Show ABSORBED as a project of its own again; the journal keeps both decisions.

    With OTHER, take back that ABSORBED and OTHER were declared different: they are asked about again.
    """
    file = open_store(store)
    if other is not None:
        take_back_different(file, absorbed, other, actor=getpass.getuser())
        say(f"{absorbed} ? {other}: 重新提示 / asked about again")
        return
    take_back_same(file, absorbed, actor=getpass.getuser())
    say(f"{absorbed}: 已恢复 / a project of its own again")
