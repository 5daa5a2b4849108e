"""Baselines, one file a kind; the registry finds them. ``BASELINES`` holds them by name, in the order of tables."""

from data.registry import discover
from evaluation.baseline import Baseline
from evaluation.past import Past, best

BASELINES: dict[str, Baseline] = dict(
    sorted(discover("evaluation.baselines", "BASELINE").items(), key=lambda item: item[1].order)
)

__all__ = ["BASELINES", "Baseline", "Past", "best"]
