"""For whom a report is written: the nation, a place, a contest, an edition or a programme; and who belongs to it.

Places nest, so one definition rolls up: the cities of a province (with the projects whose city is not known) are the
province, the provinces (with those abroad or unknown) the nation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from data.edition import Edition
from data.problem import DuijieError
from data.programmes import editions
from data.reference.regions import Place, regions
from data.reference.vocabularies import label_key
from data.view import View

Mask = NDArray[np.bool_]
NEAREST = 5
"""Names in the hint of a scope that nobody knows."""
NATION_NAMES = ("", "全国", "nation", "nationwide", "国家")
_PLACE = ("country", "province", "city", "district")
_UNIT = re.compile(r"(?:特别行政区|自治区|自治州|地区|[省市县区盟旗州])+$")


@dataclass(frozen=True, slots=True)
class Scope:
    """``kind``: nation, place (``key`` a division code), programme, edition or contest (:func:`contest_id`)."""

    kind: str
    key: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """What it is called."""
        return self.en if language == "en" else self.zh


NATION = Scope("nation", "", "全国", "China")


def contest_id(edition: str, contest_key: str) -> str:
    """One text a contest of an edition."""
    return f"{edition}|{contest_key}"


def contest_label(key: str, catalogue: Iterable[Edition]) -> str:
    """A contest by its id in words: its own name, else its edition and what the awards call it."""
    told, _, name = key.partition("|")
    edition = next((one for one in catalogue if one.id == told), None)
    if edition is None or any(one.name == name for one in edition.contests):
        return name
    return f"{edition.title} {name}"


def resolve_scope(
    name: str,
    contests: Iterable[str] = (),
    catalogue: Iterable[Edition] | None = None,
    wordings: Iterable[tuple[str, str]] = (),
) -> Scope:
    """The scope that a name means. ``contests``: ids of contests in the store that no edition lists; ``wordings``: what
    stored awards call their contests, with the ids (:func:`app.reports.awards.contest_wordings`).

    Full names of programmes, editions and contests come first, then places, then aliases: 兵团 is a place, though a
    contest is called by it too.

    Raises
    ------
    DuijieError
        ``scope.ambiguous`` when a name means several, ``scope.unknown`` with the nearest contests that have
        awards, else the nearest known names.
    """
    key = label_key(name)
    if key in {label_key(word) for word in NATION_NAMES}:
        return NATION
    known, told = tuple(editions() if catalogue is None else catalogue), tuple(wordings)
    named = _named(known, contests, told)
    meant = [scope for label, scope in named if label_key(label) == key]
    own = [scope for scope in meant if label_key(scope.zh) == key]  # a name of one may be an alias of another
    place = None if own else _place(name)
    found = {scope.kind + scope.key: scope for scope in own or ([place] if place else meant)}
    if len(found) > 1:
        hint = "；".join(sorted(scope.zh for scope in found.values()))
        raise DuijieError("scope.ambiguous", f"{name!r} 有多个含义 / means several scopes", hint)
    scope = next(iter(found.values()), None)
    if scope is None:
        labels = sorted({text for text, _ in told} or {label for label, _ in named})
        near = process.extract(name, labels, scorer=fuzz.WRatio, limit=NEAREST)
        hint = "省、市名或 / a province or city, or: " + "；".join(text for text, _, _ in near)
        raise DuijieError("scope.unknown", f"不认识的范围 / unknown scope: {name!r}", hint)
    return scope


def _named(
    catalogue: tuple[Edition, ...], contests: Iterable[str], wordings: Iterable[tuple[str, str]]
) -> list[tuple[str, Scope]]:
    """Every label of a programme, an edition or a contest, with its scope."""
    found: list[tuple[str, Scope]] = []
    for edition in catalogue:
        programme = Scope("programme", edition.programme, edition.programme, edition.programme)
        found += [(label, programme) for label in (edition.programme, *edition.programme_aliases)]
        whole = Scope("edition", edition.id, edition.title, edition.title)
        dated = [f"{edition.programme}{told}" for told in (edition.edition, *edition.edition_aliases) if len(told) > 1]
        found += [(label, whole) for label in (edition.id, edition.title, *dated)]
        for contest in edition.contests:
            one = Scope("contest", contest_id(edition.id, contest.name), contest.name, contest.name)
            found += [(label, one) for label in (contest.name, *contest.aliases)]
    listed = {scope.key for _, scope in found if scope.kind == "contest"}
    for key in sorted(set(contests) - listed):
        label = contest_label(key, catalogue)
        found += [(text, Scope("contest", key, label, label)) for text in dict.fromkeys((key, label))]
    for text, key in wordings:
        label = contest_label(key, catalogue)
        found.append((text, Scope("contest", key, label, label)))
    return found


def _place(name: str) -> Scope | None:
    """A division that the whole name means; text beyond the names of its chain means that it is no place."""
    place = regions().resolve("", name, "", "")
    if place is None or _left(name, place):
        return None
    code = place.contest_region if place.contest_region == "660000" else place.code
    return Scope("place", code, regions().label(code), regions().label(code, "en"))


def _left(name: str, place: Place) -> str:
    """What of a name is no part of the place's own names."""
    codes = [place.district_code, place.city_code, place.province_code, place.contest_region]
    words = {regions().label(code, language) for code in codes if code for language in ("zh", "en")}
    words |= {_UNIT.sub("", word) for word in words} | {place.province, place.city, place.district, "中国", "兵团"}
    text = label_key(name)
    for word in sorted((label_key(word) for word in words if word), key=len, reverse=True):
        text = text.replace(word, "", 1)
    return _UNIT.sub("", text)


def projects_in(scope: Scope, view: View, awards: pd.DataFrame) -> set[str] | None:
    """Ids of the projects of a scope; None for the nation, to which every project belongs.

    ``awards`` as :func:`app.reports.awards.placed_awards` gives them: to a contest belong those that won there, since
    the stored tables tie a project to a contest through its awards only.
    """
    if scope.kind == "nation":
        return None
    if scope.kind != "place":
        return set(awards.loc[awards_in(scope, awards, None), "project_id"])
    cells = view.projects.select(["project_id", *_PLACE]).to_pandas()
    cells[list(_PLACE)] = cells[list(_PLACE)].fillna("")
    number = cells.groupby(list(_PLACE), sort=False).ngroup().to_numpy()
    firsts = cells.loc[~cells.duplicated(list(_PLACE)), list(_PLACE)]
    table = regions()
    inside = [table.covers(scope.key, table.resolve(*row)) for row in firsts.itertuples(index=False, name=None)]
    return set(cells.loc[np.array(inside, dtype=bool)[number], "project_id"]) if len(cells) else set()


def awards_in(scope: Scope, awards: pd.DataFrame, projects: set[str] | None) -> Mask:
    """Which rows of awards belong to a scope: those of its contest, edition or programme, else of its projects."""
    if scope.kind == "nation":
        return np.ones(len(awards), dtype=bool)
    if scope.kind == "place":
        return awards["project_id"].isin(projects or set()).to_numpy(dtype=bool)
    column = {"contest": "contest_id", "edition": "edition_id", "programme": "programme_id"}[scope.kind]
    return (awards[column] == scope.key).to_numpy(dtype=bool)
