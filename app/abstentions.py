"""“无合适对象 / no suitable counterpart” for a person: which projects, and why, in words."""

from __future__ import annotations

from typing import Any

from app.wording import phrase
from data.runs import Run
from matcher.abstaining import NOBODY, UNLIKELY
from matcher.market import features_of


def abstention_of(run: Run, channel: str, project_id: str) -> dict[str, Any] | None:
    """The abstention of a project in a run, or None when it has a suitable counterpart (or the run kept none yet)."""
    name = f"abstentions_{channel}"
    return run.row(name, "project_id", project_id) if run.has(name) else None


def as_text(row: dict[str, Any], channel: str, language: str = "zh") -> str:
    """One abstention in a sentence, with why: the rule that keeps most apart, or the lowest part of the best left."""
    zh = language == "zh"
    parts = ["无合适对象" if zh else "no suitable counterpart"]
    if row["code"] == NOBODY:
        parts.append("该渠道尚无机构" if zh else "the channel has no institution")
    if row["code"] == UNLIKELY:
        chance = f"{row['probability']:.0%} [{row['low']:.0%}, {row['high']:.0%}]"
        least = f"{row['threshold']:.0%}"
        best = row["institution_id"]
        parts.append(
            f"最好的 {best} 也只有 {chance} 的可能，低于 {least}" if zh else f"best: {best}, {chance}, below {least}"
        )
    if row["rule"]:
        reason = phrase("rule", row["rule"], language)
        parts.append(f"多数因此不行：{reason}" if zh else f"most are ruled out: {reason}")
    labels = {f.name: f.label_zh if zh else f.label_en for f in features_of(channel)}
    if row["feature"] in labels:
        weakest = labels[row["feature"]]
        parts.append(f"最弱的一项：{weakest}" if zh else f"weakest part: {weakest}")
    return ("；" if zh else "; ").join(parts)
