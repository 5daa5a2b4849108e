"""``duijie merge``: declare two records one project."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from data.merging import MERGE, check_merge
from data.store import open_store


@click.command("merge")
@click.argument("kept")
@click.argument("absorbed")
@store_option
def COMMAND(kept: str, absorbed: str, store: str) -> None:
    """合并：ABSORBED 与 KEPT 是同一项目。Show two records as one project, KEPT, with the awards of both.

    Nothing that was imported changes, and `duijie unmerge ABSORBED` takes it back. Runs made before hide ABSORBED at
    once; `duijie match` again to rank with the awards and outcomes of both.
    """
    file = open_store(store)
    check_merge(kept, absorbed, file.current("projects").column("project_id").to_pylist(), file.merges())
    file.append(getpass.getuser(), MERGE, {"kept": kept, "absorbed": absorbed})
    say(f"{absorbed} → {kept}")
