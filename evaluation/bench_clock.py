"""Time and peak memory of the stages of one process."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Stage:
    """Seconds of wall clock and of all processors, its children's too, and the process's peak memory (MiB) at its end.

    Children that have not ended yet are not in it.
    """

    name: str
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


class Clock:
    """Stages in order of their first start. A stage that runs within another one is taken off it."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self._within: list[list[float]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside under ``name``; a name may come again and adds up."""
        stage = self.stages.setdefault(name, Stage(name))
        self._within.append([0.0, 0.0])
        wall, cpu = time.perf_counter(), processor_seconds()
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, processor_seconds() - cpu
            inner = self._within.pop()
            stage.wall += wall - inner[0]
            stage.cpu += cpu - inner[1]
            stage.peak = peak_memory()
            if self._within:
                self._within[-1][0] += wall
                self._within[-1][1] += cpu

    def within(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its calls counted under ``name``."""

        def counted(*args: Any, **options: Any) -> Any:
            with self.stage(name):
                return function(*args, **options)

        return counted


def processor_seconds() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_memory() -> float:
    """Largest resident memory of this process so far, MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss also counts what the parent process held
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
