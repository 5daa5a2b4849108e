"""What a saved text finds among the projects of a channel's last run that its institutions may see.

The same as the page of the free-text search shows to the institution: masked, consented, the closest first.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.lists import masks_of, shown_projects
from app.searching import LONGEST_QUERY, MOST_FOUND, masks_of_teasers, search_projects, searched_view
from app.system import System
from data.runs import Run
from data.view import View
from features.reading import Reading
from matcher.channel import channels
from matcher.market import read_texts


class FoundTexts:
    """The last run of a channel, read at the first text and kept for all that follow."""

    def __init__(self, system: System, run: Run, channel: str) -> None:
        self._system, self._run, self._channel = system, run, channel

    @cached_property
    def _read(self) -> tuple[View, list[Reading]]:
        view = searched_view(self._run, masks_of_teasers(self._system, self._run, self._run.table("projects")))
        return view, read_texts(view.projects, "projects")

    @cached_property
    def _given(self) -> frozenset[str]:
        """Projects that consented and may be shown today."""
        told = shown_projects(self._system, self._channel)
        return frozenset(project for project, answer in told.items() if answer == "given")

    @cached_property
    def institutions(self) -> frozenset[str]:
        """Those that the channel has: nobody else hears of its projects."""
        return frozenset(channels()[self._channel].supply(self._read[0]).column("institution_id").to_pylist())

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The first :data:`app.searching.MOST_FOUND` projects as they may be shown, best first; none for no text."""
        asked = " ".join(text.split())[:LONGEST_QUERY]
        if not asked:
            return []
        view, texts = self._read
        system, channel = self._system, channels()[self._channel]
        hits = search_projects(view, channel, system.settings, system.encode(), asked, texts)
        ids = [hit.project_id for hit in hits if hit.project_id in self._given][:MOST_FOUND]
        wanted = pa.array(ids, pa.string())
        masks, projects = masks_of(system, self._run, wanted), self._run.table("projects")
        told = projects.filter(pc.is_in(projects.column("project_id"), value_set=wanted)).to_pylist()
        shown = {row["project_id"]: masks[row["project_id"]].row(row) for row in told}
        return [shown[project] for project in ids]
