"""What pages show in words: sectors, places and regions, names of anonymous projects, actors, manifests, problems."""

from __future__ import annotations

import pandas as pd
import pytest

from app.dashboard.naming import shown_actor, shown_name
from app.dashboard.page_groups import BOUNDS, in_groups
from app.dashboard.parts.manifests import manifest_words
from app.dashboard.roles import ROLES
from app.dashboard.shown_strings import catalogue
from app.dashboard.viewing import all_views
from app.dashboard.views.quality import problems_in_words
from app.dashboard.visitor import Visitor
from app.masking import teaser_name
from app.values import place_words, sector_words, value_of
from data.problem import SEVERITIES
from data.tables import INSTITUTIONS, PROJECTS

CHINESE, ENGLISH = (Visitor(language, ROLES["organizer"], "financing") for language in ("zh", "en"))


def test_a_sector_is_read_in_the_readers_language_and_a_bare_code_by_its_name() -> None:
    labels = ["电子信息", "自创领域（样例）", "C37"]
    assert sector_words(labels, "zh") == ["电子信息", "自创领域（样例）", "交通运输与物流 C37"]
    english = ["Information and electronics technology", "自创领域（样例）", "Transport and logistics C37"]
    assert sector_words(labels, "en") == english
    assert sector_words(["装备制造", "高端装备制造"], "en") == ["High-end equipment manufacturing"]  # each once
    assert value_of(PROJECTS, {"sectors": labels}, "sectors", "en") == ", ".join(english)


@pytest.mark.parametrize(
    ("row", "zh", "en"),
    [
        ({"country": "中国", "province": "辽宁省", "city": "大连市"}, "辽宁省 大连市", "Liaoning Dalian"),
        ({"province": "江西省", "city": "赣州市"}, "江西省 赣州市", "Jiangxi 赣州市"),
        ({"country": "中国", "province": "北京市", "city": "海淀区"}, "北京市 海淀区", "Beijing 海淀区"),
        ({"country": "某国", "province": "某州"}, "某州", "某州"),
        ({"country": "美国"}, "美国", "美国"),
        ({}, "", ""),
    ],
)
def test_a_place_is_in_english_as_far_as_there_is_a_name(row: dict[str, str], zh: str, en: str) -> None:
    assert (place_words(row, "zh"), place_words(row, "en")) == (zh, en)


def test_regions_that_somebody_wishes_or_serves_are_in_english() -> None:
    assert value_of(PROJECTS, {"regions_wanted": ["西部", "浙江", "不限"]}, "regions_wanted", "en") == (
        "Western China, Zhejiang, 不限"
    )
    assert value_of(INSTITUTIONS, {"regions": ["西部"]}, "regions", "zh") == "西部"


def test_only_the_name_that_we_gave_is_translated() -> None:
    rows = ({"sectors": ["卫星"], "province": "重庆市"}, {"sectors": [], "province": "吉林省"}, {})
    names = [teaser_name(row) for row in rows]
    assert [shown_name(CHINESE, name) for name in names] == names
    assert [shown_name(ENGLISH, name) for name in names] == [
        "Anonymous project (Satellites and commercial space · Chongqing)",
        "Anonymous project (Jilin)",
        "Anonymous project",
    ]
    for name in ("匿名项目管理软件（样例）", "电池"):
        assert shown_name(ENGLISH, name) == name


def test_an_actor_is_an_account_or_a_role_in_words() -> None:
    assert shown_actor(CHINESE, "organizer") == "主办方" and shown_actor(ENGLISH, "fund") == catalogue()["role.fund"][1]
    assert shown_actor(CHINESE, "zhang") == "zhang"


def test_every_page_stands_in_one_group_and_every_group_has_a_name() -> None:
    groups = in_groups(all_views())
    assert [name for names in groups.values() for name in names] == list(all_views())
    assert set(groups) == set(BOUNDS) and {f"choose.view_{name}" for name in groups} <= set(catalogue())
    assert groups["accounts"] == ["accounts"] and "importing" in groups["data"] and "funnel" in groups["outcomes"]
    assert list(in_groups({"run": all_views()["run"]})) == ["data"]


def test_a_manifest_is_told_without_codes() -> None:
    encoder = {"name": "builtin", "fingerprint": "e5-x", "lexical_only": False}
    assert manifest_words(CHINESE, "encoder", encoder) == "内置多语言模型"
    assert manifest_words(ENGLISH, "encoder", {**encoder, "lexical_only": True}) == "None: words alone"
    assert manifest_words(ENGLISH, "encoder", {**encoder, "name": "hub/model"}) == "hub/model"
    assert manifest_words(ENGLISH, "ranker", "transparent") == "Transparent: the sum of its reasons"
    assert manifest_words(CHINESE, "ranker", {"financing": "x", "gone": "y"}) == "学得的排序：投融资对接"
    assert manifest_words(CHINESE, "channels", ["financing", "placement"]) == "投融资对接、落地入驻园区"
    assert manifest_words(ENGLISH, "counts", {"projects": 3, "institutions": 2}) == "3 projects, 2 institutions"
    assert [manifest_words(CHINESE, "seed", value) for value in (7, None, "x")] == ["7", "", "x"]


def test_problems_of_an_import_are_told_in_one_language() -> None:
    told = {"message": "甲 / one", "hint": "乙 / two", "code": "row.conflict", "table": "projects", "column": "stage"}
    rows = [{**told, "severity": one, "row": at} for at, one in enumerate(SEVERITIES)]
    rows.append({**told, "severity": "info", "row": 4, "table": "unknown", "column": "", "hint": ""})
    frame = pd.DataFrame(rows)
    chinese, english = problems_in_words(CHINESE, frame), problems_in_words(ENGLISH, frame)
    assert list(chinese["severity"]) == ["错误", "提醒", "说明", "说明"]
    assert list(chinese["message"]) == ["甲"] * 4 and list(english["hint"]) == ["two"] * 3 + [""]
    assert list(chinese["row"]) == ["–", "1", "2", "4"]  # 0 is the whole file
    assert english["column"].iloc[0] == "Stage" and chinese["column"].iloc[0] == "发展阶段"
    assert list(english["table"]) == ["Projects"] * 3 + ["unknown"]
    assert list(chinese["code"]) == ["row.conflict"] * 4


@pytest.mark.parametrize("name", [None, "", " ", float("nan"), pd.NA, pd.NaT])
def test_a_name_that_is_missing_is_told_as_missing(name: object) -> None:
    assert (shown_name(CHINESE, name), shown_name(ENGLISH, name)) == ("未命名项目", "Unnamed project")
    assert shown_name(CHINESE, name, "P-1") == "P-1"
