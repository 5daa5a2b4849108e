"""Places: columns and texts to codes, what covers what, distances."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reference.divisions import short_name
from data.reference.regions import regions

R = regions()


@pytest.mark.parametrize(
    ("cells", "code", "contest"),
    [
        (("中国", "浙江省", "杭州市", "西湖区"), "330106", "330000"),
        (("", "浙江", "杭州", "西湖"), "330106", "330000"),
        ((None, "浙江省杭州市余杭区文一西路", None, None), "330110", "330000"),
        (("", "", "深圳市", ""), "440300", "440300"),
        (("", "辽宁", "大连", ""), "210200", "210200"),
        (("", "辽宁", "沈阳", ""), "210100", "210000"),
        (("", "福建", "厦门", "思明区"), "350203", "350200"),
        (("", "新疆生产建设兵团", "第八师石河子市", ""), "659001", "660000"),
        (("", "新疆", "乌鲁木齐", ""), "650100", "650000"),
        (("", "北京市", "北京市", "朝阳区"), "110105", "110000"),
        (("", "重庆", "", "忠县"), "500233", "500000"),
        (("", "吉林", "吉林", ""), "220200", "220000"),
        (("", "湖北", "恩施", ""), "422800", "420000"),
        (("", "湖北", "仙桃", ""), "429004", "420000"),
        (("", "内蒙古", "包头", ""), "150200", ""),
        (("China", "Zhejiang", "Hangzhou", ""), "330100", "330000"),
        (("香港", "", "", ""), "810000", ""),
        (("", "浙江省", "杭州市", "临平区"), "330113", "330000"),
    ],
)
def test_columns_to_a_place(cells: tuple[str | None, ...], code: str, contest: str) -> None:
    place = R.resolve(*cells)
    assert place is not None
    assert (place.code, place.contest_region) == (code, contest)
    assert 73 < place.lon < 136
    assert 3 < place.lat < 54


@pytest.mark.parametrize(
    "cells", [("美国", "加州", "", ""), ("", "火星", "", ""), ("", "", "", ""), ("", "", "", "朝阳区")]
)
def test_foreign_unknown_and_ambiguous_places_resolve_to_none(cells: tuple[str, ...]) -> None:
    assert R.resolve(*cells) is None


def test_a_city_outside_its_province_is_left_out() -> None:
    place = R.resolve("", "广东", "杭州", "")
    assert place is not None
    assert (place.province, place.city) == ("广东", "")


def test_the_35_contest_regions_of_2022() -> None:
    assert len(R.contest) == 35
    assert {"210200", "330200", "350200", "370200", "440300", "660000"} <= set(R.contest)
    assert not {"150000", "640000"} & set(R.contest)
    for code in R.contest:
        place = R.place(code)
        assert place is not None
        assert place.contest_region == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("重点投资长三角和粤港澳大湾区项目", ("yangtze_delta", "greater_bay")),
        ("投资江苏省苏州市工业园区", ("320500",)),
        ("江苏、浙江、上海", ("320000", "330000", "310000")),
        ("北京大学孵化，位于深圳南山区", ("440305",)),
        ("不限地域", ("nationwide",)),
        ("力求长治久安，朝阳产业", ()),
        ("长治市高新区", ("140400",)),
        ("北京市朝阳区", ("110105",)),
        ("Yangtze River Delta and Shenzhen", ("yangtze_delta", "440300")),
        ("Central China", ("central",)),
        ("新疆兵团企业", ("660000",)),
        ("", ()),
    ],
)
def test_places_in_a_text(text: str, codes: tuple[str, ...]) -> None:
    assert R.find(text) == codes


def test_covers() -> None:
    hangzhou, dalian = R.resolve("", "浙江", "杭州", ""), R.resolve("", "辽宁", "大连", "")
    for code in ("nationwide", "yangtze_delta", "330000", "330100", "east"):
        assert R.covers(code, hangzhou)
    for code in ("northeast", "330200", "overseas", "", "nonsense"):
        assert not R.covers(code, hangzhou)
    assert R.covers("210000", dalian)
    assert R.covers("210200", dalian)
    assert not R.covers("nationwide", None)


def test_members_of_macro_regions_are_divisions() -> None:
    for code, members in R._members.items():
        for member in members - {"*"}:
            assert member in R.divisions, (code, member)


def test_distances() -> None:
    beijing, shanghai = R.resolve("", "北京", "", ""), R.resolve("", "上海", "", "")
    assert R.distance_km(beijing, shanghai) == pytest.approx(1067, abs=15)
    assert R.distance_km(beijing, beijing) == 0
    assert math.isnan(R.distance_km(beijing, None))


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("广西壮族自治区", 0, "广西"),
        ("恩施土家族苗族自治州", 1, "恩施"),
        ("巴音郭楞蒙古自治州", 1, "巴音郭楞"),
        ("浦东新区", 2, "浦东"),
        ("忠县", 2, "忠县"),
        ("鄂温克族自治旗", 2, "鄂温克族自治旗"),
    ],
)
def test_short_names(name: str, level: int, short: str) -> None:
    assert short_name(name, level) == short


def test_every_division_is_found_by_its_full_names() -> None:
    wrong = []
    for division in R.divisions.values():
        chain = [division.name]
        parent = R.divisions.get(division.parent)
        while parent:
            chain.insert(0, parent.name)
            parent = R.divisions.get(parent.parent)
        place = R.resolve("", "".join(chain), "", "")
        if place is None or place.code not in (division.code, division.code[:2] + "0100"):
            wrong.append("".join(chain))
    assert len(wrong) <= 0.01 * len(R.divisions), wrong[:20]


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    for code in R.find(text):
        assert R.label(code) != ""
    R.resolve(text, text, text, text)
