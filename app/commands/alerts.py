"""``duijie alerts``: one digest file a user. Sending them is left to the mail system."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path

import click
import pandas as pd

from app.alerts import QUIET_DAYS, RECENT_DAYS, promising, stale_cases, surprises
from app.digests import digests, write_digests
from app.following import follow_up_list
from app.new_matches import keep_told, new_matches
from app.options import DateType, say, settings_option, store_option
from app.reports.deadlines import deadlines
from app.system import call_back_plan, open_system
from data.cases import KEY
from data.store import Store, open_store


def named(store: Store, odd: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Surprises with the names under which the parties may be shown, and who is in charge; none of a project that is
    let go.
    """
    known = follow_up_list(store, as_of, call_back_plan())[[*KEY, "project", "institution", "owner"]]
    return odd.merge(known, on=KEY, how="inner")


@click.command("alerts")
@store_option
@settings_option
@click.option("--out", required=True, metavar="FOLDER", help="每位用户一个文件 / one file a user")
@click.option("--as-of", type=DateType(), help="按该日，默认今天 / as of DATE (YYYY-MM-DD), default today")
@click.option(
    "--quiet", type=click.IntRange(1), default=QUIET_DAYS, show_default=True, help="多少天无进展算停滞 / days"
)
@click.option(
    "--recent", type=click.IntRange(1), default=RECENT_DAYS, show_default=True, help="结果回看多少天 / days back"
)
@click.option("--preview", is_flag=True, help="写文件但不记为已提醒 / write, but tell the same matches next time")
def COMMAND(
    store: str, settings: str | None, out: str, as_of: date | None, quiet: int, recent: int, preview: bool
) -> None:
    """生成提醒：新匹配、停滞的对接、意外结果、期限。Digests: new matches, stale cases, surprises, deadlines.

    An institution hears only of projects that consented, masked as in its list; the organizer and whoever is in charge
    of a case hear of cases, the organizer of deadlines and of projects to report early as well. A match is told once
    for every saved search.
    """
    file, today = open_store(store), as_of or date.today()
    system = open_system(store, settings)
    matches = new_matches(system, today)
    names = dict(file.current("institutions").select(["institution_id", "name"]).to_pandas().itertuples(index=False))
    files = digests(
        today,
        matches,
        stale_cases(file, today, call_back_plan(), quiet),
        named(file, surprises(file, today, recent), today),
        deadlines(file, today),
        names,
        promising(file, today),
    )
    write_digests(files, Path(out))
    if not preview:
        keep_told(file, matches, actor=getpass.getuser())
    told = sum(len(one.rows) for one in matches)
    say(f"{out}: {len(files)} 个文件 / files, {told} 个新匹配 / new matches")
