"""Read an institution: its columns, then its sentences, what it rules out before what it wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from data.reference.regions import Place
from features.reading.claims import Claim, Reading
from features.reading.columns import as_text, institution_columns
from features.reading.cues import Found, institution_lexicon, scan_lines
from features.reading.exclusions import exclusion_claims
from features.reading.needs import offers
from features.reading.places import own_regions, place_of
from features.reading.sectors_in_text import sector_claims, sentence_weights
from features.reading.stages import rounds_named, stages_named
from features.reading.tickets import ticket
from features.text import folds, sentences

TEXTS = ("name", "profile")
"""Columns whose sentences are read."""
_MANDATE = re.compile(
    "投资|投向|主投|领投|关注|聚焦|覆盖|面向|阶段|轮次|服务|支持|偏好|专注|invest|focus|stage|support"
)
_HISTORY = re.compile("已投|被投企业|累计|曾|历史|此前|成功退出|其中[^,;。]{0,4}家|孵化出|培育出|获得[^,;。]{0,8}轮")
_REACH = re.compile(
    "服务|投向|面向|覆盖|辐射|立足|投资于|布局|区域|范围|全国|各地|重点|深耕|限于|仅|只|主要在|"
    "based|across|region|serve"
)
_NO_SERVICE = frozenset({"venture_capital", "government_fund", "bank", "park", "incubator", "zone", "lead_enterprise"})
NAME = 1.5


def read_institution(row: Mapping[str, Any]) -> Reading:
    """Claims of an institution (or of one need of one) from its columns and its text.

    Claims with polarity -1 and the kinds ``only_*`` are what its own text rules out, with their firmness as
    ``number``. ``row`` may lack any column.
    """
    place = place_of(row)
    texts = [as_text(row.get(column)) for column in TEXTS]
    lines = tuple(dict.fromkeys(sentence for text in texts for sentence in sentences(text)))
    claims = institution_columns(row)
    told: dict[tuple[str, str, int], Claim] = {}
    weighted: list[tuple[str, float, str]] = []
    folded = folds(lines)
    for number, cues in enumerate(scan_lines(institution_lexicon(), folded)):
        sentence, text = lines[number], folded[number]
        named = number == 0 and bool(texts[0])
        ruled_out, ruled = (
            ([], []) if named else exclusion_claims(text, sentence, place, serves=row.get("kind") not in _NO_SERVICE)
        )
        found = {
            family: [hit for hit in hits if not any(hit.phrase in phrase for phrase in ruled)]
            for family, hits in cues.items()
        }
        prominence = NAME if named else 1.0
        if hits := found.get("sector"):
            for node, weight in sentence_weights(hits, text, project=False, prominence=prominence):
                weighted.append((node, weight, sentence))
        for claim in [*ruled_out, *_wants(found, text, sentence, place, named=named, ruled=bool(ruled))]:
            key = claim.kind, claim.value, claim.polarity
            if key not in told or (told[key].number is None and claim.number is not None):
                told[key] = claim
    known = {claim.kind for claim in claims if claim.kind.startswith("ticket")}
    wanted = [claim for claim in told.values() if claim.kind not in known or claim.value in {"floor", "ceiling"}]
    return Reading(lines, tuple(claims + _consistent(sector_claims(weighted), wanted) + wanted))


def _consistent(sectors: Iterable[Claim], told: Iterable[Claim]) -> list[Claim]:
    """Sectors of the text but for those it rules out."""
    ruled = {claim.value for claim in told if claim.kind == "sector" and claim.polarity < 0}
    return [claim for claim in sectors if claim.value not in ruled]


def _wants(
    found: Mapping[str, list[Found]], text: str, sentence: str, place: Place | None, *, named: bool, ruled: bool
) -> list[Claim]:
    """What a sentence offers or asks for: services, facilities, tickets, rounds, stages, regions."""
    claims: list[Claim] = []
    for kind in ("service", "facility"):
        if hits := found.get(kind):
            claims += offers(kind, hits, text, sentence)
    if named:
        return claims
    low, high = ticket(text)
    if low is not None:
        claims.append(Claim("ticket_min", "range" if high is not None else "floor", 1, False, sentence, low))
    if high is not None:
        claims.append(Claim("ticket_max", "range" if low is not None else "ceiling", 1, False, sentence, high))
    if not ruled and not _HISTORY.search(text):
        if _MANDATE.search(text):
            claims += [Claim("round", code, 1, True, sentence) for code in rounds_named(text)]
            claims += [Claim("stage", code, 1, True, sentence) for code in stages_named(text)]
        if _REACH.search(text):
            claims += [Claim("region", code, 1, True, sentence) for code in own_regions(text, place)]
    return claims
