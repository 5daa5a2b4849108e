"""Sectors: one tree of fields, groups and leaves, links along the industrial chain, and a crosswalk into it.

``sectors/*.csv`` hold the nodes, one file per field. A *field* has no parent, a *leaf* no children; large fields
have *groups* between the two, so that labels of different width (电子信息, 半导体, 芯片设计) all find one node.
``downstream`` names the leaves that buy from this one; ``upstream`` is derived, so the two cannot disagree.
``keywords`` are words of projects, ``synonyms`` the words institutions and laymen use for the same thing, and English.

``crosswalk.csv`` maps each label of a known vocabulary to exactly one node. Public sources: 战略性新兴产业分类（2018）,
GB/T 4754-2017 国民经济行业分类, and the notices of 创客中国, 科创中国 and 创新之光.
"""

from __future__ import annotations

import csv
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problem import DuijieError
from data.reference.phrases import Phrases, fold, label_key, label_variants

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

HERE = Path(__file__).parent

# Affinity of two neighbouring nodes; along a path they multiply. A leaf and its sibling share a parent: 0.8 * 0.8.
LEAF_EDGE = 0.8
GROUP_EDGE = 0.72
CHAIN_EDGE = 0.5
# A path that turns from tree to chain or back says less than either: the sibling of a customer is not yet a customer.
TURN = 0.75
# Two chain links (0.25) still count, anything farther is unrelated: the chains join nearly all leaves in the end.
FLOOR = 0.245


@dataclass(frozen=True, slots=True)
class Sector:
    """One node. ``parent`` is '' for a field; ``upstream`` and ``downstream`` are ids of leaves of the chain."""

    id: str
    parent: str
    name_zh: str
    name_en: str
    keywords: tuple[str, ...]
    synonyms: tuple[str, ...]
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SectorTree:
    """All sectors in a fixed order, their chain, and the labels and keywords that lead to them.

    ``crosswalk`` maps (vocabulary, label) to a node id; ``stop_phrases`` are phrases in which a keyword does not
    speak of a sector (软件著作权 is no software).
    """

    nodes: tuple[Sector, ...] = field(repr=False)
    crosswalk: Mapping[tuple[str, str], str] = field(repr=False)
    stop_phrases: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of every id in ``nodes``, the row and column order of :meth:`affinity`."""
        return {node.id: position for position, node in enumerate(self.nodes)}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for node in self.nodes:
            found[node.parent].append(node.id)
        return {parent: tuple(ids) for parent, ids in found.items()}

    @cached_property
    def fields(self) -> tuple[Sector, ...]:
        """The top nodes."""
        return tuple(node for node in self.nodes if not node.parent)

    @cached_property
    def leaves(self) -> tuple[Sector, ...]:
        """The nodes without children."""
        return tuple(node for node in self.nodes if node.id not in self._children)

    def __getitem__(self, sector_id: str) -> Sector:
        """The node with this id; ``KeyError`` when there is none."""
        return self.nodes[self.index[sector_id]]

    def children(self, sector_id: str) -> tuple[str, ...]:
        """Ids one step below; empty for a leaf."""
        return self._children.get(sector_id, ())

    def path(self, sector_id: str) -> tuple[str, ...]:
        """Ids from the field down to the node itself."""
        node = self[sector_id]
        return (*self.path(node.parent), node.id) if node.parent else (node.id,)

    def field_of(self, sector_id: str) -> str:
        """Id of the field above a node; a field is its own."""
        return self.path(sector_id)[0]

    def descendants(self, sector_id: str) -> tuple[str, ...]:
        """Ids of the node and of everything below it."""
        below = (found for child in self.children(sector_id) for found in self.descendants(child))
        return (sector_id, *below)

    def resolve(self, label: str) -> tuple[str, ...]:
        """Node ids of a label of any known vocabulary, of an id, a name or a keyword; empty when unknown.

        Spelling variants (width, case, spaces, quotes, brackets, a leading number, 等领域, 产业) do not matter.
        A label of the crosswalk gives exactly one node; a keyword that several nodes share gives them all.
        """
        for key in label_variants(label):
            if key in self._labels:
                return self._labels[key]
        return ()

    @cached_property
    def _labels(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for keyword, ids in self._keywords.items():
            found.setdefault(label_key(keyword), ids)
        for node in self.nodes:
            found.update({label_key(name): (node.id,) for name in (node.name_zh, node.name_en, node.id)})
        mapped: dict[str, tuple[str, ...]] = {}
        for (_, label), sector_id in self.crosswalk.items():
            known = mapped.get(label_key(label), ())
            mapped[label_key(label)] = known if sector_id in known else (*known, sector_id)
        return found | mapped

    @cached_property
    def _keywords(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for node in self.nodes:
            for word in (*node.keywords, *node.synonyms):
                ids = found[fold(word)]
                if node.id not in ids:
                    ids.append(node.id)
        return {word: tuple(ids) for word, ids in found.items()}

    def keyword_table(self) -> dict[str, tuple[str, ...]]:
        """Every keyword and synonym (NFKC, lower case) with the ids of its nodes."""
        return dict(self._keywords)

    @cached_property
    def _phrases(self) -> Phrases:
        return Phrases({*self._keywords, *map(fold, self.stop_phrases)})

    def find(self, text: str) -> list[tuple[str, str]]:
        """(node id, keyword) for every keyword in ``text``, in order of appearance, longest match first.

        Matches do not overlap: 激光雷达 is found as itself, not as 激光. Latin words match as whole words.
        """
        words = self._phrases.find(fold(text))
        return [(sector_id, word) for word in words for sector_id in self._keywords.get(word, ())]

    def _is_broad(self, node: Sector) -> bool:
        """Whether the node is a group right below a field: its siblings differ more than the leaves of one group."""
        return node.id in self._children and not self[node.parent].parent

    def _edges(self) -> Iterator[tuple[int, int, float]]:
        """Weighted edges over two layers of nodes: tree edges in the first, chain edges in the second."""
        n = len(self.nodes)
        for position, node in enumerate(self.nodes):
            if node.parent:
                yield self.index[node.parent], position, GROUP_EDGE if self._is_broad(node) else LEAF_EDGE
            for target in node.downstream:
                yield n + position, n + self.index[target], CHAIN_EDGE
            yield position, n + position, TURN

    @cached_property
    def _affinity(self) -> NDArray[np.float32]:
        import numpy as np
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        n = len(self.nodes)
        row, column, weight = (np.array(values) for values in zip(*self._edges(), strict=True))
        graph = coo_array((-np.log(weight), (row, column)), shape=(2 * n, 2 * n)).tocsr()
        distance = dijkstra(graph, directed=False, limit=-np.log(FLOOR))
        distance = np.minimum(distance, distance.T)  # the same path both ways, up to the rounding of its sum
        distance = distance.reshape(2, n, 2, n).min(axis=(0, 2))  # whichever layer a path starts and ends in
        affinity: NDArray[np.float32] = np.exp(-distance).astype(np.float32)
        affinity.setflags(write=False)
        return affinity

    def affinity(self) -> NDArray[np.float32]:
        """Nearness of every two nodes, (n_nodes, n_nodes), read-only, symmetric, in [0, 1].

        The product of the edges along the best path: 1 for the node itself, 0.8 parent and leaf, 0.64 sibling
        leaves, 0.5 one link up or down the chain, 0.33 leaves of two groups of one field, 0.3 the group of a
        neighbour in the chain, 0.25 two links, 0 below :data:`FLOOR`.
        """
        return self._affinity

    def graph(self) -> nx.DiGraph[Any]:
        """The industrial chain: leaves as nodes (name_zh, name_en, field), an edge from each to its downstream."""
        import networkx as nx

        chain: nx.DiGraph[Any] = nx.DiGraph()
        for leaf in self.leaves:
            chain.add_node(leaf.id, name_zh=leaf.name_zh, name_en=leaf.name_en, field=self.field_of(leaf.id))
        chain.add_edges_from((leaf.id, target) for leaf in self.leaves for target in leaf.downstream)
        return chain


@functools.cache
def sectors() -> SectorTree:
    """The tree of the reference tables.

    Raises
    ------
    DuijieError
        ``sectors.invalid`` when the tables contradict themselves: an unknown or double id, a loop, a double label.
    """
    rows = [row for path in sorted((HERE / "sectors").glob("*.csv")) for row in _rows(path)]
    crosswalk: dict[tuple[str, str], str] = {}
    for row in _rows(HERE / "crosswalk.csv"):
        if crosswalk.setdefault((row["vocabulary"], row["label"]), row["sector_id"]) != row["sector_id"]:
            raise DuijieError("sectors.invalid", f"{row['vocabulary']} maps {row['label']!r} twice")
    stop_phrases = tuple(row["phrase"] for row in _rows(HERE / "sector_stop_phrases.csv"))
    tree = SectorTree(build_nodes(rows), crosswalk, stop_phrases)
    unknown = sorted({target for target in crosswalk.values() if target not in tree.index})
    if unknown:
        raise DuijieError("sectors.invalid", f"crosswalk.csv names unknown sectors: {', '.join(unknown)}")
    return tree


def build_nodes(rows: Iterable[Mapping[str, str]]) -> tuple[Sector, ...]:
    """Nodes of the rows of ``sectors/*.csv``, parents before children, with ``upstream`` derived.

    Raises
    ------
    DuijieError
        ``sectors.invalid`` for a double id, an unknown parent or downstream id, a loop, or a chain link of a
        node that is not a leaf.
    """
    by_id: dict[str, Mapping[str, str]] = {}
    upstream: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["id"] in by_id:
            raise DuijieError("sectors.invalid", f"sector id {row['id']!r} stands twice")
        if row["parent"] and row["parent"] not in by_id:
            raise DuijieError("sectors.invalid", f"{row['id']} stands before its parent {row['parent']!r}")
        by_id[row["id"]] = row
    parents = {row["parent"] for row in by_id.values()}
    for name, row in by_id.items():
        for target in _split(row["downstream"]):
            if target not in by_id or target == name or target in parents or name in parents:
                raise DuijieError("sectors.invalid", f"{name} cannot have {target!r} downstream")
            upstream[target].append(name)
    return tuple(
        Sector(
            name,
            row["parent"],
            row["name_zh"],
            row["name_en"],
            _split(row["keywords"]),
            (*_split(row["synonyms"]), *_split(row["keywords_en"])),
            tuple(upstream[name]),
            _split(row["downstream"]),
        )
        for name, row in by_id.items()
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _split(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))
