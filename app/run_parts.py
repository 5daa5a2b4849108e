"""A run's projects in parts that can be read at one time, and as they are searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.masking import Mask
from app.searching import masked_projects
from data.runs import GROUP, Run

PART = GROUP
"""Projects that are read at one time: those that lie together."""


def parts_of(run: Run) -> Iterator[pa.Table]:
    """The run's projects in parts that can be read at one time."""
    count = run.columns("projects", ["project_id"]).num_rows
    for start in range(0, count, PART):
        yield run.at("projects", np.arange(start, min(start + PART, count)))


def masked_part(part: pa.Table, masks: Mapping[str, Mask]) -> pa.Table:
    """Rows of the run's projects with the anonymous ones as they are searched. In the others contacts still stand:
    whoever shows or looks through them leaves these out (:func:`data.personal.without_personal`).
    """
    hidden = pc.is_in(part.column("project_id"), value_set=pa.array(list(masks), pa.string())).to_numpy()
    if not hidden.any():
        return part
    both = pa.concat_tables([part.filter(pa.array(~hidden)), masked_projects(part.filter(pa.array(hidden)), masks)])
    place = np.argsort(np.concatenate([np.flatnonzero(~hidden), np.flatnonzero(hidden)]))
    return both.take(pa.array(place))
