"""The desk: one channel's last run, if there is one, beside the store as it stands now, for one person."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ParamSpec, TypeVar

import pyarrow.parquet as pq
import streamlit as st

from app.dashboard.access import Access
from app.dashboard.session import confirm, store_path
from app.feedback import DECISION
from app.saved_searches import FORGOTTEN, SAVED, SEEN, TOLD
from app.system import System, open_system, unmatched
from data.problem import DuijieError
from data.runs import Run
from data.store_shown import last_entry
from matcher.reasons import feature_families

HARMLESS = (DECISION, SAVED, FORGOTTEN, SEEN, TOLD, "outcome", "retract")
"""Actions of the journal that change neither what is shown nor how. An action that is not named here may."""
UNMATCHED = ("store.missing", "run.missing", "run.outdated")
"""Why there is no run to show, where nothing is broken: somebody has to import or to match."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """One channel's last run, and the store as it stands now (``stamp``), as ``access`` may see them.

    ``last`` is None on the desk of a store without a run that can be read: :func:`bare_desk`.
    """

    system: System
    channel: str
    last: Run | None
    stamp: tuple[int, ...]
    access: Access

    @property
    def run(self) -> Run:
        """The last run of the channel.

        Raises
        ------
        DuijieError
            ``run.missing`` on a desk without one.
        """
        if self.last is None:
            raise unmatched(self.channel)
        return self.last

    @property
    def _run_id(self) -> str:
        return self.last.run_id if self.last else ""

    @property
    def key(self) -> tuple[object, ...]:
        """What answers are kept by that are the same for everybody and depend on anything people write."""
        return (str(self.system.store.path), self.channel, self._run_id, self.stamp)

    @property
    def run_key(self) -> tuple[object, ...]:
        """What answers are kept by that depend on the run alone."""
        return (str(self.run.folder),)

    @cached_property
    def shown_key(self) -> tuple[object, ...]:
        """What answers are kept by that depend on the run, on rows, consents and merges: a withdrawal changes it at
        once, a shortlist does not.
        """
        path = self.system.store.path
        return (str(path), self.channel, self._run_id, _rows_stamp(str(path), self.stamp))


def allowed(*kinds: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Declare to which kinds of role (:data:`app.dashboard.roles.KINDS`) a query function is open.

    Every function that is given a desk and gives data bears it. A call by anybody else is ``access.denied``; a call
    after the session ended, from a part of a page that is drawn alone, is ``session.ended``.
    """

    def declare(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> T:
            desk = next(value for value in (*args, *kwargs.values()) if isinstance(value, Desk))
            confirm(desk.access)
            desk.access.require(kinds, function.__name__)
            return function(*args, **kwargs)

        asked.kinds = kinds  # type: ignore[attr-defined]
        return asked

    return declare


def open_desk(channel: str, access: Access) -> Desk:
    """The desk of a channel for one person.

    Raises
    ------
    DuijieError
        ``access.denied``, ``store.missing``, ``run.missing``, ``run.outdated``, or what is wrong with the settings.
    """
    desk = bare_desk(channel, access)
    path = desk.system.store.path
    if not path.exists():
        raise DuijieError("store.missing", f"{path} 不存在 / does not exist", f"duijie import PATH --store {path}")
    return dataclasses.replace(desk, last=_last_run(desk.system, channel))


def bare_desk(channel: str, access: Access) -> Desk:
    """The desk of a channel without its run, for pages that come before the first one. The store need not be there.

    Raises
    ------
    DuijieError
        ``access.denied``, or what is wrong with the settings.
    """
    access.require_channel(channel)
    path = store_path()
    return Desk(_system(str(path), os.environ.get("DUIJIE_SETTINGS")), channel, None, _stamp(path), access)


def _last_run(system: System, channel: str) -> Run:
    """The last run of a channel, if this version can read it."""
    run = system.run_of(channel)
    if not _is_readable(run.run_id, channel, run):
        raise DuijieError(
            "run.outdated",
            f"运行 {run.run_id} 由另一版本生成 / run {run.run_id} was made by another version",
            f"duijie match --store {system.store.path}",
        )
    return run


def renewed(desk: Desk) -> Desk:
    """The desk beside the store as it stands now, for a part of a page that is drawn alone long after the page was."""
    return dataclasses.replace(desk, stamp=_stamp(desk.system.store.path))


@st.cache_data(max_entries=64, show_spinner=False)
def _is_readable(run_id: str, channel: str, _run: Run) -> bool:
    """Whether the run holds every feature that counts now: reasons name features, and a newer version may have more."""
    held = pq.read_schema(_run.folder / f"contributions_{channel}.parquet").names
    return set(feature_families(channel)) <= set(held)


@st.cache_data(max_entries=64, show_spinner=False)
def _rows_stamp(path: str, stamp: tuple[int, ...]) -> tuple[object, ...]:
    """What changes with every entry of the journal except :data:`HARMLESS` ones, and when the file is another."""
    file = Path(path)
    return (file.stat().st_ino if file.exists() else 0, *last_entry(file, HARMLESS))


def _stamp(path: Path) -> tuple[int, ...]:
    files = [file for file in (path, path.with_name(path.name + ".wal")) if file.exists()]
    return tuple(number for file in files for number in (file.stat().st_mtime_ns, file.stat().st_size))


@st.cache_resource(max_entries=4, show_spinner=False)
def _system(path: str, settings: str | None) -> System:
    return open_system(path, settings)
