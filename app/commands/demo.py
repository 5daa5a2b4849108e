"""``duijie demo``: the fictional sample market, from import to dashboard."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from app.commands.serve import PORT, serve
from app.lists import list_matches
from app.options import Bars, say, settings_option
from app.system import System, open_system
from data.intake import read_paths
from data.sample.followups import write_followups
from data.sample.generator import AS_OF, build_market, write_sample
from matcher.channel import channels

FOLDER = ".demo"


def import_sample(system: System, seed: int) -> None:
    """Write the sample tables to a temporary folder and import them, with the call-backs that followed."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), seed=seed)
        intake = read_paths([Path(folder)])
        system.store.write(
            intake.tables,
            intake.problems,
            actor="demo",
            note={"sample": True, "seed": seed},
            present=intake.present,
        )
    write_followups(system.store, build_market(seed).tables["outcomes"], seed)


@click.command("demo")
@click.option("--store", default=f"{FOLDER}/duijie.duckdb", show_default=True, metavar="FILE")
@settings_option
@click.option("--no-serve", is_flag=True, help="不打开看板 / stop before the dashboard")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.pass_context
def COMMAND(ctx: click.Context, store: str, settings: str | None, no_serve: bool, port: int, seed: int) -> None:
    """示例市场（虚构）：导入、匹配、看板。The fictional sample market: import, match, dashboard."""
    begin, bars = time.perf_counter(), Bars()
    system = open_system(store, settings)
    import_sample(system, seed)
    say(f"示例数据（虚构）已导入 / fictional sample imported ({time.perf_counter() - begin:.1f} s)")
    try:
        run = system.match(as_of=AS_OF, progress=bars, encoding=bars.encoding)
    finally:
        bars.close()
    for name in run.manifest["channels"]:
        matches = list_matches(system, name, "projects", top=10)
        say(f"{channels()[name].label_zh} {channels()[name].label_en}: {matches.num_rows} matches")
    say(f"run {run.run_id}, {time.perf_counter() - begin:.1f} s")
    say(f"duijie matches --store {store} --channel financing --for projects")
    if not no_serve:
        ctx.exit(serve(store, settings, port))
