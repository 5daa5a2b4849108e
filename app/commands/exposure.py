"""``duijie exposure``: which projects the institutions get to see, by group, and what a fairer share would cost."""

from __future__ import annotations

import click
import pandas as pd
import pyarrow as pa

from app.exports import write
from app.lists import list_matches, shown_projects
from app.options import channel_option, format_option, out_option, say, settings_option, store_option
from app.system import open_system
from evaluation.exposure_floor import floor_prices
from evaluation.grouping import BY_PROJECT, project_groups
from evaluation.visibility import never_seen, seen_by_group

PAIR = ["project_id", "institution_id", "score", "rank_for_institution"]


@click.command("exposure")
@store_option
@settings_option
@channel_option(required=True)
@click.option("--by", type=click.Choice(BY_PROJECT), required=True, help="按什么分组 / what to group by")
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, help="每份名单的位置数 / places on a list"
)
@click.option(
    "--show",
    type=click.Choice(["groups", "unseen", "price"]),
    default="groups",
    show_default=True,
    help="各组占比、从未出现的项目、保底的代价 / shares, projects never seen, or the price of a floor",
)
@format_option
@out_option
def COMMAND(
    store: str, settings: str | None, channel: str, by: str, top: int, show: str, form: str, out: str | None
) -> None:
    """曝光：各组项目在机构名单上的占比。How much of the institutions' lists each group of projects has.

    Counts the first places of every institution's list of the last run, against the projects that may be shown in the
    channel. The price of a floor is the share of the lists' fit that is lost when every group gets at least that part
    of its share; a floor that no lists can meet is told, with the groups that fall short.
    """
    system = open_system(store, settings)
    run = system.run_of(channel)
    ranked = set(run.table("projects").column("project_id").to_pylist())
    eligible = sorted(ranked & set(shown_projects(system, channel)))
    view = system.store.view(pd.Timestamp(run.manifest["as_of"]).date(), texts=False)
    groups = project_groups(eligible, by, view)
    kept = [list_matches(system, channel, side).select(PAIR).to_pandas() for side in ("institutions", "projects")]
    pairs = pd.concat(kept).drop_duplicates(PAIR[:2], ignore_index=True)  # a list may be filled from both sides' best
    places = pairs[pairs["rank_for_institution"] <= top]
    if show == "groups":
        found = seen_by_group(places, groups)
    elif show == "unseen":
        found = groups[groups["project_id"].isin(never_seen(places, eligible))].astype({"group": str})
    else:
        found = floor_prices(pairs, groups, top)
    table = pa.Table.from_pandas(found, preserve_index=False).replace_schema_metadata(None)
    write({"exposure": table}, form, out)
    say(
        f"可展示项目 {len(eligible)} 个，从未出现 {len(never_seen(places, eligible))} 个 /"
        f" {len(eligible)} projects may be shown, {len(never_seen(places, eligible))} are on no list"
    )
