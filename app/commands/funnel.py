"""``duijie funnel``: how far introductions came, by group, with open cases as open."""

from __future__ import annotations

from datetime import date

import click

from app.exports import write
from app.options import DateType, format_option, out_option, say, store_option
from data.cases import cases
from data.store import open_store
from evaluation.funnel import SMALL, funnel, funnel_table
from evaluation.grouping import BY, case_groups


@click.command("funnel")
@store_option
@click.option("--by", type=click.Choice(BY), required=True, help="按什么分组 / what to group by")
@click.option(
    "--as-of", type=DateType(), help="按该日所知统计，默认今天 / as known on DATE (YYYY-MM-DD), default today"
)
@click.option(
    "--within",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="引荐后多少天内，默认到已跟踪的最长时间 / rate within DAYS of the introduction, default as far as followed",
)
@click.option(
    "--at-least",
    type=click.IntRange(min=1),
    default=SMALL,
    show_default=True,
    help="少于此数的组不给比率 / no rates for groups of fewer cases",
)
@format_option
@out_option
def COMMAND(
    store: str, by: str, as_of: date | None, within: int | None, at_least: int, form: str, out: str | None
) -> None:
    """漏斗：各组的引荐走到哪一步。How far the introductions of each group came, rung by rung.

    One row a group and rung: cases, those that reached the rung, those still open; then the probability of reaching it
    with a 95 % interval. An open case counts as open, not as failed. A project of two sectors or contests is in both.
    """
    day = as_of or date.today()
    view = open_store(store).view(day, texts=False)
    found = cases(view.outcomes, day)
    table = funnel(found, case_groups(found, by, view), day, within=within, at_least=at_least)
    write({"funnel": funnel_table(table)}, form, out)
    introduced = found[~found["history"]]
    still = int((introduced["state"] == "open").sum())
    say(f"{day}: 引荐 {len(introduced)} 件，未结 {still} 件 / {len(introduced)} introductions, {still} still open")
