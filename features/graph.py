"""One graph of projects, institutions, sectors with their chain, regions, rounds and deals, as of a date.

networkx is its face: build it, draw it, ask it for the paths between a project and an institution. What ranks works on
sparse matrices instead (:mod:`features.families.graph`); a path is never the only reason for a match.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from data.view import View
from features.deals import STEP_WEIGHT
from features.family import column

if TYPE_CHECKING:
    import networkx as nx

Node = tuple[str, str]
"""Kind (``project``, ``institution``, ``sector``, ``region``, ``round``) and id."""

KINDS = ("same_sector", "upstream", "downstream", "same_region", "partner")
"""What a path goes through, from the project's point of view, in the order in which a reader wants them."""


@dataclass(frozen=True)
class Path:
    """Paths of one kind between a project and an institution.

    ``through`` are the projects at which they meet (``partner``: the institutions that the project has dealt with and
    the institution has dealt beside), sorted by id; ``sectors`` the nodes of the sector tree they pass.
    """

    kind: str
    through: tuple[str, ...]
    sectors: tuple[str, ...] = ()


def build_graph(view: View, channel: str) -> nx.MultiGraph[Node]:
    """The graph of one channel's deals; nothing in it is later than the view's date.

    Edges have a ``kind``: ``deal`` (with ``at``), ``in_sector``, ``chain`` (with ``downstream``, the sector that buys),
    ``in_region`` and ``raises``. A step short of a delivery is a deal as well, an introduction alone is not.
    """
    import networkx as nx

    graph: nx.MultiGraph[Node] = nx.MultiGraph()
    for sector in sectors().leaves:
        graph.add_node(("sector", sector.id))
        for buyer in sector.downstream:
            graph.add_edge(("sector", sector.id), ("sector", buyer), kind="chain", downstream=buyer)
    for row in view.projects.to_pylist():
        graph.add_edges_from(_project_edges(row))
        graph.add_node(("project", row["project_id"]))
    for key in column(view.institutions, "institution_id"):
        graph.add_node(("institution", key))
    outcomes = view.outcomes
    mine = pc.and_(pc.equal(outcomes["channel"], channel), pc.is_in(outcomes["event"], _steps()))
    first: dict[tuple[str, str], Any] = {}
    for row in outcomes.filter(mine).select(["project_id", "institution_id", "at"]).to_pylist():
        pair = (row["project_id"], row["institution_id"])
        first[pair] = min(first.get(pair, row["at"]), row["at"])
    for (project, institution), at in first.items():
        graph.add_edge(("project", project), ("institution", institution), kind="deal", at=at)
    return graph


def _steps() -> Any:
    import pyarrow as pa

    return pa.array(list(STEP_WEIGHT))


def _project_edges(row: dict[str, Any]) -> Iterator[tuple[Node, Node, dict[str, str]]]:
    project: Node = ("project", row["project_id"])
    nodes = {node for label in row["sectors"] or () for node in sectors().resolve(label)}
    for node in sorted(nodes):
        yield project, ("sector", node), {"kind": "in_sector"}
    place = regions().resolve(row["country"], row["province"], row["city"], row["district"])
    province = place.province if place else row["province"]
    if province:
        yield project, ("region", province), {"kind": "in_region"}
    code = vocabulary("rounds").resolve(row["funding_round"]) if row["funding_round"] else None
    if code:
        yield project, ("round", code), {"kind": "raises"}


def paths(graph: nx.MultiGraph[Node], project_id: str, institution_id: str) -> list[Path]:
    """Every kind of path between the two through deals of the institution with other projects; empty without any.

    ``upstream``: the institution dealt with projects of a sector that sells to the project's; ``downstream``: of one
    that buys from it.
    """
    project, institution = ("project", project_id), ("institution", institution_id)
    if project not in graph or institution not in graph:
        return []
    others = [node for node in _along(graph, institution, "deal") if node != project]
    mine = set(_along(graph, project, "in_sector"))
    found: dict[str, set[str]] = defaultdict(set)
    passed: dict[str, set[str]] = defaultdict(set)
    upstream, downstream = _chain(graph, mine)
    here = set(_along(graph, project, "in_region"))
    partners = {node for node in _along(graph, project, "deal") if node != institution}
    for other in others:
        theirs = set(_along(graph, other, "in_sector"))
        for kind, reached in (
            ("same_sector", theirs & mine),
            ("upstream", (theirs & upstream) - mine),
            ("downstream", (theirs & downstream) - mine),
        ):
            if reached:
                found[kind].add(other[1])
                passed[kind] |= {sector for _, sector in reached}
        if here & set(_along(graph, other, "in_region")):
            found["same_region"].add(other[1])
        found["partner"] |= {partner[1] for partner in partners.intersection(_along(graph, other, "deal"))}
    return [Path(kind, tuple(sorted(found[kind])), tuple(sorted(passed[kind]))) for kind in KINDS if found[kind]]


def _along(graph: nx.MultiGraph[Node], node: Node, kind: str) -> list[Node]:
    """Neighbours over edges of one kind."""
    return [other for other, edges in graph.adj[node].items() if any(edge["kind"] == kind for edge in edges.values())]


def _chain(graph: nx.MultiGraph[Node], mine: set[Node]) -> tuple[set[Node], set[Node]]:
    """Sectors that sell to these, and sectors that buy from them."""
    upstream: set[Node] = set()
    downstream: set[Node] = set()
    for node in mine:
        for other, edges in graph.adj[node].items():
            for edge in edges.values():
                if edge["kind"] == "chain":
                    (downstream if edge["downstream"] == other[1] else upstream).add(other)
    return upstream, downstream


def neighbourhood(graph: nx.MultiGraph[Node], project_id: str, kinds: Sequence[str] = ("in_sector", "chain")) -> Any:
    """What lies around a project, for a drawing: its sectors, their links on the chain, and who dealt there.

    Gives a subgraph; sectors that nobody dealt in stay, so that a gap in the chain can be seen.
    """
    project = ("project", project_id)
    if project not in graph:
        return graph.subgraph([])
    sectors_here = set(_along(graph, project, "in_sector")) if "in_sector" in kinds else set()
    if "chain" in kinds:
        upstream, downstream = _chain(graph, sectors_here)
        sectors_here |= upstream | downstream
    projects = {other for node in sectors_here for other in _along(graph, node, "in_sector")}
    dealers = {other for node in projects for other in _along(graph, node, "deal")}
    dealt = {node for node in projects if _along(graph, node, "deal")}
    return graph.subgraph({project} | sectors_here | dealt | dealers)
