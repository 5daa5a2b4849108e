"""``duijie confirm``: conflicts of interest, and the confirmation that one was disclosed."""

from __future__ import annotations

import getpass
from datetime import date

import click
import pyarrow as pa
import pyarrow.compute as pc

from app.exports import write
from app.options import format_option, out_option, say, store_option
from data.conflicts import CONFIRM, KINDS, UNCONFIRM, confirm_entry
from data.problem import DuijieError
from data.store import open_store


def _listed(conflicts: pa.Table, project_id: str | None, institution_id: str | None) -> pa.Table:
    for name, value in (("project_id", project_id), ("institution_id", institution_id)):
        if value is not None:
            conflicts = conflicts.filter(pc.equal(conflicts.column(name), value))
    return conflicts


@click.command("confirm")
@click.argument("project_id", required=False)
@click.argument("institution_id", required=False)
@store_option
@click.option("--conflict", type=click.Choice(KINDS), help="哪一种利益冲突 / which conflict")
@click.option("--note", default="", metavar="TEXT", help="如何披露、谁同意 / how it was disclosed, who agreed")
@click.option("--revoke", is_flag=True, help="收回确认 / take a confirmation back")
@format_option
@out_option
def COMMAND(
    project_id: str | None,
    institution_id: str | None,
    store: str,
    conflict: str | None,
    note: str,
    revoke: bool,
    form: str,
    out: str | None,
) -> None:
    """利益冲突经披露后由人确认；不带 --conflict 时列出全部。Confirm that a conflict was disclosed, or list conflicts.

    A pair in conflict is ineligible until a person confirms it. From the next `duijie match` on it may be recommended,
    and the conflict is told among its reasons. The journal keeps who confirmed what, and when.
    """
    file = open_store(store)
    conflicts = file.view(date.today()).conflicts
    if conflict is None:
        found = _listed(conflicts, project_id, institution_id)
        write({"conflicts": found}, form, out, found.to_pylist())
        waiting = found.num_rows - (pc.sum(found.column("confirmed")).as_py() or 0)
        say(f"{found.num_rows} 处利益冲突，{waiting} 处待确认 / conflicts, of which {waiting} wait for a person")
        return
    if project_id is None or institution_id is None:
        raise DuijieError("conflict.pair", "须指明项目与机构 / name a project and an institution", "duijie confirm")
    shown_as = file.merges().get(project_id, project_id)
    entry = confirm_entry(conflicts, shown_as, institution_id, conflict, note)
    file.append(getpass.getuser(), UNCONFIRM if revoke else CONFIRM, entry)
    say(f"{shown_as} × {institution_id} {conflict}: " + ("已收回 / taken back" if revoke else "已确认 / confirmed"))
    say("下次 duijie match 起生效 / holds from the next duijie match on")
