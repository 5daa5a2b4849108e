"""Cases by channel, region, group, sector, institution or contest: one definition for every table, page and report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.problem import DuijieError
from data.reference.regions import regions
from data.reference.sectors import sectors
from data.reference.vocabularies import vocabulary
from data.view import View

UNKNOWN = "未知 / unknown"
ABROAD = "境外 / abroad"
_PLACE = ("country", "province", "city", "district")
_CONTEST = ("programme", "edition", "contest")


def case_groups(cases: pd.DataFrame, by: str, view: View) -> pd.DataFrame:
    """Which case stands in which groups: columns ``case`` (position in ``cases``) and ``group``, both never empty.

    ``by``: ``channel`` and ``group`` (codes), ``institution`` (ids), ``region`` (contest region of the project's place,
    else its province), ``sector`` (the fields at the top of the tree that its labels lead to), ``contest`` (programme,
    edition and contest of its awards). A project of two sectors or two contests counts in each, so groups of these two
    may overlap. What is not known on the view's date is :data:`UNKNOWN`, last in order.

    Raises
    ------
    DuijieError
        ``funnel.by`` for another ``by``.
    """
    if by not in BY:
        raise DuijieError("funnel.by", f"没有这种分组 / no grouping {by!r}", f"one of {', '.join(BY)}")
    place = np.arange(len(cases))
    if by in ("channel", "institution"):
        labels = cases["channel" if by == "channel" else "institution_id"].to_numpy()
        return _ordered(pd.DataFrame({"case": place, "group": labels}), by)
    found = pd.DataFrame({"case": place, "project_id": cases["project_id"].to_numpy()})
    return _joined(found, by, view).drop(columns="project_id")


def project_groups(project_ids: Sequence[str], by: str, view: View) -> pd.DataFrame:
    """Columns ``project_id`` and ``group``: the groups of each of these projects, as :func:`case_groups` has them."""
    return _joined(pd.DataFrame({"project_id": list(project_ids)}, dtype=object), by, view)


def _joined(found: pd.DataFrame, by: str, view: View) -> pd.DataFrame:
    told = _OF_PROJECTS[by](view).dropna().drop_duplicates()
    return _ordered(found.merge(told, how="left", on="project_id").fillna({"group": UNKNOWN}), by)


def _region(view: View) -> pd.DataFrame:
    cells = pd.DataFrame({name: _strings(view.projects.column(name)) for name in _PLACE}).fillna("")
    number = cells.groupby(list(_PLACE), sort=False).ngroup().to_numpy()
    firsts = cells[~cells.duplicated()]
    names = np.array([_region_name(*row) for row in firsts.itertuples(index=False, name=None)], dtype=object)
    return _frame(view.projects, names[number] if len(number) else [])


@lru_cache(maxsize=65536)
def _region_name(country: str, province: str, city: str, district: str) -> str | None:
    place = regions().resolve(country, province, city, district)
    if place is None:
        return ABROAD if not regions().is_home(country) else None
    return regions().label(place.contest_region or place.province_code)


def _group(view: View) -> pd.DataFrame:
    return _frame(view.projects, _strings(view.projects.column("group")))


def _sector(view: View) -> pd.DataFrame:
    column = view.projects.column("sectors").combine_chunks()
    labels = pc.list_flatten(column).dictionary_encode()
    names = [_fields(label) for label in labels.dictionary.to_pylist()]
    most = max(map(len, names), default=0)
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
    ids = _strings(view.projects.column("project_id"))[rows]
    code = labels.indices.to_numpy(zero_copy_only=False)
    parts = []
    for at in range(most):
        nth = np.array([name[at] if at < len(name) else None for name in names], dtype=object)
        parts.append(pd.DataFrame({"project_id": ids, "group": nth[code]}))
    return pd.concat(parts) if parts else pd.DataFrame({"project_id": [], "group": []}, dtype=object)


@lru_cache(maxsize=65536)
def _fields(label: str) -> tuple[str, ...]:
    """Names of the fields that a label leads to."""
    tree = sectors()
    return tuple(dict.fromkeys(tree[tree.field_of(node)].name_zh for node in tree.resolve(label)))


def _contest(view: View) -> pd.DataFrame:
    parts = [pc.fill_null(view.awards.column(name), "") for name in _CONTEST]
    names = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, " "))
    return _frame(view.awards, _strings(names))


_OF_PROJECTS: dict[str, Callable[[View], pd.DataFrame]] = {
    "region": _region,
    "group": _group,
    "sector": _sector,
    "contest": _contest,
}
BY = ("channel", "region", "group", "sector", "institution", "contest")
BY_PROJECT = tuple(_OF_PROJECTS)


def _strings(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _frame(table: pa.Table, labels: Iterable[object]) -> pd.DataFrame:
    return pd.DataFrame({"project_id": _strings(table.column("project_id")), "group": list(labels)}, dtype=object)


def _ordered(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Groups as a category in the order of their vocabulary, else of the alphabet; what is not known comes last."""
    names = found["group"].unique().tolist()
    listed = {"channel": "channels", "group": "groups"}.get(by)
    rank = vocabulary(listed).order if listed else (lambda _: 0)
    names.sort(key=lambda name: (name == UNKNOWN, name == ABROAD, rank(name), name))
    return found.assign(group=pd.Categorical(found["group"], names))
