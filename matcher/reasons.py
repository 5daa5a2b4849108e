"""Reasons of a match: what speaks for it, what against it, what is unknown; each with its sentences.

The weights of a match's reasons sum to its score. Evidence is a verbatim sentence of the stored text or empty.
"""

from __future__ import annotations

import pyarrow as pa

from data.runs import Run
from data.tables import REASONS
from matcher.market import families_of
from matcher.tables import TEXT_FAMILY

UNKNOWN = "unknown."
"""Prefix of the code of what could not be answered; its weight is 0."""


def feature_families(channel: str) -> dict[str, str]:
    """Family of each feature of a channel; shared wording takes its sentences from the semantic family."""
    lookup = {feature.name: family.name for family in families_of(channel) for feature in family.features}
    return {name: TEXT_FAMILY if family == "lexical" else family for name, family in lookup.items()}


def reasons_of(run: Run, channel: str, rows: pa.Table | None = None) -> pa.Table:
    """Reasons of the matches of a channel in the columns of the interchange, strongest first within a match.

    ``rows``: a table with the column ``position`` (row numbers of the run's matches); None means all.
    """
    matches = run.table(f"matches_{channel}")
    contributions = run.table(f"contributions_{channel}")
    evidence = run.table(f"evidence_{channel}")
    if rows is not None:
        at = rows.column("position")
        matches, contributions, evidence = matches.take(at), contributions.take(at), evidence.take(at)
    families = feature_families(channel)
    keys = matches.select(["run_id", "channel", "project_id", "institution_id"]).to_pylist()
    told = contributions.to_pylist()
    said = evidence.to_pylist()
    found: dict[str, list[object]] = {name: [] for name in REASONS.names}
    for key, weights, sentences in zip(keys, told, said, strict=True):
        for code, weight, family in _of_match(weights, families):
            for name, value in key.items():
                found[name].append(value)
            found["code"].append(code)
            found["weight"].append(weight)
            found["evidence_project"].append(sentences.get(f"{family}_project"))
            found["evidence_institution"].append(sentences.get(f"{family}_institution"))
    return pa.table(found, schema=REASONS)


def _of_match(weights: dict[str, object], families: dict[str, str]) -> list[tuple[str, float, str]]:
    """Code, weight and evidence family of one match's reasons: strongest first, unknowns last.

    A run made before a feature was added has no column of it; a feature that is gone keeps its weight and name.
    """
    gone = {name: name for name, value in weights.items() if isinstance(value, float) and name not in families}
    known = [
        (name, float(weights[name]), family)  # type: ignore[arg-type]
        for name, family in (families | gone).items()
        if weights.get(name)
    ]
    known.sort(key=lambda reason: (-abs(reason[1]), reason[0]))
    unknown = [
        name
        for kind in ("unknown_rules", "unknown_features")
        for name in str(weights.get(kind) or "").split(";")
        if name
    ]
    return known + [(UNKNOWN + name, 0.0, families.get(name, name)) for name in dict.fromkeys(unknown)]
