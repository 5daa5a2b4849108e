"""Themes: what both texts speak of, each in its own words."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.tables import TABLES
from data.view import View
from features.families.themes import FAMILY, theme_weights
from features.family import Market
from features.reading import Reading, read_institution, read_project

READ = ("projects", "institutions", "outcomes", "awards", "needs", "judging")
LITHIUM = read_project({"name": "磷酸锰铁锂正极", "summary": "水热合成橄榄石正极，软包电芯循环三千次。"})
TRACTOR = read_project({"name": "丘陵微型拖拉机", "summary": "履带底盘可换旋耕、开沟农具，五十马力。"})
STORAGE = read_institution(
    {"name": "甲基金（样例）", "kind": "venture_capital", "profile": "关注锂离子电池的材料与制造。"}
)
NO_STORAGE = read_institution(
    {"name": "乙基金（样例）", "kind": "venture_capital", "profile": "关注农机具。锂离子电池我们不投。"}
)
SILENT = read_institution({"name": "丙基金（样例）", "kind": "venture_capital", "profile": "欢迎来信。"})


def fitted(projects: list[Reading], institutions: list[Reading]) -> np.ndarray:
    view = View(date(2026, 1, 1), **{n: TABLES[n].schema.empty_table() for n in READ})
    state = FAMILY.fit(Market(view, "financing", projects, institutions, None, {}))
    rows, cols = np.divmod(np.arange(len(projects) * len(institutions)), len(institutions))
    return state.block(0, len(projects)).pairs(rows, cols)["theme"].reshape(len(projects), len(institutions))


def test_general_words_find_concrete_ones() -> None:
    theme = fitted([LITHIUM, TRACTOR], [STORAGE, NO_STORAGE, SILENT])
    assert theme[0, 0] > theme[1, 0] and theme[1, 1] > theme[0, 1]
    assert np.isnan(theme[:, 2]).all(), "who says nothing is unknown, not unlike"


def test_what_is_ruled_out_is_no_theme() -> None:
    spoken = {claim.value for claim in NO_STORAGE.of("theme")}
    assert spoken and not spoken & {claim.value for claim in LITHIUM.of("theme")}


def test_each_theme_has_the_sentence_that_speaks_of_it() -> None:
    for reading in (LITHIUM, TRACTOR, STORAGE):
        assert all(claim.sentence in reading.sentences and claim.number for claim in reading.of("theme"))
    weights = theme_weights([LITHIUM, SILENT])
    assert weights[0].any() and not weights[1].any()


def test_a_name_alone_speaks_of_nothing() -> None:
    assert not read_institution({"name": "锂离子电池创投（样例）", "kind": "venture_capital"}).of("theme")
    assert read_project({"name": "磷酸锰铁锂正极"}).of("theme")
