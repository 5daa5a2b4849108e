"""``duijie calibrate``: learn from the store's own past what a score means, and say how well that holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from app.exports import to_json
from app.options import as_of_option, channel_option, say, settings_option, store_option
from app.system import System, limit_threads, open_system
from evaluation.calibration import Reliability, later_reliability
from matcher.calibrating import learn, past_cases
from matcher.calibration import Calibration, save, scorer_fingerprint
from matcher.channel import channels
from matcher.run import code_fingerprint
from matcher.settings import TARGETS


def calibrated(system: System, name: str, as_of: date) -> Iterator[tuple[str, Calibration, Reliability | None]]:
    """Learn and keep the calibration of a channel; for each rung what it is and how it does on later cases."""
    encode, settings = system.encode(), system.settings
    frame = past_cases(system.store.view, channels()[name], as_of, settings, encode, lambda cut: say(f"{name}: {cut}"))
    scorer = scorer_fingerprint(name, settings, system.encoder_stamp, code_fingerprint())
    calibration = learn(name, frame, as_of, settings, scorer)
    save(system.store.runs_folder, calibration)
    for target in TARGETS:
        held = (
            later_reliability(frame, target, settings.calibration.days(target))
            if target in calibration.curves
            else None
        )
        yield target, calibration, held


def as_row(target: str, calibration: Calibration, held: Reliability | None) -> dict[str, Any]:
    """One rung of one channel for JSON."""
    told: dict[str, Any] = {"channel": calibration.channel, "target": target, **calibration.stamp(target)}
    return {**told, "later": held.as_dict() if held else None}


def as_text(target: str, calibration: Calibration, held: Reliability | None) -> list[str]:
    """One rung of one channel for a person."""
    curve = calibration.curves.get(target)
    title = f"{channels()[calibration.channel].label_zh} {calibration.channel} · {target}"
    if curve is None:
        return [f"{title}: 不给概率 / no probability: {calibration.refused[target]}"]
    shown = range(0, len(curve.scores), max(1, (len(curve.scores) - 1) // 4))
    lines = [
        f"{title}: {curve.method}, {curve.days} 天 days, {curve.positives}/{curve.cases}",
        *(
            f"  score {curve.scores[at]:+.2f} → {curve.probability[at]:.0%} [{curve.low[at]:.0%}, {curve.high[at]:.0%}]"
            for at in shown
        ),
    ]
    if held is None:
        return [*lines, "  历史太短，未能在更晚的对接上检验 / too short a history to check it on later cases"]
    lines.append(
        f"  更晚 {held.later} 例 later cases ({held.reached}), {held.method}: Brier {held.brier}, ECE {held.error:.3f}"
    )
    lines.append(f"  比基准率省 saved against the base rate: {held.skill}")
    lines += [f"  说 said {part.said:.0%} → 实 came {part.came} ({part.cases})" for part in held.bins]
    return lines + [
        f"  ≥ {part.threshold:.2f}: 覆盖 coverage {part.coverage:.0%}, 命中 precision {part.precision:.0%}"
        for part in held.abstaining
        if part.precision is not None
    ]


@click.command("calibrate")
@store_option
@settings_option
@channel_option(multiple=True, help="默认全部 / default: all")
@as_of_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def COMMAND(store: str, settings: str | None, channel: tuple[str, ...], as_of: date | None, form: str) -> None:
    """用以往对接结果校准得分：多大把握被接受。Learn from past introductions what a score means; later runs use it."""
    system = open_system(store, settings)
    limit_threads()
    found = [rung for name in channel or tuple(channels()) for rung in calibrated(system, name, as_of or date.today())]
    if form == "json":
        click.echo(to_json([as_row(*rung) for rung in found]))
    else:
        click.echo("\n".join(line for rung in found for line in as_text(*rung)))
