"""Needs that a project states or only implies, and what institutions offer."""

from __future__ import annotations

import pytest

from data.reference.vocabularies import vocabulary
from features.reading import Claim, read_institution, read_project
from features.reading.cues import GROUPS, topic_groups
from features.reading.lexicon import Lexicon, phrases_of, rows
from features.text import fold


def needs(text: str) -> dict[str, Claim]:
    reading = read_project({"name": "参赛项目", "summary": text})
    return {c.value: c for c in reading.claims if c.kind in ("service", "facility")}


IMPLIED = [
    ("样机尚未经过第三方型式试验。", "testing"),
    ("性能数据都来自自己的台架，客户要独立报告。", "testing"),
    ("寿命是自己推算的，整机厂不采信。", "testing"),
    ("产品还没拿到防爆合格证，加氢站不让装。", "certification"),
    ("没有推广鉴定证书，进不了补贴目录。", "certification"),
    ("专利尚在撰写。", "ip"),
    ("核心配方没申请过任何保护。", "ip"),
    ("新款上架一周就被电商抄走。", "ip"),
    ("合伙人之间只是口头约定，股权还没分。", "legal"),
    ("合同是网上下载的模板。", "legal"),
    ("团队缺少懂财务的人。", "finance_accounting"),
    ("研发支出没分账，高企申报被退回。", "finance_accounting"),
    ("团队缺少懂财务的人。", "hr"),
    ("算法岗位长期空缺，招不到人。", "hr"),
    ("外壳还是3D打印的。", "industrial_design"),
    ("样子粗糙，老人穿脱费劲。", "industrial_design"),
    ("准备出口欧盟。", "compliance"),
    ("准备出口欧盟。", "certification"),
    ("环评手续被退了两次。", "compliance"),
    ("我们的产线仍靠人工抄表。", "digital"),
    ("车间的质检记录还是纸质单据。", "digital"),
    ("小试完成，放大后收率下降。", "pilot_scale"),
    ("五十升罐表现很好，一到吨级产率就掉一半。", "pilot_scale"),
    ("还没有注册公司。", "registration_admin"),
    ("还没有注册公司。", "mentoring"),
    ("正在寻找首家客户。", "market"),
    ("去年拿到注册证，但进院谈了大半年，只有两家诊所在用。", "market"),
    ("成果仍挂在学校名下，作价入股怎么走没有头绪。", "tech_transfer"),
    ("生物相容性评价还没做，申报资料无从下手。", "clinical"),
    ("标注靠两名实习生，部署显卡也紧张。", "data_computing"),
    ("打印构件没有规范可依，报审过不去。", "standardisation"),
    ("膜总是三个月就堵，原因一直没找到。", "expert_technical"),
    ("估值没底，不知道该出让多少股份。", "expert_investment"),
    ("交付一再延期，车间管理粗放。", "expert_management"),
    ("达到专精特新条件，但从未申报过。", "policy"),
    ("缺少抵押物，银行贷不到款。", "financing_service"),
]


@pytest.mark.parametrize(("text", "code"), IMPLIED)
def test_a_need_that_is_only_implied(text: str, code: str) -> None:
    found = needs(text)
    assert code in found, sorted(found)
    assert found[code].inferred and found[code].sentence in text


FACILITIES = [
    ("装配必须在万级洁净车间里进行。", "clean_room", None),
    ("漂洗工序产生的废水需要处理。", "effluent", None),
    ("设备单重40吨，现有厂房放不下。", "heavy_load", None),
    ("地面承重需达到每平方米3吨。", "heavy_load", 3.0),
    ("烧结炉总功率三百千瓦，需要10kV供电。", "three_phase_power", 300.0),
    ("设备高度9米，需要层高10米以上的单层厂房。", "high_ceiling", 9.0),
    ("需储存甲苯、丙酮等溶剂。", "hazardous_storage", None),
    ("质粒构建与细胞培养需要湿实验室。", "wet_lab", None),
    ("疫苗样品要零下70度保存，急需低温库。", "cold_storage", None),
    ("需要10亩试验田做示范种植。", "farmland", None),
]


@pytest.mark.parametrize(("text", "code", "number"), FACILITIES)
def test_a_facility_that_is_needed(text: str, code: str, number: float | None) -> None:
    found = needs(text)
    assert code in found, sorted(found)
    assert found[code].number == number


NO_NEED = [
    ("已通过第三方型式试验，检测报告齐备。", "testing"),
    ("已获授权发明专利八件，专利布局完善。", "ip"),
    ("系统帮助传统工厂告别人工抄表。", "digital"),
    ("产品已取得CE认证与防爆合格证。", "certification"),
    ("面向印染企业提供废水处理装备。", "effluent"),
    ("本工艺不产生废水。", "effluent"),
    ("公司自有洁净车间已投入使用。", "clean_room"),
    ("无需中试即可放大，收率稳定。", "testing"),
    ("公司配备完善的财务制度与专职会计。", "finance_accounting"),
    ("伦理批件已取得，入组完成。", "clinical"),
]


@pytest.mark.parametrize(("text", "code"), NO_NEED)
def test_what_is_done_or_others_trouble_is_no_need(text: str, code: str) -> None:
    assert code not in needs(text)


def test_stated_needs_are_not_inferred() -> None:
    stated = read_project({"name": "甲", "services_wanted": ["检验检测"], "facilities": ["洁净室"]}).claims
    assert Claim("service", "testing") in stated and Claim("facility", "clean_room") in stated
    assert not needs("希望寻找中试平台。")["pilot_scale"].inferred


OFFERS = [
    ("中心具备CNAS资质，提供检测与失效分析。", "service", "testing", None),
    ("提供知识产权代理与专利导航。", "service", "ip", None),
    ("建有中试平台，可做公斤级放大。", "service", "pilot_scale", None),
    ("标准厂房首层承重2吨/平方米，层高8米。", "facility", "heavy_load", 2.0),
    ("标准厂房首层承重2吨/平方米，层高8米。", "facility", "high_ceiling", 8.0),
    ("配套污水处理站和双回路供电。", "facility", "effluent", None),
    ("配套污水处理站和双回路供电。", "facility", "dual_power", None),
    ("设有甲类仓库与危废暂存库。", "facility", "hazardous_storage", None),
]


@pytest.mark.parametrize(("text", "kind", "code", "number"), OFFERS)
def test_what_an_institution_offers(text: str, kind: str, code: str, number: float | None) -> None:
    claims = read_institution({"name": "平台", "kind": "service_platform", "profile": text}).of(kind, 1)
    found = {c.value: c for c in claims}
    assert code in found, sorted(found)
    assert found[code].number == number and found[code].sentence in text


def test_what_is_denied_is_not_offered() -> None:
    reading = read_institution({"name": "园区", "kind": "park", "profile": "园内没有危化品仓库，也不提供动物房。"})
    assert not reading.of("facility", 1)
    assert {c.value for c in reading.of("facility", -1)} >= {"hazardous_storage"}


@pytest.mark.parametrize(("table", "name"), [("services", "services"), ("facilities", "facilities")])
def test_cue_tables_name_known_codes(table: str, name: str) -> None:
    codes = {row["code"] for row in rows(table)}
    assert codes <= set(vocabulary(name).codes)
    assert {row["role"] for row in rows(table)} <= {"object", "cue", "offer"}
    covered = {row["code"] for row in rows(table) if row["role"] == "cue"}
    assert len(covered) >= 25


def test_topic_tables_are_sound() -> None:
    tables = {group: rows(f"topics/{group}") for group in GROUPS}
    table = [row for group in GROUPS for row in tables[group]]
    named = {row["topic"] for row in table if row["role"] == "name"}
    assert {row["topic"] for row in table} == named == topic_groups().keys() and len(named) > 900
    assert {row["role"] for row in table} <= {"name", "show", "weak", "unless"}
    assert not any("+" in name or "|" in name for name in named)
    keys = [(row["topic"], row["role"]) for row in table]
    assert len(keys) == len(set(keys))
    for row in table:
        phrases = phrases_of(row)
        assert phrases and len(phrases) == len(set(phrases)), (row["topic"], row["role"])


def test_lexicon_finds_longest_whole_words_and_gaps() -> None:
    lexicon = Lexicon([("激光", "a"), ("激光雷达", "b"), ("ip", "c"), ("招标…报告", "d"), ("铬", "e")])
    text = fold("激光雷达与chip无关,IP67;招标要求出具报告。含铬")
    found = [(text[hit.start : hit.end], lexicon.values[hit.entry][0]) for hit in lexicon.longest(text)]
    assert found == [("激光雷达", "b"), ("ip", "c"), ("招标要求出具报告", "d"), ("铬", "e")]
    assert lexicon.scan_lines(["激光", "", "铬"]) == [lexicon.scan("激光"), [], lexicon.scan("铬")]
    assert not Lexicon[str]([]).scan("激光")
