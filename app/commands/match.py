"""``duijie match``: rank and keep a run."""

from __future__ import annotations

import time
from datetime import date

import click

from app.options import Bars, as_of_option, channel_option, say, settings_option, store_option
from app.system import open_system


@click.command("match")
@store_option
@settings_option
@channel_option(multiple=True, help="默认全部 / default: all")
@as_of_option
@click.option("--top", type=click.IntRange(1, 1000), help="每个项目、每个机构各保留多少 / the N best of both sides")
@click.option("--seed", type=click.IntRange(0), help="随机种子 / seed")
def COMMAND(
    store: str, settings: str | None, channel: tuple[str, ...], as_of: date | None, top: int | None, seed: int | None
) -> None:
    """为每个项目、每个机构排序，保留各自最好的若干个。Rank; keep the best of every project and institution."""
    system = open_system(store, settings)
    changes = {name: value for name, value in (("top", top), ("seed", seed)) if value is not None}
    if changes:
        system = system.with_settings(**changes)
    bars, begin = Bars(), time.perf_counter()
    try:
        run = system.match(channel, as_of, bars, bars.encoding)
    finally:
        bars.close()
    counts = ", ".join(f"{name} {run.table(f'matches_{name}').num_rows}" for name in run.manifest["channels"])
    say(f"run {run.run_id} as of {run.manifest['as_of']}: {counts} ({time.perf_counter() - begin:.1f} s)")
    if run.manifest["encoder"]["lexical_only"]:
        say("注意：本次无编码器，只按词面与结构排序 / note: no encoder, ranked lexically")
