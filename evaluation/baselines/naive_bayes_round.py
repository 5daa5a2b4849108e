"""Naive Bayes over sector, region and the type of the round that is raised."""

from __future__ import annotations

from evaluation.baseline import Baseline
from evaluation.baselines.naive_bayes import DEFAULT, GRID, bayes

BASELINE = Baseline("naive Bayes + round", 6, bayes("sector", "region", "round"), DEFAULT, GRID)
