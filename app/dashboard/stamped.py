"""By what answers are kept that depend on the store alone, whatever the channel and its run."""

from __future__ import annotations

from app.dashboard.desk import Desk


def store_key(desk: Desk) -> tuple[object, ...]:
    """It changes with everything that people write."""
    return (str(desk.system.store.path), desk.stamp)


def rows_key(desk: Desk) -> tuple[object, ...]:
    """It changes with rows, consents and merges; an outcome event does not change it."""
    return (desk.shown_key[0], desk.shown_key[-1])
