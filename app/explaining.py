"""Explain any pair in words: why it is recommended, or why not."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa

from app.abstentions import abstention_of
from app.abstentions import as_text as abstention_text
from app.explained import as_shown, is_closed
from app.lists import masks_of
from app.system import System
from app.track_record import fact_lines, facts
from app.wishes import wish_lines
from app.wording import phrase, story, story_lines, word
from data.problem import DuijieError
from data.runs import Run, latest_channels
from data.view import View
from features.graph import build_graph, paths
from matcher.channel import channels
from matcher.market import ChannelMarket, build_market
from matcher.reasons import UNKNOWN, feature_families
from matcher.run import as_date
from matcher.why import Why, why

KEPT = 12
"""Views, markets and graphs kept: all channels of one store. Learning a market anew takes seconds to a minute."""
_kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
_lock = threading.Lock()


def explain(system: System, project_id: str, institution_id: str, names: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Explain a pair in every channel that the institution supplies, on the date of each channel's last run.

    Raises
    ------
    DuijieError
        When an id is unknown, or the institution supplies none of the channels.
    """
    found = []
    for name in names or _matched(system):
        run = system.run_of(name)
        view = _view(system, as_date(run.manifest["as_of"]))
        if institution_id not in view.institutions.column("institution_id").to_pylist():
            message = f"该日没有这个机构 / no institution {institution_id!r} on that date"
            raise DuijieError("institution.unknown", message, "duijie export institutions")
        supplied = channels()[name].supply(view).column("institution_id").to_pylist()
        if institution_id not in supplied and not names:
            continue
        told = why(_market(system, view, name, run), project_id, institution_id)
        known = paths(_graph(system, view, name), project_id, institution_id)
        row = {**as_row(told, name, system, run), "facts": facts(known)}
        found.append(as_shown(system, run, told, row))
    if not found:
        raise DuijieError(
            "institution.channel", f"{institution_id} 不供任何渠道 / supplies no channel", "看其类型 / look at its kind"
        )
    return found


def _matched(system: System) -> tuple[str, ...]:
    """Channels that have been matched; all of them when none has, so that the error names one."""
    matched = latest_channels(system.store.runs_folder)
    return tuple(name for name in channels() if name in matched) or tuple(channels())


def _view(system: System, as_of: date) -> View:
    view: View = _keep(("view", *_stamp(system), as_of), lambda: system.store.view(as_of))
    return view


def _graph(system: System, view: View, channel: str) -> Any:
    """The graph of a channel's deals, built once for a state of the store and a date."""
    return _keep(("graph", *_stamp(system), channel, view.as_of), lambda: build_graph(view, channel))


def _market(system: System, view: View, channel: str, run: Run) -> ChannelMarket:
    """The market of a channel, learned once for a state of the store, a run, the settings and the encoder."""
    key = ("market", *_stamp(system), channel, run.run_id, system.settings.fingerprint, *system.encoder_stamp.values())
    market: ChannelMarket = _keep(
        key,
        lambda: build_market(
            view, channels()[channel], system.settings, system.encode(), learned=system.models_of(run, channel)
        ),
    )
    return market


def _stamp(system: System) -> tuple[object, ...]:
    """Changes with every import: path, time and size of the store and of its log."""
    path = system.store.path.resolve()
    found = [file.stat() for file in (path, path.with_name(path.name + ".wal")) if file.exists()]
    return (str(path), *((stat.st_mtime_ns, stat.st_size) for stat in found))


def _keep(key: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """What ``make`` gave for this key before, else now; visitors that ask for the same wait for the first of them."""
    with _lock:
        if key not in _kept:
            _kept[key] = make()
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def as_row(told: Why, channel: str, system: System, run: Run) -> dict[str, Any]:
    """One explanation with its reasons in the shape of the interchange."""
    project = str(told.match["project_id"])
    mask = masks_of(system, run, pa.array([project]))[project]
    families = feature_families(channel)
    reasons = [
        {
            "code": name,
            "weight": told.contributions[name],
            "evidence_project": mask.text(told.evidence.get(f"{family}_project")),  # type: ignore[arg-type]
            "evidence_institution": told.evidence.get(f"{family}_institution"),
        }
        for name, family in families.items()
        if told.contributions[name]
    ]
    reasons.sort(key=lambda reason: -abs(float(reason["weight"])))  # type: ignore[arg-type]
    unknown = f"{told.contributions['unknown_rules']};{told.contributions['unknown_features']}".split(";")
    reasons += [{"code": UNKNOWN + name, "weight": 0.0} for name in dict.fromkeys(unknown) if name]
    return {
        "channel": channel,
        "project_id": told.match["project_id"],
        "institution_id": told.match["institution_id"],
        "status": told.match["status"],
        "rule": told.match["rule"],
        "held_back": told.held,
        "consent": told.consent,
        "score": told.match["score"],
        "rank_for_project": told.match["rank_for_project"],
        "better": told.better,
        "institutions": told.of,
        "reasons": reasons,
        "abstention": abstention_of(run, channel, project),
    }


def as_text(row: dict[str, Any], language: str = "zh") -> str:
    """An explanation for a person."""
    channel = channels()[row["channel"]]
    zh = language == "zh"
    lines = [f"[{channel.label(language)}] {row['project_id']} × {row['institution_id']}"]
    if is_closed(row):
        return "\n".join([*lines, "  ✗ " + word(row["held_back"] or "refused", language)])
    for rule in str(row["rule"] or "").split(";"):
        if rule:
            lines.append("  ✗ " + phrase("rule", rule, language))
    place = row["rank_for_project"]
    score = f"{row['score']:.2f}"
    if place:
        lines.append(f"  {'得分' if zh else 'score'} {score}, {'在' if zh else 'rank'} {place}/{row['institutions']}")
    else:
        told = f"得分 {score}，前面有 {row['better']} 家" if zh else f"score {score}, {row['better']} rank above"
        lines.append("  " + told)
    if row["abstention"]:
        lines.append("  ! " + abstention_text(row["abstention"], row["channel"], language))
    lines += [*story_lines(story(row["reasons"]), language), *fact_lines(row["facts"], language)]
    return "\n".join([*lines, *wish_lines(row["wishes"], language)])
