"""``duijie scoreboard``: how well institutions served the projects they were introduced to, for the organizer."""

from __future__ import annotations

from datetime import date

import click
import pyarrow as pa

from app.exports import write
from app.options import DateType, channel_option, format_option, out_option, say, store_option
from app.system import call_back_plan
from data.followup import ACTION
from data.store import open_store
from evaluation.scoreboard import LEAST, STAGES, scoreboard

ROUNDED = ("expected", "raw_rate", "adjusted_rate", "low", "high")


@click.command("scoreboard")
@store_option
@channel_option(help="只看该渠道，默认全部 / this channel only, default all")
@click.option("--as-of", type=DateType(), help="按该日所知，默认今天 / as of DATE (YYYY-MM-DD), default today")
@click.option(
    "--stage",
    type=click.Choice(list(STAGES)),
    default="delivered",
    show_default=True,
    help="以何为成效 / what counts as success",
)
@click.option(
    "--least", type=click.IntRange(2), default=LEAST, show_default=True, help="参加排名的最少到期案例 / cases"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@format_option
@out_option
def COMMAND(
    store: str, channel: str | None, as_of: date | None, stage: str, least: int, seed: int, form: str, out: str | None
) -> None:
    """优秀对接服务单位评比：按案例难度与时间校正。Institutions by what they achieve with cases like theirs.

    For the organizer only. Open cases are no failures, few cases count little, and every rank has an interval.
    """
    file = open_store(store)
    view = file.view(as_of or date.today())
    table = scoreboard(
        view,
        file.journal(ACTION),
        stage=stage,
        channel=channel,
        plan=call_back_plan(),
        merges=file.merges(),
        least=least,
        seed=seed,
    )
    table[list(ROUNDED)] = table[list(ROUNDED)].round(4)
    write({"scoreboard": pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)}, form, out)
    ranked = int(table["rank"].notna().sum())
    say(f"{len(table)} 家机构，{ranked} 家到期案例不少于 {least} 个 / institutions, ranked with at least {least} cases")
    say("名次区间重叠者不可区分；仅供主办方参考 / overlapping rank intervals: not told apart; for the organizer only")
