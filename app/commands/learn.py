"""``duijie learn``: teach a ranker from the store's own past deals; it ranks only where it wins a paired test."""

from __future__ import annotations

from datetime import date

import click

from app.exports import to_json
from app.options import as_of_option, channel_option, say, settings_option, store_option
from app.system import System, limit_threads, open_system
from data.store import open_store
from evaluation.learning import Trial, trial
from features.learned.cuts import HEADS
from features.learned.model import Model, gather, train
from matcher.channel import channels
from matcher.market import build_market
from matcher.taught import Taught, save


def teach(system: System, name: str, as_of: date) -> tuple[Taught, list[Trial]]:
    """Try both heads of a channel, train those that win, and keep the result beside the runs."""
    market = build_market(system.store.view(as_of), channels()[name], system.settings, None).market
    trials: list[Trial] = []
    models: dict[str, Model] = {}
    for head in HEADS:
        say(f"{name} {head}: 试排 / trial")
        trials.append(trial(market, head))
        if trials[-1].won:
            say(f"{name} {head}: 训练 / training")
            models[head] = train(gather(market, head))
    taught = Taught(name, as_of.isoformat(), models, [told.as_dict() for told in trials])
    save(system.store.runs_folder, taught)
    return taught, trials


def as_text(name: str, told: Trial) -> str:
    """One trial for a person."""
    title = f"{name} {told.head}: "
    if told.difference is None:
        return (
            title + f"往期项目 {told.asked} 个，不足以检验，透明排序照常 / too few past projects ({told.asked}) to tell"
        )
    gain = told.difference
    verdict = "学得的排序胜出 / the learned ranker wins" if told.won else "未见差异，透明排序照常 / no difference shown"
    figures = f"nDCG@10 {told.transparent} → {told.learned}, {gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
    return f"{title}{told.asked} 项目 projects, {figures}: {verdict}"


@click.command("learn")
@store_option
@settings_option
@channel_option(multiple=True, help="默认全部 / default: all")
@as_of_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def COMMAND(store: str, settings: str | None, channel: tuple[str, ...], as_of: date | None, form: str) -> None:
    """从以往成交学习排序，胜过透明排序才启用。Teach a ranker from past deals; later runs use it only where it won."""
    system = open_system(open_store(store).path, settings)
    limit_threads()
    found = [(name, teach(system, name, as_of or date.today())) for name in channel or tuple(channels())]
    if form == "json":
        click.echo(to_json([{"channel": name, **told.as_dict()} for name, (_, trials) in found for told in trials]))
    else:
        click.echo("\n".join(as_text(name, told) for name, (_, trials) in found for told in trials))
