"""What was known on a date: the tables as one immutable view.

Everything that ranks takes a :class:`View` and nothing else, so nothing dated later can leak in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.conflicts import CONFLICTS
from data.decisions import PASSES


@dataclass(frozen=True)
class View:
    """The tables as they stood on ``as_of``: no row and no attribute in them is dated later.

    ``projects`` and ``institutions`` hold one row an id, sorted by id. ``outcomes`` may name projects
    and institutions that are not in the other tables. Schemas are those of :mod:`data.tables`; ``conflicts`` of
    interest are those of :mod:`data.conflicts`, ``passes`` those of :mod:`data.decisions`. ``consent`` holds what was
    told in the journal as well.
    """

    as_of: date
    projects: pa.Table
    institutions: pa.Table
    outcomes: pa.Table
    awards: pa.Table
    needs: pa.Table
    judging: pa.Table
    conflicts: pa.Table = field(default_factory=CONFLICTS.empty_table)
    passes: pa.Table = field(default_factory=PASSES.empty_table)
