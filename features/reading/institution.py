"""Read an institution: its columns, then its sentences, what it rules out before what it wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from data.reference.regions import Place
from features.reading.claims import Claim, Reading
from features.reading.columns import as_text, institution_columns
from features.reading.cues import Found, institution_lexicon
from features.reading.exclusions import exclusion_claims
from features.reading.needs import offers
from features.reading.places import own_regions, place_of
from features.reading.remembered import Sentences
from features.reading.scope import scopes
from features.reading.scope_english import english_scopes
from features.reading.scope_words import LIMIT
from features.reading.sectors_in_text import sector_claims, sentence_weights
from features.reading.stages import rounds_named, stages_named
from features.reading.tickets import ticket
from features.reading.topics import Themes, themes
from features.text import sentences

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
    serves = row.get("kind") not in _NO_SERVICE
    told: dict[tuple[str, str, int], Claim] = {}
    weighted: list[tuple[str, float, str]] = []
    spoken = Themes()
    for number, (sentence, said) in enumerate(zip(lines, _sentences(lines, named=bool(texts[0])), strict=True)):
        spoken.take(number, sentence, said.themes)
        weighted += [(node, weight, sentence) for node, weight in said.sectors]
        for claim in [*_ruled_out(said, sentence, place, serves), *said.wants, *_regions(said, sentence, place)]:
            key = claim.kind, claim.value, claim.polarity
            if key not in told or (told[key].number is None and claim.number is not None):
                told[key] = claim
    known = {claim.kind for claim in claims if claim.kind.startswith("ticket")}
    wanted = [claim for claim in told.values() if claim.kind not in known or claim.value in {"floor", "ceiling"}]
    if len(lines) > bool(texts[0]):  # a name alone is a promise, not what an institution speaks of
        claims += spoken.claims()
    return Reading(lines, tuple(claims + _consistent(sector_claims(weighted), wanted) + wanted))


class _Said(NamedTuple):
    """What one sentence says wherever the institution sits; ``text`` is its folded form.

    ``ruled``: the phrases that it rules out, which are no statement of what the institution wants; ``excludes``: it may
    rule something out (:func:`exclusion_claims`); ``reaches``: the regions that it names are those it acts in.
    """

    text: str
    sectors: list[tuple[str, float]]
    wants: tuple[Claim, ...]
    ruled: tuple[str, ...]
    excludes: bool
    reaches: bool
    themes: tuple[tuple[str, float], ...]


def _read(sentence: str, text: str, cues: Mapping[str, list[Found]], named: bool) -> _Said:
    """Read one sentence: verbatim, folded, the cues found in it. A name rules nothing out and asks for nothing."""
    scoped = () if named else (*scopes(text), *english_scopes(text))
    excludes = bool(scoped) or (not named and LIMIT.search(text) is not None)
    ruled = tuple(scope.phrase for scope in scoped if scope.mode in ("not", "lack"))
    found = {
        family: [hit for hit in hits if not any(hit.phrase in phrase for phrase in ruled)]
        for family, hits in cues.items()
    }
    hits = found.get("sector")
    weights = sentence_weights(hits, text, project=False, prominence=NAME if named else 1.0) if hits else []
    spoken = () if ruled else tuple(themes(found.get("topic", [])))
    plain = not named and not ruled and not _HISTORY.search(text)
    wants = _wants(found, text, sentence, named=named, plain=plain)
    return _Said(text, weights, tuple(wants), ruled, excludes, plain and bool(_REACH.search(text)), spoken)


_sentences = Sentences(institution_lexicon, _read)


def _ruled_out(said: _Said, sentence: str, place: Place | None, serves: bool) -> tuple[Claim, ...]:
    return _exclusions(said.text, sentence, place, serves) if said.excludes else ()


@lru_cache(maxsize=1 << 14)
def _exclusions(text: str, sentence: str, place: Place | None, serves: bool) -> tuple[Claim, ...]:
    return tuple(exclusion_claims(text, sentence, place, serves=serves)[0])


def _regions(said: _Said, sentence: str, place: Place | None) -> list[Claim]:
    codes = own_regions(said.text, place) if said.reaches else ()
    return [Claim("region", code, 1, True, sentence) for code in codes]


def _consistent(sectors: Iterable[Claim], told: Iterable[Claim]) -> list[Claim]:
    """Sectors of the text but for those it rules out."""
    ruled = {claim.value for claim in told if claim.kind == "sector" and claim.polarity < 0}
    return [claim for claim in sectors if claim.value not in ruled]


def _wants(found: Mapping[str, list[Found]], text: str, sentence: str, *, named: bool, plain: bool) -> list[Claim]:
    """What a sentence offers or asks for: services, facilities, tickets; a ``plain`` one also rounds and stages."""
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
    if plain and _MANDATE.search(text):
        claims += [Claim("round", code, 1, True, sentence) for code in rounds_named(text)]
        claims += [Claim("stage", code, 1, True, sentence) for code in stages_named(text)]
    return claims
