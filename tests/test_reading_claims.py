"""Amounts, stages, rounds, places and sectors in running text; claims as a whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.reference.sectors import sectors
from data.tables import TEXT_COLUMNS
from features.reading import Claim, Reading, read_institution, read_project
from features.reading.stages import rounds_named, stage_reached, stages_named
from features.reading.tickets import amount_sought, parse_number, ticket
from features.text import fold


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两千", 2000),
        ("三千五百", 3500),
        ("一点五", 1.5),
        ("2,000", 2000),
        ("十二", 12),
        ("半", 0.5),
        ("", None),
        ("甲", None),
    ],
)
def test_numerals(text: str, value: float | None) -> None:
    assert parse_number(text) == value


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_chinese_numerals_up_to_thousands(a: int, b: int, c: int, d: int) -> None:
    digits = "零一二三四五六七八九"
    text = (
        digits[a]
        + "千"
        + (digits[b] + "百" if b else "零")
        + (digits[c] + "十" if c else "")
        + (digits[d] if d else "")
    )
    assert parse_number(text) == a * 1000 + b * 100 + c * 10 + d


TICKETS = [
    ("单笔500万至3000万", (5e6, 3e7)),
    ("管理规模20亿元，单笔500-3000万元", (5e6, 3e7)),
    ("首轮投资不超过两千万", (None, 2e7)),
    ("单笔不低于三千万", (3e7, None)),
    ("每一笔起步就是三千万", (3e7, None)),
    ("单户授信上限1000万元", (None, 1e7)),
    ("单个项目投资300~1000万", (3e6, 1e7)),
    ("单笔投资1000万元起", (1e7, None)),
    ("累计投资超过30亿元", (None, None)),
    ("年营收不低于5000万元", (None, None)),
    ("We invest at least RMB 5 million per deal", (5e6, None)),
]


@pytest.mark.parametrize(("text", "expected"), TICKETS)
def test_tickets(text: str, expected: tuple[float | None, float | None]) -> None:
    assert ticket(fold(text)) == expected


SOUGHT = [
    ("拟融资2000万元", 2e7),
    ("计划出让8%股权募资三千万", 3e7),
    ("融资需求：800万元", 8e6),
    ("本轮拟募集1.5亿元，其中3000万用于研发", 1.5e8),
    ("已完成天使轮融资500万元，计划启动A轮融资3000万元", 3e7),
    ("希望引入1200万元股权投资", 1.2e7),
    ("去年营收5000万元", None),
    ("累计获得投资2000万元", None),
]


@pytest.mark.parametrize(("text", "expected"), SOUGHT)
def test_amount_sought(text: str, expected: float | None) -> None:
    assert amount_sought(fold(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b轮以后", ("b", "c+", "pre-ipo")),
        ("a轮及以前", ("seed", "angel", "pre-a", "a")),
        ("b轮以前", ("seed", "angel", "pre-a", "a")),
        ("天使至a轮", ("angel", "pre-a", "a")),
        ("pre-a及a轮", ("pre-a", "a")),
        ("不早于a轮", ("a", "b", "c+", "pre-ipo")),
        ("series b or later", ("b", "c+", "pre-ipo")),
        ("c级部件", ()),
    ],
)
def test_rounds(text: str, expected: tuple[str, ...]) -> None:
    assert rounds_named(text) == expected


def test_stages() -> None:
    assert stages_named("尚处实验室阶段的项目") == ("lab",)
    assert stages_named("量产以前") == ("lab", "prototype", "pilot")
    assert stage_reached("目前仍处于实验室阶段") == ("lab", True)
    assert stage_reached("尚未量产,样机在客户现场试用") == ("pilot", False)
    assert stage_reached("产品已批量供货") == ("market", False)
    assert stage_reached("团队来自三所高校") is None


def values(reading: Reading, kind: str) -> set[str]:
    return {claim.value for claim in reading.claims if claim.kind == kind and claim.polarity > 0}


def test_places_an_institution_acts_in() -> None:
    row = {"name": "基金", "kind": "venture_capital", "province": "浙江省", "city": "宁波市"}
    assert "yangtze_delta" in values(read_institution(row | {"profile": "重点布局长三角。"}), "region")
    assert "330000" in values(read_institution(row | {"profile": "服务全省中小企业。"}), "region")


def test_sectors_weigh_by_prominence_and_use() -> None:
    reading = read_project(
        {
            "name": "高强耐蚀特殊钢",
            "summary": "自研特殊钢与不锈钢板材，用于汽车、医疗器械等行业。团队获医疗健康创新大赛二等奖。",
        }
    )
    found = reading.of("sector")
    assert found[0].value == "steel" and found[0].number is not None and found[0].number > 0.6
    assert all(c.number is not None and c.number < 0.15 for c in found if sectors().field_of(c.value) == "health")


def test_columns_become_claims_without_sentence() -> None:
    row = {
        "project_id": "P1",
        "name": "甲",
        "province": "江苏省",
        "city": "苏州市",
        "sectors": "新材料；生物医药",
        "stage": "中试",
        "funding_round": "A轮",
        "funding_sought": 3e7,
        "space_m2": float("nan"),
        "facilities": ["洁净室"],
        "regions_wanted": ["浙江省"],
        "founded_at": date(2020, 1, 1),
    }
    claims = read_project(row).claims
    for claim in (
        Claim("place", "320500"),
        Claim("sector", "materials"),
        Claim("stage", "pilot"),
        Claim("round", "a"),
        Claim("amount", "", number=3e7),
        Claim("facility", "clean_room"),
        Claim("region", "330000"),
    ):
        assert claim in claims
    assert not any(claim.kind == "space" for claim in claims)


def test_a_column_outweighs_the_text() -> None:
    reading = read_project(
        {"name": "甲", "stage": "growth", "funding_sought": 1e7, "summary": "目前处于实验室阶段。拟融资800万元。"}
    )
    assert [c.value for c in reading.of("stage")] == ["growth"]
    assert [c.number for c in reading.of("amount")] == [1e7]


PIECES = (
    *(
        "我们不投医药",
        "，",
        "。",
        "除电镀外均可",
        "仅投省内",
        "尚未",
        "型式试验",
        "拟融资",
        "三千万",
        "电镀槽",
        "B轮以后",
    ),
    *(
        "(",
        "；",
        "不",
        "无",
        "非",
        "%",
        "万",
        "每平方米3吨",
        "3D打印的外壳",
        "🙂",
        "Ａ",
        "\u3000",
        "\n",
        "not invest in ",
    ),
)
WORDS = st.sampled_from(PIECES)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25), st.lists(WORDS, max_size=10))
def test_any_text_is_read_and_cited_verbatim(first: list[str], second: list[str]) -> None:
    summary, technology = "".join(first), "".join(second)
    project = read_project({"name": "甲", "summary": summary, "technology": technology})
    fund = read_institution({"name": "乙", "kind": "park", "province": "江苏省", "profile": summary})
    for reading, texts in ((project, ("甲", summary, technology)), (fund, ("乙", summary))):
        assert len(set(reading.sentences)) == len(reading.sentences)
        for claim in reading.claims:
            assert claim.polarity in (1, -1)
            assert claim.sentence == "" or (
                claim.sentence in reading.sentences and any(claim.sentence in t for t in texts)
            )
    assert read_project({"name": "甲", "summary": summary, "technology": technology}) == project


def test_rows_without_anything_are_read() -> None:
    assert read_project({}) == Reading()
    assert read_institution(dict.fromkeys(("name", "kind", "profile", "sectors", "ticket_min"))).claims == ()
    assert read_project(dict.fromkeys(TEXT_COLUMNS, None)).sentences == ()
