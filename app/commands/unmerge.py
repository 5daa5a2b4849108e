"""``duijie unmerge``: take a merge back."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from data.merging import UNMERGE
from data.problem import DuijieError
from data.store import open_store


@click.command("unmerge")
@click.argument("absorbed")
@store_option
def COMMAND(absorbed: str, store: str) -> None:
    """撤销合并。Show ABSORBED as a project of its own again; the journal keeps both decisions."""
    file = open_store(store)
    if absorbed not in file.merges():
        raise DuijieError(
            "merge.missing", f"{absorbed} 未并入其他项目 / is not merged into another project", "duijie export projects"
        )
    file.append(getpass.getuser(), UNMERGE, {"absorbed": absorbed})
    say(f"{absorbed}: 已恢复 / a project of its own again")
