"""What a saved text finds among the projects of a channel's last run that its institutions may see.

The same as the page of the free-text search shows to the institution: masked, consented, the closest first.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.lists import masks_of, shown_projects
from app.masking import Mask
from app.preselecting import folded_texts, is_large, search_selected
from app.searching import (
    MOST_FOUND,
    Hit,
    asked_text,
    masks_of_teasers,
    search_projects,
    searched_view,
    view_of,
)
from app.system import System
from data.runs import Run
from data.tables import PROJECTS
from data.view import View
from features.reading import Reading
from matcher.channel import channels
from matcher.market import read_texts, readings_folder


class FoundTexts:
    """The last run of a channel, read at the first text and kept for all that follow."""

    def __init__(self, system: System, run: Run, channel: str) -> None:
        self._system, self._run, self._channel = system, run, channel

    @cached_property
    def _ids(self) -> pa.ChunkedArray:
        return self._run.columns("projects", ["project_id"]).column("project_id")

    @cached_property
    def _masks(self) -> dict[str, Mask]:
        told = self._run.columns("projects", ["project_id", "confidentiality"])
        return masks_of_teasers(self._system, self._run, told)

    @cached_property
    def _read(self) -> tuple[View, list[Reading]]:
        view = searched_view(self._run, self._masks)
        return view, read_texts(view.projects, "projects", readings_folder(self._system.settings))

    @cached_property
    def _folded(self) -> list[pa.Buffer]:
        return folded_texts(self._run, self._masks)

    @cached_property
    def _given(self) -> frozenset[str]:
        """Projects that consented and may be shown today."""
        told = shown_projects(self._system, self._channel)
        return frozenset(project for project, answer in told.items() if answer == "given")

    @cached_property
    def institutions(self) -> frozenset[str]:
        """Those that the channel has: nobody else hears of its projects."""
        tables = (self._run.table(name) for name in ("institutions", "awards"))
        view = view_of(self._run, PROJECTS.schema.empty_table(), *tables)
        return frozenset(channels()[self._channel].supply(view).column("institution_id").to_pylist())

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The first :data:`app.searching.MOST_FOUND` projects as they may be shown, best first; none for no text."""
        asked = asked_text(text)
        if not asked:
            return []
        ids = [hit.project_id for hit in self._hits(asked) if hit.project_id in self._given][:MOST_FOUND]
        wanted = pa.array(ids, pa.string())
        at = np.flatnonzero(pc.is_in(self._ids, value_set=wanted).to_numpy())
        masks, told = masks_of(self._system, self._run, wanted), self._run.at("projects", at).to_pylist()
        shown = {row["project_id"]: masks[row["project_id"]].row(row) for row in told}
        return [shown[project] for project in ids]

    def _hits(self, text: str) -> list[Hit]:
        """As the page finds them."""
        system, run = self._system, self._run
        if is_large(self._ids):
            return search_selected(
                system, run, self._channel, self._masks, text, folded=self._folded, names=self._given
            )
        view, texts = self._read
        return search_projects(view, channels()[self._channel], system.settings, system.encode(), text, texts)
