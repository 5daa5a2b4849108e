"""Duplicates: planted pairs are found, traps are not, evidence is verbatim, work is bounded, a merge can be undone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main
from data.problem import DuijieError
from data.tables import IP, PROJECTS, TEXT_COLUMNS
from evaluation.duplicates import Judged, brier, calibration_error, fit, judge, quality, reliability, report
from evaluation.planted_duplicates import BANKS, KINDS, TRAPS, load_bank, plant
from matcher.duplicates import blocking
from matcher.duplicates.blocking import BLOCK, WINDOW, candidate_pairs, rare_neighbours, same_key, sketches
from matcher.duplicates.comparing import FEATURES, compare
from matcher.duplicates.finding import DUPLICATES, find_duplicates
from matcher.duplicates.records import applicant_core, figures, ip_number, name_core, read_records
from matcher.duplicates.scoring import BIAS, WEIGHTS, contributions, probabilities

Row = dict[str, Any]
NO_IP = IP.schema.empty_table()

BRIDGE = "桥索内部断丝由磁通泄漏阵列沿索爬行测出。十二通道同步采样，断丝定位误差 3.7 毫米。已在两座斜拉桥试挂 214 天。"
BRIDGE_AGAIN = (
    "已在两座斜拉桥试挂 214 天！磁通泄漏阵列沿索爬行，测出桥索内部断丝；十二通道同步采样，断丝定位误差为 3.7 毫米。"
)
SOIL = "盐碱地改良用的腐植酸缓释颗粒。耕层含盐量两季下降 41.5%。亩成本 136 元。"


def table(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist([{"name": "x", **row} for row in rows], schema=PROJECTS.schema)


def ip_table(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=IP.schema)


@pytest.fixture(scope="module")
def small() -> Judged:
    return judge(plant("report", seed=41, records=900, pairs=120))


def test_targets_on_a_planted_set(small: Judged) -> None:
    told = quality(small)
    assert told.wanted == 120
    assert told.precision >= 0.95
    assert told.recall >= 0.90
    assert len(small.blocked) >= 0.98 * told.wanted


def test_the_score_is_a_probability(small: Judged) -> None:
    assert ((small.score >= 0) & (small.score <= 1)).all()
    assert calibration_error(small) <= 0.15
    assert brier(small) <= 0.01
    assert sum(count for _, _, count in reliability(small)) == len(small.pairs)


def test_the_report_names_every_kind(small: Judged) -> None:
    text = report(small)
    assert all(kind in text for kind in (*KINDS, *TRAPS))


def test_a_planted_set_is_repeatable_and_of_the_size_asked() -> None:
    one, two, other = plant(records=120, pairs=12), plant(records=120, pairs=12), plant(seed=12, records=120, pairs=12)
    assert one.projects.equals(two.projects)
    assert one.ip.equals(two.ip)
    assert one.pairs == two.pairs
    assert not one.projects.equals(other.projects)
    assert one.projects.num_rows == 120
    assert (len(one.pairs), len(one.traps)) == (12, 12)
    assert set(one.pairs.values()) == set(KINDS)
    assert set(one.traps.values()) == set(TRAPS)


def test_more_pairs_than_records_hold_are_refused() -> None:
    with pytest.raises(DuijieError, match=r"planted\.size"):
        plant(records=100, pairs=26)


def test_what_is_fitted_shares_no_phrase_with_what_is_reported() -> None:
    mine, theirs = (load_bank(name) for name in BANKS)
    for key in (
        "objects",
        "methods",
        "parts",
        "scenes",
        "pains",
        "metrics",
        "brands",
        "boilerplate",
        "intro",
        "places",
    ):
        assert not set(mine[key]) & set(theirs[key]), key
    for key, wordings in mine["wordings"].items():
        assert not set(wordings) & set(theirs["wordings"][key])


@pytest.mark.slow
def test_the_weights_are_those_that_are_fitted() -> None:
    bias, weights = fit()
    assert bias == pytest.approx(BIAS, abs=0.05)
    assert weights == pytest.approx(dict(WEIGHTS), abs=0.05)


@pytest.mark.slow
def test_targets_on_the_whole_planted_set() -> None:
    told = quality(judge(plant()))
    assert told.precision >= 0.95
    assert told.recall >= 0.90


def test_evidence_is_verbatim_and_pairs_are_in_order(small: Judged) -> None:
    planted = small.planted
    found = find_duplicates(planted.projects, planted.ip)
    rows = {row["project_id"]: row for row in planted.projects.to_pylist()}
    numbers: dict[str, list[str]] = {}
    for row in planted.ip.to_pylist():
        numbers.setdefault(row["project_id"], []).append(row["number"])
    assert found.table.schema.equals(DUPLICATES)
    assert len(found.table) == quality(small).found
    scores = found.table.column("score").to_pylist()
    assert scores == sorted(scores, reverse=True)
    for pair in found.table.to_pylist():
        assert pair["project_id_a"] < pair["project_id_b"]
        for side in "ab":
            key, text = pair[f"project_id_{side}"], pair[f"evidence_{side}"]
            stored = [rows[key][name] or "" for name in TEXT_COLUMNS] + numbers.get(key, [])
            assert text
            assert any(text in cell for cell in stored)


def test_the_score_is_the_sum_of_its_reasons(small: Judged) -> None:
    odds = BIAS + contributions(small.features).sum(axis=1)
    np.testing.assert_allclose(small.score, 1 / (1 + np.exp(-odds)), atol=1e-6)
    assert probabilities(np.zeros((1, len(FEATURES))))[0] < 0.01
    assert all(weight > 0 for name, weight in WEIGHTS.items() if name != "applicant_other")
    assert WEIGHTS["applicant_other"] < 0
    assert small.features.min() >= 0
    assert small.features.max() <= 1


def test_the_answer_depends_neither_on_threads_nor_on_the_order_of_rows() -> None:
    planted = plant("fit", seed=9, records=240, pairs=30)
    one = find_duplicates(planted.projects, planted.ip, threads=1)
    two = find_duplicates(planted.projects, planted.ip, threads=2)
    assert one.table.equals(two.table)
    turned = planted.projects.take(list(range(planted.projects.num_rows))[::-1])
    again = find_duplicates(turned, planted.ip)
    assert (
        again.table.select(["project_id_a", "project_id_b"]).to_pylist()
        == one.table.select(["project_id_a", "project_id_b"]).to_pylist()
    )


def test_two_records_are_enough() -> None:
    rows = table(
        {"project_id": "B", "name": "斜拉索探伤机器人", "summary": BRIDGE},
        {"project_id": "A", "name": "缆索爬行检测装备（二期）", "technology": BRIDGE_AGAIN},
        {"project_id": "C", "name": "盐碱地改良颗粒", "summary": SOIL},
    )
    (pair,) = find_duplicates(rows, NO_IP).table.to_pylist()
    assert (pair["project_id_a"], pair["project_id_b"]) == ("A", "B")
    assert pair["evidence_a"] in BRIDGE_AGAIN
    assert pair["evidence_b"] in BRIDGE


def test_a_list_of_winners_without_texts_is_compared_by_name_and_applicant() -> None:
    rows = table(
        {"project_id": "A", "name": "斜拉索探伤机器人", "applicant": "杭州砚禾检测技术有限公司"},
        {"project_id": "B", "name": "斜拉索探伤机器人项目", "applicant": "砚禾检测技术（杭州）有限公司"},
        {"project_id": "C", "name": "斜拉索除冰装置", "applicant": "宁波沐川装备有限公司"},
    )
    (pair,) = find_duplicates(rows, NO_IP).table.to_pylist()
    assert (pair["project_id_a"], pair["project_id_b"]) == ("A", "B")
    assert (pair["evidence_a"], pair["evidence_b"]) == ("斜拉索探伤机器人", "斜拉索探伤机器人项目")


def test_shared_slogans_and_a_shared_applicant_are_no_evidence() -> None:
    slogan = "本项目技术水平国内领先。团队成员来自知名高校。期待与各方合作共赢。"
    firm = {"applicant": "杭州砚禾检测技术有限公司", "profile": "公司成立于2016年，注册资本500万元，员工32人。"}
    rows = table(
        {"project_id": "A", "name": "斜拉索探伤机器人", "summary": BRIDGE + slogan, **firm},
        {"project_id": "B", "name": "盐碱地改良颗粒", "summary": SOIL + slogan, **firm},
    )
    assert find_duplicates(rows, NO_IP).table.num_rows == 0


def test_a_shared_ip_number_is_shown_as_each_side_wrote_it() -> None:
    rows = table(
        {"project_id": "A", "name": "斜拉索探伤机器人", "applicant": "砚禾检测技术有限公司"},
        {"project_id": "B", "name": "斜拉索探伤机器人", "applicant": "砚禾检测技术有限公司"},
    )
    ip = ip_table(
        {"project_id": "A", "number": "ZL 2021 1 0123456.7"},
        {"project_id": "B", "number": "CN202110123456.7"},
        {"project_id": "elsewhere", "number": "ZL202110123456.7"},
    )
    (pair,) = find_duplicates(rows, ip).table.to_pylist()
    assert (pair["evidence_a"], pair["evidence_b"]) == ("ZL 2021 1 0123456.7", "CN202110123456.7")


@pytest.mark.parametrize("size", [0, 1, 2])
def test_empty_and_tiny_stores(size: int) -> None:
    rows = table(*({"project_id": f"P{number}", "name": ""} for number in range(size)))
    assert find_duplicates(rows, NO_IP).table.num_rows == 0


@pytest.mark.parametrize("score", [0.0, 1.5, -1.0])
def test_a_score_out_of_range_is_refused(score: float) -> None:
    with pytest.raises(DuijieError, match=r"score\.range"):
        find_duplicates(table(), NO_IP, score)


HOSTILE = st.text(st.sampled_from("桥索断丝。；=+@<>&\"'\n\t\u202e\ud800\x00１２3.7%，"), max_size=40)


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_text_is_read_and_scored(texts: list[tuple[str, str, str]]) -> None:
    rows = [
        {
            "project_id": f"P{at}",
            "name": name.replace("\ud800", ""),
            "summary": text.replace("\ud800", ""),
            "applicant": who.replace("\ud800", ""),
        }
        for at, (name, text, who) in enumerate(texts)
    ]
    records = read_records(table(*rows), NO_IP)
    first, second = candidate_pairs(records)
    assert (first < second).all()
    score = probabilities(compare(records, first, second).features)
    assert ((score >= 0) & (score <= 1)).all()
    for row, passage in zip(records.passages.owner.tolist(), records.passages.stored, strict=True):
        assert passage in rows[row]["summary"]


@given(st.text("桥索断丝机器人3.7 ，", min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_a_sketch_is_a_function_of_the_text_alone(text: str) -> None:
    rows, keys = sketches([text, "别的", text], (2, 3))
    assert keys[rows == 0].tolist() == keys[rows == 2].tolist()
    assert (np.diff(keys[rows == 0].astype(object)) > 0).all()


def test_a_gram_never_crosses_texts_or_punctuation() -> None:
    assert len(sketches(["甲乙", "丙丁"], (3,))[1]) == 0
    assert len(sketches(["甲，乙丙"], (3,))[1]) == 0
    assert len(sketches(["甲乙丙"], (3,))[1]) == 1


@given(st.integers(1, 400), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_blocks_are_bounded(size: int, keys: int) -> None:
    owner = np.arange(size)
    names = [str(number % keys) for number in range(size)]
    first, second = same_key(owner, names, names)
    assert len(first) <= size * WINDOW
    assert all(names[a] == names[b] for a, b in zip(first.tolist(), second.tolist(), strict=True))
    everybody = rare_neighbours(owner, np.array([number % keys for number in range(size)], np.uint64), size, 5)
    assert len(everybody[0]) <= size * 5
    if size / keys > BLOCK + 1:
        assert len(everybody[0]) == 0


def test_a_large_block_is_compared_in_the_order_of_names() -> None:
    names = [f"项目{number:04d}" for number in range(WINDOW * 4)]
    first, second = same_key(np.arange(len(names)), ["一所大学"] * len(names), names)
    assert (second - first).max() == WINDOW
    assert len(same_key(np.arange(3), ["", "", ""], names[:3])[0]) == 0


def test_candidates_grow_with_the_records_and_not_with_their_square() -> None:
    counts = []
    for records in (400, 1600):
        planted = plant("fit", seed=3, records=records, pairs=20)
        counts.append(len(candidate_pairs(read_records(planted.projects, planted.ip))[0]) / records)
    most = blocking.TEXT_TOP + 2 * blocking.NAME_TOP + blocking.FIGURE_TOP + 3 * WINDOW
    assert max(counts) <= most
    assert counts[1] <= 2 * counts[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("杭州砚原科技有限公司", "砚原科技（杭州）股份有限公司", True),
        ("贵阳昀羽创新技术（样例）有限公司", "昀羽创新技术", True),
        ("苏州大学", "郑州大学", False),
        ("澄野创客团队", "澄野", True),
        ("砚原科技有限公司", "砚禾科技有限公司", False),
    ],
)
def test_cores_of_applicants(one: str, other: str, same: bool) -> None:
    assert (applicant_core(one) == applicant_core(other)) is same
    assert applicant_core("") == applicant_core(None) == ""


def test_cores_of_names_and_figures() -> None:
    assert name_core("新型钙钛矿电池研发及产业化（二期）") == name_core("钙钛矿电池项目") == "钙钛矿电池"
    assert name_core("系统") == "系统"
    assert figures(["效率 98.5%，由 3,000 个减为 400 个，共 2 项", ""])[1] == ["98.5%", "3000个", "400个"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("ZL 2021 1 0123456.7", "202110123456.7"), ("CN112345678A", "cn112345678"), ("软著登字第1234567号", "1234567")],
)
def test_ip_numbers_in_any_form(one: str, other: str) -> None:
    assert ip_number(one) == ip_number(other) != ""


@pytest.mark.parametrize("number", ["", None, "无", "申请中", "12", "0000000000", "ZL1111111111"])
def test_what_is_no_ip_number(number: str | None) -> None:
    assert ip_number(number) == ""


PROJECT_ROWS = """project_id,name,applicant,summary,consent
A,斜拉索探伤机器人,杭州砚禾检测技术有限公司,{bridge},financing;services
B,缆索爬行检测装备,砚禾检测技术有限公司,=CMD()。{again}电话13812345678。,financing
C,盐碱地改良颗粒,沐川农业有限公司,{soil},
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    told = PROJECT_ROWS.format(bridge=BRIDGE, again=BRIDGE_AGAIN, soil=SOIL)
    (tmp_path / "projects.csv").write_text(told, "utf-8")
    monkeypatch.chdir(tmp_path)
    call("import", ".")
    return tmp_path


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output + result.stderr
    return result


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_command_prints_the_columns_of_the_interchange(work: Path) -> None:
    told = call("duplicates", "--format", "csv")
    (row,) = cells(told.stdout)
    assert list(row) == DUPLICATES.names
    assert (row["project_id_a"], row["project_id_b"]) == ("A", "B")
    assert row["evidence_a"] in BRIDGE
    assert "人工核对" in told.stderr
    assert "13812345678" not in told.stdout
    (nested,) = json.loads(call("duplicates", "--format", "json").stdout)
    assert nested["reasons"]["passages"] > 0
    assert not cells(call("duplicates", "--at-least", "1").stdout) or float(row["score"]) == 1
    call("duplicates", "--at-least", "2", code=2)
    assert "store.missing" in call("duplicates", "--store", "nowhere.duckdb", code=2).stderr
    assert not Path("nowhere.duckdb").exists()


def test_evidence_never_becomes_a_formula(work: Path) -> None:
    text = '=HYPERLINK("http://x")磁通泄漏阵列沿索爬行测断丝共 87.3 米'
    rows = "".join(f'{key},同一个探伤机器人,砚禾,"{text.replace(chr(34), chr(34) * 2)}"\n' for key in "YZ")
    (work / "more.csv").write_text("project_id,name,applicant,summary\n" + rows, "utf-8")
    call("import", "more.csv")
    found = next(row for row in cells(call("duplicates").stdout) if row["project_id_a"] == "Y")
    assert found["evidence_a"].startswith("'=")


@pytest.mark.parametrize("change", ["state,withdrawn", "state,disqualified", "confidentiality,closed"])
def test_of_a_project_that_is_let_go_no_passage_is_told(work: Path, change: str) -> None:
    column, value = change.split(",")
    (work / "projects_2.csv").write_text(f"project_id,name,{column}\nB,缆索爬行检测装备,{value}\n", "utf-8")
    call("import", "projects_2.csv")
    told = call("duplicates")
    (row,) = cells(told.stdout)
    assert (row["project_id_a"], row["project_id_b"]) == ("A", "B")
    assert (row["evidence_a"], row["evidence_b"]) == ("", "")
    assert "比较 1 对 / compare 1 pairs" in told.stderr
