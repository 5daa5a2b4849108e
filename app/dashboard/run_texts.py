"""Readings of a run's projects for the pages: of a few, of all in turn, or of all without their sentences.

Fifty thousand readings are several hundred megabytes, so no page keeps them. Matching has kept them on disk
(:mod:`features.reading.kept`), from where they come ten times as fast as from the texts.

Not for pages: who may see what is asked in the query modules.
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from app.dashboard.desk import Desk
from app.dashboard.stamped import rows_key
from app.masking import Mask
from app.run_parts import parts_of
from app.searching import masks_of_teasers
from data.runs import Run
from features.reading import Reading
from features.reading.claims import Claim
from matcher.market import read_texts, readings_folder

SAID = "·"
"""Stands for every sentence in :func:`lean_texts`: that a text says so and no column."""


def read_rows(desk: Desk, projects: pa.Table) -> list[Reading]:
    """Readings of rows of the run's projects."""
    return read_texts(projects, "projects", readings_folder(desk.system.settings))


def rows_of(desk: Desk, at: NDArray[np.int64]) -> pa.Table:
    """Rows of the run's projects by number, all columns."""
    return desk.run.at("projects", at)


def lean_texts(desk: Desk) -> list[Reading]:
    """Readings of all projects of the run in which every sentence is :data:`SAID`, a tenth of the whole.

    Every rule and every weight asks whether a sentence says it, not which; only an exclusion in an institution's own
    words is looked for in the sentences themselves (:func:`needs_sentences`).
    """
    return _lean(desk.run_key, desk)


def needs_sentences(institution: Reading) -> bool:
    """Whether an institution rules something out in words of its own that no table knows."""
    return any(one.kind == "topic" and one.inferred and one.polarity < 0 for one in institution.claims)


@st.cache_resource(max_entries=1, show_spinner=False)
def _lean(key: tuple[object, ...], _desk: Desk) -> list[Reading]:
    known: dict[Claim, Claim] = {}
    found = []
    for part in parts_of(_desk.run):
        for reading in read_rows(_desk, part):
            told = (dataclasses.replace(one, sentence=SAID) if one.sentence else one for one in reading.claims)
            found.append(Reading((SAID,), tuple(known.setdefault(one, one) for one in told)))
    return found


def searched(desk: Desk) -> tuple[tuple[object, ...], Run, dict[str, Mask]]:
    """What is looked through in the masked texts of a run: the key by which it is kept, the run, and the masks of its
    anonymous projects.
    """
    digest, masks = _masks((*desk.run_key, *rows_key(desk)), desk)
    return (*desk.run_key, digest), desk.run, masks


@st.cache_resource(max_entries=2, show_spinner=False)
def _masks(key: tuple[object, ...], _desk: Desk) -> tuple[str, dict[str, Mask]]:
    """The masks after their digest: another withdrawal leaves it as it is, and what is kept by it."""
    told = _desk.run.columns("projects", ["project_id", "confidentiality"])
    found = masks_of_teasers(_desk.system, _desk.run, told)
    hidden = sorted((one, mask.hidden) for one, mask in found.items())
    return hashlib.blake2b(repr(hidden).encode(), digest_size=16).hexdigest(), found
