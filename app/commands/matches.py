"""``duijie matches``: list matches."""

from __future__ import annotations

from collections.abc import Sequence

import click

from app.exports import write
from app.lists import SIDES, held_today, list_matches, list_reasons, nested
from app.options import (
    channel_option,
    format_option,
    out_option,
    say,
    settings_option,
    side_option,
    store_option,
    top_option,
)
from app.system import open_system
from data.problem import DuijieError
from data.store import Store

WORDS = {
    "projects": ("project.unknown", "项目", "project"),
    "institutions": ("institution.unknown", "机构", "institution"),
}


def require_known(store: Store, side: str, ids: Sequence[str]) -> None:
    """Refuse ids that the store does not have: an empty list would say that nobody fits.

    Raises
    ------
    DuijieError
        ``project.unknown`` or ``institution.unknown``.
    """
    known = set(store.current(side).column(SIDES[side][0]).to_pylist()) if ids else set()
    unknown = next((one for one in ids if one not in known), None)
    if unknown is not None:
        code, zh, en = WORDS[side]
        raise DuijieError(code, f"没有这个{zh} / no {en} {unknown!r}", f"duijie export {side}")


@click.command("matches")
@store_option
@settings_option
@channel_option(required=True)
@side_option
@click.option("--id", "ids", multiple=True, metavar="ID", help="只看这些 / only these")
@top_option
@format_option
@out_option
@click.option("--with-ineligible", is_flag=True, help="也列出未通过规则的 / also pairs that fail a rule")
def COMMAND(
    store: str,
    settings: str | None,
    channel: str,
    side: str,
    ids: tuple[str, ...],
    top: int | None,
    form: str,
    out: str | None,
    with_ineligible: bool,
) -> None:
    """列出匹配结果。List matches, best first; JSON and XLSX carry the reasons."""
    system = open_system(store, settings)
    require_known(system.store, side, ids)
    found = list_matches(system, channel, side, ids, top, ineligible=with_ineligible)
    matches = found.drop_columns(["position"])
    tables, rows = {"matches": matches}, None
    if form in ("json", "xlsx"):
        tables["reasons"] = list_reasons(system, system.run_of(channel), channel, found)
        rows = nested(matches, tables["reasons"])
    write(tables, form, out, rows)
    if held := held_today(system, channel):
        say(f"另有 {held} 个项目今日不予展示 / {held} more projects of the run are not shown today: duijie explain")
