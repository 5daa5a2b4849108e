"""``duijie effect``: did the matching help? From past runs and what became of them."""

from __future__ import annotations

from datetime import date

import click
import pyarrow as pa

from app.exports import write
from app.options import as_of_option, channel_option, out_option, settings_option, store_option
from app.system import open_system
from data.cases import LADDER
from data.problem import DuijieError
from evaluation.effect import Effect, measure_effect, table_of
from evaluation.effect_estimators import DR, NAIVE, Answer
from evaluation.effect_log import read_log
from matcher.channel import channels

NAMES = {
    NAIVE: "表面差异（有偏）naive difference, biased",
    "ips": "逆概率加权 inverse propensity",
    "snips": "自归一化 self-normalised",
    DR: "双重稳健 doubly robust",
    "logged": "实际名单 as it was",
    "gain": "比实际名单多 gain over it",
}
POLICIES = {"score": "全按得分 all by score", "random": "全部随机 all at random"}


def as_text(told: Effect) -> list[str]:
    """The answers of one channel for a person."""
    channel = channels()[told.channel]
    lines = [
        f"[{channel.label_zh} {channel.label_en}] {told.target}, {told.days} 天 days, {told.today}",
        f"  {len(told.runs)} 次匹配 runs；未满期 not yet ripe {told.unripe}，重叠 overlapping {told.overlapping}",
        "  按名次 by place",
        *(f"    {group.label:>8}: {group.rate} ({group.pairs})" for group in told.by_place),
        "  按得分 by score",
        *(f"    {group.label:>14}: {group.rate} ({group.pairs})" for group in told.by_score),
        f"  与基线相比 against baselines ({told.ranking.lists} 份有结果的名单 lists on which something came)",
    ]
    lines += [f"    {claim}" for claim in told.ranking.claims] or [
        f"    无法估计 / cannot tell: {told.ranking.refused}"
    ]
    lines += ["  上榜的作用 what a place does", *_answer(told.place)]
    for name, answer in told.policies.items():
        lines += [f"  若{POLICIES[name]}: 每份名单结果数 outcomes a list", *_answer(answer)]
    return lines


def _answer(answer: Answer) -> list[str]:
    """Estimates, and the verdict of the doubly robust one; or the refusal."""
    if answer.support.refused:
        return [f"    无法估计 / cannot be estimated: {answer.support.refused}"]
    lines = [f"    {NAMES[e.name]}: {e.value:+.4f} [{e.low:+.4f}, {e.high:+.4f}]" for e in answer.estimates.values()]
    decisive = answer.estimates.get("gain", answer.estimates[DR])
    if not decisive.shown:
        lines.append("    未见差异 / no difference shown")
    return lines


@click.command("effect")
@store_option
@settings_option
@channel_option(multiple=True, help="默认全部 / default: all")
@as_of_option
@click.option("--target", type=click.Choice(LADDER[1:]), default="accepted", show_default=True, help="到哪一步 / rung")
@click.option("--horizon", type=click.IntRange(1), default=90, show_default=True, help="天数 / days after the run")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@out_option
def COMMAND(
    store: str,
    settings: str | None,
    channel: tuple[str, ...],
    as_of: date | None,
    target: str,
    horizon: int,
    form: str,
    out: str | None,
) -> None:
    """对接有没有用：结果、与基线相比、推荐的作用。Did the matching help? What cannot be estimated is refused."""
    system = open_system(store, settings)
    today = as_of or date.today()
    outcomes = system.store.view(today).outcomes
    found = []
    for name in channel or tuple(channels()):
        log = read_log(system.store.runs_folder, name, outcomes, today, target, horizon)
        if log.runs or channel:
            found.append(measure_effect(log, name, today, target, horizon, system.store.view))
    if not found:
        raise DuijieError("effect.unripe", "没有满期的匹配 / no run is old enough yet", "ask with a shorter --horizon")
    if form == "text":
        click.echo("\n".join(line for told in found for line in as_text(told)))
    else:
        rows = [told.as_dict() for told in found]
        write({"effect": pa.concat_tables([table_of(told) for told in found])}, form, out, rows)
