"""Read a project: its columns, then its sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from data.tables import TEXT_COLUMNS
from features.reading.claims import Claim, Reading
from features.reading.columns import as_text, project_columns
from features.reading.cues import Found, project_lexicon, scan_lines
from features.reading.needs import facility_needs, service_needs
from features.reading.quantities import space_wanted
from features.reading.sectors_in_text import sector_claims, sentence_weights
from features.reading.stages import STAGES, rounds_named, stage_reached
from features.reading.tickets import amount_sought
from features.reading.topics import Sign, certainty, signs
from features.text import folds, sentences

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
    folded = folds(lines)
    for number, found in enumerate(scan_lines(project_lexicon(), folded)):
        reader.read(number, lines[number], folded[number], found)
    claims += [claim for claim in reader.claims() if claim.kind not in known & {"stage", "round", "amount", "space"}]
    return Reading(lines, tuple(claims))


class _Reader:
    """Gathers what the sentences of one project say."""

    def __init__(self, has_name: bool) -> None:
        self.has_name = has_name
        self.weighted: list[tuple[str, float, str]] = []
        self.needs: dict[tuple[str, str], Claim] = {}
        self.single: dict[str, Claim] = {}
        self.stages: list[tuple[bool, int, str]] = []
        self.signs: dict[str, list[tuple[Sign, int, str]]] = defaultdict(list)

    def read(self, number: int, sentence: str, text: str, found: Mapping[str, list[Found]]) -> None:
        """Take in one sentence: verbatim, folded, and the cues found in it."""
        prominence = NAME if self.has_name and number == 0 else FIRST if number <= 2 else LATER
        if hits := found.get("sector"):  # most sentences hold few families' cues: asking all of them costs more
            for node, weight in sentence_weights(hits, text, project=True, prominence=prominence):
                self.weighted.append((node, weight, sentence))
        if not (self.has_name and number == 0):
            if hits := found.get("service"):
                for claim in service_needs(hits, text, sentence):
                    self._need(claim)
            if hits := found.get("facility"):
                for claim in facility_needs(hits, text, sentence):
                    self._need(claim)
            self._facts(text, sentence)
        if hits := found.get("topic"):
            for sign in signs(hits, text):
                self.signs[sign.topic].append((sign, number, sentence))

    def _need(self, claim: Claim) -> None:
        key = claim.kind, claim.value
        held = self.needs.get(key)
        better = held is None or (held.inferred and not claim.inferred) or (held.number is None and claim.number)
        if better:
            self.needs[key] = claim

    def _facts(self, text: str, sentence: str) -> None:
        if (stage := stage_reached(text)) is not None:
            self.stages.append((stage[1], STAGES.index(stage[0]), sentence))
        if "amount" not in self.single and (sought := amount_sought(text)) is not None:
            self.single["amount"] = Claim("amount", "", 1, False, sentence, sought)
            if rounds := rounds_named(text):
                self.single.setdefault("round", Claim("round", rounds[-1], 1, False, sentence))
        told = "round" in self.single or "已完成" in text or not any(word in text for word in _ROUND_WORDS)
        if not told and (rounds := rounds_named(text)):
            self.single["round"] = Claim("round", rounds[-1], 1, True, sentence)
        if "space" not in self.single and (space := space_wanted(text)) is not None:
            self.single["space"] = Claim("space", "", 1, True, sentence, space)

    def claims(self) -> list[Claim]:
        """What the sentences said, each thing once with its best sentence."""
        found = sector_claims(self.weighted) + list(self.needs.values()) + list(self.single.values())
        if self.stages:
            outright, stage, sentence = max(self.stages, key=lambda item: (item[0], item[1]))
            found.append(Claim("stage", STAGES[stage], 1, not outright, sentence))
        for topic in sorted(self.signs):
            found += self._topic(topic)
        return found

    def _topic(self, topic: str) -> list[Claim]:
        seen = self.signs[topic]
        unless = len({sign.phrase for sign, _, _ in seen if sign.weight == 0})
        shown = [(sign.weight, number, sign.phrase) for sign, number, _ in seen if sign.weight > 0]
        if not shown:
            return []
        sure = certainty(topic, shown, unless)
        if sure < 0.3:
            return []
        sentence = max((item for item in seen if item[0].weight > 0), key=lambda item: (item[0].weight, -item[1]))[2]
        return [Claim("topic", topic, 1, True, sentence, sure)]
