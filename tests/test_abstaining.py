"""“No suitable counterpart”: said of planted misfits and of who has nobody, with why, and of nobody else."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from app.abstentions import as_text
from data.store import Store
from data.tables import TABLES
from data.view import View
from matcher.abstaining import ALL_RULED_OUT, NOBODY, UNLIKELY, abstentions_table
from matcher.calibration import Curve
from matcher.channel import channels
from matcher.gate import may_rank
from matcher.market import build_market
from matcher.pipeline import rank_channel
from matcher.run import make_manifest, rank_view
from matcher.settings import Settings

LEXICAL = Settings(encoder="none")


def curve(low: float, high: float, at: tuple[float, float]) -> Curve:
    return Curve(90, "logistic", at, (low, high), (low / 2, high / 2), (low * 1.5, high * 1.5), 300, 100)


@pytest.fixture(scope="module")
def view(sample_store: Store, sample_as_of: date) -> View:
    return sample_store.view(sample_as_of)


MISFITS = ("家庭手工编织毛线玩偶，赶集摆摊。", "乡村戏班的戏服缝制与脸谱绘制。", "婚礼司仪与锣鼓队，逢年过节走村串巷。")


def with_misfits(view: View) -> View:
    """Planted: village crafts, far from every mandate of an innovation market."""
    blank = dict.fromkeys(TABLES["projects"].names)
    rows = [
        {
            **blank,
            "project_id": f"~MISFIT{at}",
            "name": f"甲{at}（样例）",
            "summary": text,
            "listed_at": date(2022, 1, 1),
        }
        for at, text in enumerate(MISFITS)
    ]
    added = pa.Table.from_pylist(rows, schema=view.projects.schema)
    return dataclasses.replace(view, projects=pa.concat_tables([view.projects, added]).sort_by("project_id"))


def test_planted_misfits_get_an_abstention_and_others_do_not(view: View) -> None:
    """Where the curve calls the weakest tenth unlikely, all that was planted is in it, with what speaks against."""
    market = build_market(with_misfits(view), channels()["services"], LEXICAL, None)
    free = may_rank(market.market.view.projects, market.market.view.awards, "services")
    result = rank_channel(market, free, 20)
    ranked = result.ranked
    weak = float(np.quantile(ranked.score[(ranked.rank == 1) & (ranked.failed == 0)], 0.1))
    told = abstentions_table(market, result, free, curve(0.04, 0.6, (weak, weak + 0.5)), 0.05).to_pandas()
    misfits = told[told.project_id.str.startswith("~MISFIT")]
    assert len(misfits) == len(MISFITS)
    assert set(misfits.code) == {UNLIKELY}
    assert (misfits.probability < 0.05).all()
    assert (misfits.feature != "").all()
    assert misfits.institution_id.notna().all()
    assert len(told) <= 0.12 * free.sum()
    row = misfits.iloc[0].to_dict()
    assert as_text(row, "services").startswith("无合适对象；最好的")
    assert "weakest part" in as_text(row, "services", "en")
    never = abstentions_table(market, result, free, curve(0.04, 0.6, (weak, weak + 0.5)), 0.03)
    assert never.num_rows == 0


def test_without_a_curve_only_those_who_have_nobody_are_told(view: View) -> None:
    market = build_market(view, channels()["placement"], LEXICAL, None)
    free = may_rank(view.projects, view.awards, "placement")
    result = rank_channel(market, free, 20)
    told = abstentions_table(market, result, free, None, 0.9).to_pandas()
    matches = result.ranked
    has = set(matches.rows[matches.failed == 0].tolist())
    ids = view.projects["project_id"].to_pylist()
    assert set(told.project_id) == {ids[row] for row in np.flatnonzero(free) if row not in has}
    assert set(told.code) <= {ALL_RULED_OUT, NOBODY}
    assert (told.rule != "").all()
    assert told.probability.isna().all()
    assert len(told) > 0


def test_a_channel_without_institutions_abstains_for_everybody(view: View) -> None:
    empty = dataclasses.replace(view, institutions=view.institutions.slice(0, 0))
    manifest = make_manifest(empty, ["placement"], LEXICAL, 20, {"name": "none"})
    told = rank_view(empty, manifest, LEXICAL, None)["abstentions_placement"].to_pandas()
    assert set(told.code) == {NOBODY}
    assert len(told) == may_rank(view.projects, view.awards, "placement").sum()
