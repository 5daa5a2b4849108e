"""A name says less of an institution's sectors than its deals; a text or a label says as much as ever."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from data.tables import TABLES
from data.view import View
from features.families.sector import FAMILY, NAME_WORTH
from features.family import Market
from features.reading import read_institution, read_project

AS_OF = date(2024, 1, 1)
HEALTH = "研究抗体药物的长效制剂，已完成动物试验。"


def values(deals: int, **cells: object) -> np.ndarray:
    """The feature of a health project and others for an institution with so many deals."""
    projects = [{"project_id": "p0", "name": "抗体药物", "summary": HEALTH}]
    projects += [
        {"project_id": f"p{k}", "name": "焊接机器人", "summary": "焊接机器人控制器与减速器。"} for k in range(1, 8)
    ]
    institutions = [{"institution_id": "i0", "name": "生物医药创投", "kind": "venture_capital", **cells}]
    institutions += [
        {"institution_id": f"i{k}", "name": "工业机器人创投", "kind": "venture_capital"} for k in range(1, 8)
    ]
    at = AS_OF - timedelta(days=30)
    outcomes = [
        {"project_id": f"x{k}", "institution_id": "i0", "channel": "financing", "event": "delivered", "at": at}
        for k in range(deals)
    ]
    rows = {"projects": projects, "institutions": institutions, "outcomes": outcomes}
    made = {
        name: pa.Table.from_pylist(rows.get(name, []), schema=TABLES[name].schema)
        for name in ("projects", "institutions", "outcomes", "awards", "needs", "judging")
    }
    left, right = [read_project(row) for row in projects], [read_institution(row) for row in institutions]
    state = FAMILY.fit(Market(View(AS_OF, **made), "financing", left, right, None, {}))
    told = state.block(0, 8).pairs(np.arange(8), np.zeros(8, np.intp))["sector"]
    assert np.isfinite(told).all() and told[0] > 0 > told[1]
    return told


def test_a_name_gives_way_to_deals() -> None:
    np.testing.assert_allclose(values(12), values(0) * NAME_WORTH / (NAME_WORTH + 12), rtol=1e-5)


def test_a_text_and_a_label_do_not() -> None:
    for cells in ({"profile": "专注生物医药与抗体药物。"}, {"sectors": ["生物医药"]}):
        np.testing.assert_allclose(values(12, **cells), values(0, **cells), rtol=1e-6)
