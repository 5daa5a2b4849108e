"""What a run's manifest says, in words: the encoder, the ranker, the counts, the channels; all else as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.dashboard.visitor import Visitor
from matcher.channel import channels


def manifest_words(visitor: Visitor, name: str, value: Any) -> str:
    """One entry of a manifest, to be read; empty when the run has none."""
    if value is None:
        return ""
    if name in WORDED and not isinstance(value, str):
        return WORDED[name](visitor, value)
    if name == "ranker" and value == "transparent":
        return visitor.say("run.ranker_transparent")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _encoder(visitor: Visitor, encoder: Mapping[str, Any]) -> str:
    """By what the run read meaning: the one that comes with the programme, none, or a model by its own name."""
    if encoder["lexical_only"]:
        return visitor.say("run.encoder_none")
    return visitor.say("run.encoder_builtin") if encoder["name"] == "builtin" else str(encoder["name"])


def _ranker(visitor: Visitor, learned: Mapping[str, Any]) -> str:
    """In which channels the order was learned."""
    return visitor.say("run.ranker_learned", channels=_channels(visitor, learned))


def _channels(visitor: Visitor, names: Iterable[str]) -> str:
    known = channels()
    told = [known[one].label(visitor.language) for one in names if one in known]
    return visitor.comma.join(told)


def _counts(visitor: Visitor, counts: Mapping[str, int]) -> str:
    return visitor.say("run.counts_value", **counts)


WORDED: dict[str, Callable[[Visitor, Any], str]] = {
    "encoder": _encoder,
    "ranker": _ranker,
    "channels": _channels,
    "counts": _counts,
}
