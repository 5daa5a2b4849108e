"""Region match: who has most deals in the project's city; ties by all deals."""

from __future__ import annotations

from evaluation.baseline import Baseline
from evaluation.baselines.sector import YEARS, matching

BASELINE = Baseline("region match", 4, matching("region"), {"time_constant": float("inf")}, {"time_constant": YEARS})
