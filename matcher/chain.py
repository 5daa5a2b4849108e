"""The industrial chain around a park or a project: which links are there, which are missing, who fills them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from data.reference.sectors import sectors
from features.reading import Reading

_MISSING = re.compile(
    "补齐|补链|延链|强链|缺失|缺口|空白环节|短板|引进[^,，;；。]{0,20}环节|着力引进|重点引进|招引|配套需求|就近配套|"
    "寻找[^,，;；。]{0,12}配套|缺少[^,，;；。]{0,12}(?:环节|配套|企业)"
)
WIDEST = 12
"""A label that stands for more leaves than this is too wide to say which link is there."""
LEAST_SHARE = 0.15
"""Share of a project's text below which a sector is a side remark."""


@dataclass(frozen=True)
class Gap:
    """A missing link. ``upstream_of`` and ``downstream_of`` are present links; ``sentence`` says that it is missing."""

    sector: str
    upstream_of: tuple[str, ...]
    downstream_of: tuple[str, ...]
    sentence: str = ""

    @property
    def strength(self) -> tuple[bool, int]:
        """Stated gaps first, then those next to more present links."""
        return bool(self.sentence), len(self.upstream_of) + len(self.downstream_of)


@cache
def _leaf_ids() -> frozenset[str]:
    return frozenset(leaf.id for leaf in sectors().leaves)


def leaves_below(node: str) -> tuple[str, ...]:
    """A leaf itself, the leaves below a narrow group; nothing below a wide one."""
    below = tuple(one for one in sectors().descendants(node) if one in _leaf_ids())
    return below if len(below) <= WIDEST else ()


def links_of_project(reading: Reading) -> dict[str, str]:
    """Leaves that a project stands at, each with the sentence that says so ("" for a label)."""
    found: dict[str, str] = {}
    for claim in reading.of("sector", 1):
        if claim.value in _leaf_ids() and (not claim.sentence or (claim.number or 0.0) >= LEAST_SHARE):
            found.setdefault(claim.value, claim.sentence)
    return found


def links_of_park(reading: Reading) -> tuple[dict[str, str], dict[str, str]]:
    """Leaves that a park names as there, and those it names as missing, each with its sentence."""
    there: dict[str, str] = {}
    missing: dict[str, str] = {}
    for sentence in reading.sentences:
        if _MISSING.search(sentence):
            for node, _ in sectors().find(sentence):
                if node in _leaf_ids():
                    missing.setdefault(node, sentence)
    for claim in reading.of("sector", 1):
        if not _MISSING.search(claim.sentence):
            for leaf in leaves_below(claim.value):
                there.setdefault(leaf, claim.sentence)
    return there, {leaf: sentence for leaf, sentence in missing.items() if leaf not in there}


def gaps(there: Collection[str], stated: Mapping[str, str]) -> list[Gap]:
    """Missing links, the clearest first: what is said to be missing, and what borders on present links.

    A leaf that is not there but sells to, or buys from, one that is there is a missing link.
    """
    tree, present = sectors(), set(there)
    near = {one for leaf in present for one in (*tree[leaf].upstream, *tree[leaf].downstream)} - present
    found = [
        Gap(
            sector=leaf,
            upstream_of=tuple(one for one in tree[leaf].downstream if one in present),
            downstream_of=tuple(one for one in tree[leaf].upstream if one in present),
            sentence=stated.get(leaf, ""),
        )
        for leaf in sorted(near | (set(stated) - present))
    ]
    return sorted(found, key=lambda gap: (not gap.strength[0], -gap.strength[1], gap.sector))


def neighbourhood(leaves: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Leaves upstream of some leaves, the leaves themselves, and those downstream; each once."""
    tree, own = sectors(), tuple(dict.fromkeys(leaves))
    up = dict.fromkeys(one for leaf in own for one in tree[leaf].upstream if one not in own)
    down = dict.fromkeys(one for leaf in own for one in tree[leaf].downstream if one not in own and one not in up)
    return tuple(up), own, tuple(down)
