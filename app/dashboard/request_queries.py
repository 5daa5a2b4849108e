"""Services that projects ask for, each with the sentence that asks; and the place of a project in the chain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.dashboard.desk import Desk, allowed
from app.dashboard.queries import institution, institution_names, project_names
from app.dashboard.run_texts import read_rows, searched
from app.dashboard.sheet_queries import shown_project
from app.dashboard.stamped import rows_key
from app.dashboard.visitor import Visitor
from app.masking import Mask
from app.run_parts import masked_part, parts_of
from data.personal import without_personal
from data.reference.sectors import sectors
from data.runs import Run
from features.reading import read_institution, read_project
from matcher.chain import leaves_below, links_of_project, neighbourhood


@allowed("service", "mentor", "organizer")
def requests(visitor: Visitor, desk: Desk) -> pd.DataFrame:
    """Services asked for by the projects that the visitor may see.

    ``project_id``, ``name``, ``service`` (code), ``inferred`` (the text only implies it), ``sentence`` ("" where a
    column says it). Texts come masked. Stated requests come first, of these the ones with a sentence.
    """
    everything = visitor.role.organizes
    return _requests((*desk.run_key, *rows_key(desk)), desk.channel, everything, desk.access.scope, desk)


@st.cache_resource(max_entries=4, show_spinner=False)
def _requests(
    key: tuple[object, ...], channel: str, everything: bool, scope: tuple[object, ...], _desk: Desk
) -> pd.DataFrame:
    told, names = _asked(*searched(_desk), _desk), project_names(_desk, everything=everything)
    kept = told[told["project_id"].isin(list(names))].reset_index(drop=True)
    kept.insert(1, "name", kept["project_id"].map(names))
    return kept


@st.cache_resource(max_entries=1, show_spinner=False)
def _asked(key: tuple[object, ...], _run: Run, _masks: dict[str, Mask], _desk: Desk) -> pd.DataFrame:
    """Services asked for by all projects of the run, by their masked texts, in the order of :func:`requests`."""
    rows = []
    for part in parts_of(_run):
        masked = masked_part(part, _masks)
        ids = masked.column("project_id").to_pylist()
        for project_id, reading in zip(ids, read_rows(_desk, masked), strict=True):
            told = reading.of("service", 1)
            rows += [(project_id, one.value, one.inferred, without_personal(one.sentence)) for one in told]
    frame = pd.DataFrame(rows, columns=["project_id", "service", "inferred", "sentence"])
    frame["bare"] = frame["sentence"] == ""
    return frame.sort_values(["inferred", "bare", "project_id", "service"], ignore_index=True).drop(columns="bare")


@allowed("service", "mentor", "organizer")
def offered(desk: Desk, institution_id: str) -> dict[str, str]:
    """Services that an institution offers, each with the sentence that says so ("" for a column)."""
    claims = read_institution(institution(desk, institution_id)).of("service")
    ruled_out = {claim.value for claim in claims if claim.polarity < 0}
    found: dict[str, str] = {}
    for claim in claims:
        if claim.polarity > 0 and claim.value not in ruled_out:
            found.setdefault(claim.value, claim.sentence)
    return found


@dataclass(frozen=True)
class Neighbourhood:
    """Where a project stands: leaves before it, its own, leaves after it; and the institutions at each leaf, by id."""

    upstream: tuple[str, ...]
    own: tuple[str, ...]
    downstream: tuple[str, ...]
    institutions: dict[str, list[str]]

    @property
    def leaves(self) -> tuple[str, ...]:
        """All of them, in this order."""
        return (*self.upstream, *self.own, *self.downstream)


@allowed("institution", "organizer")
def neighbourhood_of(visitor: Visitor, desk: Desk, project_id: str) -> Neighbourhood:
    """The neighbourhood of a project in the chain, as its masked text tells it."""
    own = links_of_project(read_project(shown_project(visitor, desk, project_id)))
    up, own_leaves, down = neighbourhood(own)
    at, names = _at_leaves((str(desk.run.folder),), desk.run), institution_names(desk)
    found = {leaf: [one for one in at.get(leaf, ()) if one in names] for leaf in (*up, *own_leaves, *down)}
    return Neighbourhood(up, own_leaves, down, found)


@st.cache_resource(max_entries=4, show_spinner=False)
def _at_leaves(key: tuple[object, ...], _run: Run) -> dict[str, list[str]]:
    """Institutions at each leaf: by their sectors, and where they name none by their text."""
    tree = sectors()
    found: dict[str, list[str]] = defaultdict(list)
    for row in _run.table("institutions").select(["institution_id", "sectors", "profile"]).to_pylist():
        nodes = [node for label in row["sectors"] or [] for node in tree.resolve(label)]
        nodes = nodes or [node for node, _ in tree.find(row["profile"] or "")]
        for leaf in dict.fromkeys(leaf for node in nodes for leaf in leaves_below(node)):
            found[leaf].append(row["institution_id"])
    return found
