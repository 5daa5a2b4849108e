"""Read a project: its columns, then its sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from data.tables import TEXT_COLUMNS
from features.reading.claims import Claim, Reading
from features.reading.columns import as_text, project_columns
from features.reading.cues import Found, project_lexicon
from features.reading.needs import facility_needs, service_needs
from features.reading.quantities import space_wanted
from features.reading.remembered import Sentences
from features.reading.sectors_in_text import sector_claims, sentence_weights
from features.reading.stages import STAGES, rounds_named, stage_reached
from features.reading.tickets import amount_sought
from features.reading.topics import Sign, Themes, certainty, signs, themes
from features.text import sentences

_ROUND_WORDS = ("融资", "募", "轮")
NAME, FIRST, LATER = 3.0, 1.3, 1.0


def read_project(row: Mapping[str, Any]) -> Reading:
    """Claims of a project from its columns and its texts (see :data:`data.tables.TEXT_COLUMNS`).

    ``row`` may lack any column. Sentences are verbatim and unique, the name first. Needs that are only implied are
    ``inferred``; topics (kind ``topic``, polarity +1) are processes, business models and the like that the text
    shows to be the project's own, with their certainty as ``number``.
    """
    texts = tuple(as_text(row.get(column)) for column in TEXT_COLUMNS)
    lines = tuple(dict.fromkeys(sentence for text in texts for sentence in sentences(text)))
    claims = project_columns(row)
    known = {claim.kind for claim in claims}
    reader = _Reader(has_name=bool(texts[0]))
    for number, said in enumerate(_sentences(lines, named=reader.has_name)):
        reader.take(number, lines[number], said)
    claims += [claim for claim in reader.claims() if claim.kind not in known & {"stage", "round", "amount", "space"}]
    return Reading(lines, tuple(claims))


class _Said(NamedTuple):
    """What one sentence says by itself. ``sectors`` are (node, weight) by prominence of the sentence's place."""

    sectors: Mapping[float, list[tuple[str, float]]] = MappingProxyType({})
    needs: tuple[Claim, ...] = ()
    stage: tuple[str, bool] | None = None
    sought: float | None = None
    rounds: tuple[str, ...] = ()
    completed: bool = False
    space: float | None = None
    signs: tuple[Sign, ...] = ()
    themes: tuple[tuple[str, float], ...] = ()


def _read(sentence: str, text: str, found: Mapping[str, list[Found]], named: bool) -> _Said:
    """Read one sentence: verbatim, folded, the cues found in it. A name has no needs, and no facts but its topics."""
    sectors: Mapping[float, list[tuple[str, float]]] = MappingProxyType({})
    if hits := found.get("sector"):  # most sentences hold few families' cues: asking all of them costs more
        weigh = partial(sentence_weights, hits, text, project=True)
        sectors = {place: weigh(prominence=place) for place in ((NAME,) if named else (FIRST, LATER))}
    hits = found.get("topic", [])
    topics, spoken = tuple(signs(hits, text)), tuple(themes(hits))
    if named:
        return _Said(sectors, signs=topics, themes=spoken)
    needs: list[Claim] = []
    if hits := found.get("service"):
        needs += service_needs(hits, text, sentence)
    if hits := found.get("facility"):
        needs += facility_needs(hits, text, sentence)
    sought = amount_sought(text)
    of_rounds = sought is not None or any(word in text for word in _ROUND_WORDS)
    return _Said(
        sectors,
        tuple(needs),
        stage_reached(text),
        sought,
        rounds_named(text) if of_rounds else (),
        "已完成" in text or not any(word in text for word in _ROUND_WORDS),
        space_wanted(text),
        topics,
        spoken,
    )


_sentences = Sentences(project_lexicon, _read)


class _Reader:
    """Gathers what the sentences of one project say."""

    def __init__(self, has_name: bool) -> None:
        self.has_name = has_name
        self.weighted: list[tuple[str, float, str]] = []
        self.needs: dict[tuple[str, str], Claim] = {}
        self.single: dict[str, Claim] = {}
        self.stages: list[tuple[bool, int, str]] = []
        self.themes = Themes()
        self.signs: dict[str, list[tuple[Sign, int, str]]] = defaultdict(list)

    def take(self, number: int, sentence: str, said: _Said) -> None:
        """Take in one sentence, verbatim, and what it says."""
        if said.sectors:
            prominence = NAME if self.has_name and number == 0 else FIRST if number <= 2 else LATER
            for node, weight in said.sectors[prominence]:
                self.weighted.append((node, weight, sentence))
        for claim in said.needs:
            self._need(claim)
        self._facts(said, sentence)
        self.themes.take(number, sentence, said.themes)
        for sign in said.signs:
            self.signs[sign.topic].append((sign, number, sentence))

    def _need(self, claim: Claim) -> None:
        key = claim.kind, claim.value
        held = self.needs.get(key)
        better = held is None or (held.inferred and not claim.inferred) or (held.number is None and claim.number)
        if better:
            self.needs[key] = claim

    def _facts(self, said: _Said, sentence: str) -> None:
        if said.stage is not None:
            self.stages.append((said.stage[1], STAGES.index(said.stage[0]), sentence))
        if "amount" not in self.single and said.sought is not None:
            self.single["amount"] = Claim("amount", "", 1, False, sentence, said.sought)
            if said.rounds:
                self.single.setdefault("round", Claim("round", said.rounds[-1], 1, False, sentence))
        if said.rounds and "round" not in self.single and not said.completed:
            self.single["round"] = Claim("round", said.rounds[-1], 1, True, sentence)
        if "space" not in self.single and said.space is not None:
            self.single["space"] = Claim("space", "", 1, True, sentence, said.space)

    def claims(self) -> list[Claim]:
        """What the sentences said, each thing once with its best sentence."""
        found = sector_claims(self.weighted) + list(self.needs.values()) + list(self.single.values())
        if self.stages:
            outright, stage, sentence = max(self.stages, key=lambda item: (item[0], item[1]))
            found.append(Claim("stage", STAGES[stage], 1, not outright, sentence))
        found += self.themes.claims()
        for topic in sorted(self.signs):
            found += self._topic(topic)
        return found

    def _topic(self, topic: str) -> list[Claim]:
        seen = self.signs[topic]
        unless = len({sign.phrase for sign, _, _ in seen if sign.weight == 0})
        shown = [item for item in seen if item[0].weight > 0]
        sure = certainty((sign for sign, _, _ in shown), unless)
        if not shown or sure < 0.3:
            return []
        sentence = max(shown, key=lambda item: (item[0].weight, -item[1]))[2]
        return [Claim("topic", topic, 1, True, sentence, sure)]
