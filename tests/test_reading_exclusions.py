"""What an institution's own text rules out, and which projects that concerns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from features.families.exclusion import CLEAR, HINT, weigh
from features.reading import Claim, Reading, read_institution, read_project
from features.reading.likeness import rule_out_by_meaning
from features.reading.ruling import CODES, rule_out
from features.reading.scope import scopes
from features.text import fold


def institution(sentence: str, kind: str = "venture_capital", **row: object) -> Reading:
    base = {"name": "江南成长基金", "kind": kind, "province": "江苏省", "city": "苏州市", "profile": sentence}
    return read_institution(base | row)


def ruled(reading: Reading) -> set[tuple[str, str]]:
    return {(c.kind, c.value) for c in reading.claims if c.polarity < 0 or c.kind.startswith("only_")}


RULED_OUT = [
    ("我们不投医药。", ("sector", "biomed")),
    ("医疗器械、生物制药类项目不在本基金投资范围。", ("sector", "device")),
    ("半导体材料一类，我们暂不考虑。", ("sector", "semi_material")),
    ("本园不接受涉重金属工艺。", ("topic", "重金属")),
    ("除电镀、印染外均可入驻。", ("topic", "印染")),
    ("凡使用氰化物的工序，无论用量多少，均不得进入园区。", ("topic", "含氰")),
    ("恕不接待纯软件团队。", ("topic", "纯软件")),
    ("对消费互联网保持回避。", ("topic", "消费互联网")),
    ("对依赖补贴的商业模式敬而远之。", ("topic", "依赖补贴")),
    ("涉及放射性同位素的项目不在考虑之列。", ("topic", "放射")),
    ("纯贸易类企业免谈。", ("topic", "贸易")),
    ("医美项目，我们不感兴趣。", ("topic", "医美")),
    ("房地产、影视与加盟连锁三类一概不碰。", ("topic", "加盟连锁")),
    ("需要排放工艺废水的企业，本园不予接纳。", ("topic", "废水")),
    ("产生噪声和粉尘的工序请勿申请。", ("topic", "粉尘")),
    ("负面清单：电镀、化工、印染。", ("topic", "电镀")),
    ("禁止喷漆、喷塑等涂装作业。", ("topic", "废气")),
    ("未取得环评的项目不予受理。", ("topic", "未取得环评")),
    ("要求企业已有连续两年营业收入。", ("topic", "现金流")),
    ("暂不考虑尚处实验室阶段的项目。", ("stage", "lab")),
    ("不投早期，只投成长期。", ("only_stage", "growth")),
    ("已经走到B轮及以后的恕不跟进。", ("round", "b")),
    ("只做B轮以后。", ("only_round", "c+")),
    ("仅投省内企业。", ("only_region", "320000")),
    ("外省企业不能申请。", ("only_region", "320000")),
    ("只投长三角。", ("only_region", "yangtze_delta")),
    ("营业执照不在江苏的，现阶段无法受理。", ("only_region", "320000")),
    ("非生物医药项目不投。", ("only_sector", "biomed")),
    ("新材料以外的项目不看。", ("only_sector", "materials")),
    ("We do not invest in biotech.", ("sector", "biomed")),
    ("Projects without revenue are out of scope.", ("topic", "现金流")),
]


@pytest.mark.parametrize(("sentence", "expected"), RULED_OUT)
def test_what_is_ruled_out(sentence: str, expected: tuple[str, str]) -> None:
    found = ruled(institution(sentence))
    split = {(k, part) for k, v in found if k == "topic" for part in v.replace("+", "|").split("|")}
    assert expected in found | split, found


PARK = [
    ("本园区无危化品仓储条件。", ("facility", "hazardous_storage")),
    ("园区未接通工业蒸汽。", ("facility", "steam")),
    ("板面限半吨。", ("facility", "heavy_load")),
]


@pytest.mark.parametrize(("sentence", "expected"), PARK)
def test_what_a_park_lacks(sentence: str, expected: tuple[str, str]) -> None:
    assert expected in ruled(institution(sentence, "park"))


def test_what_a_service_provider_does_not_do() -> None:
    found = ruled(institution("不提供动物实验。知识产权我们不做。", "service_platform"))
    assert ("topic", "动物实验") in found and ("service", "ip") in found
    assert not any(kind == "service" for kind, _ in ruled(institution("知识产权我们不做。", "park")))


NOT_RULED_OUT = [
    "不排除医药。",
    "不限行业，不限阶段。",
    "不仅投医药还投器械。",
    "不只投早期，成长期也可领投。",
    "不要求企业已盈利，不设收入门槛。",
    "我们并非不投早期，而是更看重团队。",
    "不看短期利润，也不以盈利为前提。",
    "此前不投医药，现已放开。",
    "除了生物医药，我们还关注新能源。",
    "从不拒绝跨界项目，欢迎不同背景的团队。",
    "不收取任何费用，不设对赌，不抢热门项目。",
    "持股比例一般不超过两成。",
    "不锈钢制品产业带就在园区东侧，采购方便。",
    "年度审计结论优秀，未发生责任事故。",
    "没有营收没关系，愿意从一张图纸看起。",
    "共享设备全部可在线预约，新户首月免费。",
    "园区植保无人机试验场可免费使用。",
    "We are not limited to any industry and do not require revenue.",
]


@pytest.mark.parametrize("sentence", NOT_RULED_OUT)
def test_what_only_looks_like_an_exclusion(sentence: str) -> None:
    assert ruled(institution(sentence)) == set()


def test_an_exclusion_is_no_interest() -> None:
    reading = institution("我们聚焦新材料与高端装备，医疗器械类项目不投。")
    positive = {c.value for c in reading.claims if c.kind == "sector" and c.polarity > 0}
    assert "materials" in positive and not positive & {"device", "health"}
    assert all(c.sentence in "江南成长基金我们聚焦新材料与高端装备，医疗器械类项目不投。" for c in reading.claims)


def test_softened_exclusions_are_less_firm() -> None:
    firm = next(c.number for c in institution("不投医药。").claims if c.polarity < 0)
    soft = next(c.number for c in institution("原则上不投医药。").claims if c.polarity < 0)
    assert (firm, soft) == (1.0, 0.5)


def test_lists_and_continuations_are_covered() -> None:
    phrases = [scope.phrase for scope in scopes(fold("不投医药、房地产，以及纯软件。"))]
    assert phrases == ["医药、房地产、以及纯软件"]
    assert [s.mode for s in scopes(fold("不投早期，只投成长期"))] == ["not", "only"]


def strength(project: dict[str, object], reading: Reading) -> float:
    return float(rule_out([read_project(project)], [reading]).block(0, 1)[0, 0])


STEEL = {
    "name": "高强耐蚀钢板",
    "summary": "我们研制高强钢与不锈钢薄板，年产三万吨。产品也可应用于医疗器械行业。",
    "sectors": ["新材料"],
}
DRESSING = {
    "name": "细菌纤维素创面敷料",
    "summary": "静置发酵得到纳米纤维素湿性敷料，用于烧伤创面，换药不粘连，是二类医疗器械。",
}


def test_a_word_in_passing_rules_nothing_out() -> None:
    fund = institution("医疗器械类项目不投。")
    assert strength(STEEL, fund) < 0.5
    assert strength(DRESSING, fund) == 1.0


CASES: Sequence[tuple[str, str, str, float, float]] = [
    # kind of institution, its sentence, the project's, least and greatest strength
    ("park", "不碰含氰工艺。", "碱性镀铜槽液使用氰化亚铜作主盐。", 1.0, 1.0),
    ("park", "不碰含氰工艺。", "无氰碱铜体系，络合剂为焦磷酸盐。", 0.0, 0.4),
    ("park", "不接受电镀企业。", "面向电镀企业提供含镍废水的膜法回收装置。", 0.0, 0.4),
    ("park", "不接受电镀企业。", "产品在自有电镀线上完成镀镍工序。", 1.0, 1.0),
    ("park", "本园区无危化品仓储条件。", "生产需储存甲苯和丙酮各二十吨。", 1.0, 1.0),
    ("park", "楼板承重不超过500公斤每平方米。", "单台设备重十二吨，需要重载地面。", 1.0, 1.0),
    ("park", "每层配电只有一百千伏安。", "烧结炉总功率三百千瓦。", 1.0, 1.0),
    ("venture_capital", "单笔不低于三千万。", "拟融资2000万元用于扩产。", 1.0, 1.0),
    ("venture_capital", "单笔不低于三千万。", "拟融资5000万元用于扩产。", 0.0, 0.0),
    ("venture_capital", "低于五百万元的融资需求，我们不参与。", "计划出让8%股权募资三百万。", 1.0, 1.0),
    ("venture_capital", "暂不考虑尚处实验室阶段的项目。", "目前仍处于实验室阶段。", 1.0, 1.0),
    ("venture_capital", "暂不考虑尚处实验室阶段的项目。", "产品已批量供货，去年销售收入四千万元。", 0.0, 0.0),
    ("venture_capital", "恕不接待纯软件团队。", "低代码SaaS平台，软件订阅按账号收费。", 1.0, 1.0),
    ("venture_capital", "恕不接待纯软件团队。", "自研手术机器人样机，电机、控制器与软件平台均自主。", 0.0, 0.4),
    ("bank", "尚无营业收入的企业暂不受理。", "样机刚做出来，尚未产生收入。", 0.5, 1.0),
    ("venture_capital", "未注册公司的团队不投。", "我们还没有注册公司，以团队名义参赛。", 1.0, 1.0),
]


@pytest.mark.parametrize(("kind", "sentence", "project", "least", "most"), CASES)
def test_strength(kind: str, sentence: str, project: str, least: float, most: float) -> None:
    assert least <= strength({"name": "参赛项目", "summary": project}, institution(sentence, kind)) <= most


def test_regions() -> None:
    fund = institution("仅投省内企业。")
    assert strength({"name": "甲", "province": "江苏省", "city": "南京市"}, fund) == 0.0
    assert strength({"name": "甲", "province": "辽宁省", "city": "沈阳市"}, fund) == 1.0
    assert strength({"name": "甲"}, fund) == 0.0  # unknown is not outside


def test_ruling_cites_verbatim_sentences_and_is_sorted() -> None:
    texts = [
        {"name": "镀层", "summary": "产品在自有电镀线上完成。镀液含六价铬。"},
        {"name": "软件", "summary": "低代码SaaS平台。软件订阅按账号收费。"},
        STEEL,
    ]
    projects = [read_project(row) for row in texts]
    institutions = [
        institution("主营表面工程。不接受涉重金属与电镀工艺。", "park"),
        institution("恕不接待纯软件团队。"),
    ]
    ruling = rule_out(projects, institutions)
    strength = ruling.block(0, 3)
    assert strength[0, 0] > 0 and strength[1, 1] > 0 and not strength[2].any() and strength.max() <= 1
    rows, cols = np.divmod(np.arange(6), 2)
    result = ruling.of(rows, cols)
    np.testing.assert_array_equal(result.strength, strength[rows, cols])
    for at in np.flatnonzero(result.strength):
        cited = institutions[cols[at]].sentences[result.institution_sentences[at]]
        assert cited in {"不接受涉重金属与电镀工艺。", "恕不接待纯软件团队。"}
        assert result.project_sentences[at] < len(projects[rows[at]].sentences)
        assert CODES[result.codes[at]] == "topic"
    silent = result.strength == 0
    assert (result.codes[silent] == -1).all() and (result.institution_sentences[silent] == -1).all()


def test_of_several_grounds_the_strongest_is_cited_in_every_block() -> None:
    texts = ["产品在自有电镀线上完成。", "低代码SaaS平台，软件订阅按账号收费。", "自有喷漆房，调漆后喷涂。"]
    projects = [read_project({"name": f"第{i}号", "summary": texts[i % 3]}) for i in range(7)]
    institutions = [
        institution(text, "park") for text in ("不接受电镀。谢绝纯软件。", "不限行业。", "不接受电镀企业。")
    ]
    ruling = rule_out(projects, institutions)
    whole = ruling.block(0, 7)
    np.testing.assert_array_equal(np.vstack([ruling.block(0, 3), ruling.block(3, 7)]), whole)
    rows, cols = np.divmod(np.arange(21), 3)
    np.testing.assert_array_equal(ruling.of(rows, cols).strength, whole.ravel())
    assert not whole[:, 1].any()


def test_ruling_of_nothing() -> None:
    assert rule_out([], []).block(0, 0).shape == (0, 0)
    nothing = rule_out([read_project(STEEL)], [institution("不限行业。")])
    assert not nothing.block(0, 1).any() and nothing.of(np.zeros(1, int), np.zeros(1, int)).codes.tolist() == [-1]


def test_meaning_finds_what_words_do_not() -> None:
    """Vectors by hand: the excluded phrase and one project of thirty share a direction that no other text has."""

    def encode(lines: Sequence[str]) -> np.ndarray:
        generator = np.random.default_rng(7)
        noise = generator.normal(0, 0.001, (len(lines), 128)).astype(np.float32)
        noise[:, 0] += [1.0 if "一锤子" in line or "整机交给客户就两清" in line else 0.0 for line in lines]
        return noise

    projects = [read_project({"name": f"第{i}号", "summary": f"第{i}种检测装置，供给工厂。"}) for i in range(30)]
    projects.append(read_project({"name": "手套", "summary": "整机交给客户就两清。"}))
    funds = [institution("一锤子的生意一概不碰。")]
    assert not rule_out(projects, funds).block(30, 31).any()
    meant = rule_out_by_meaning(projects, funds, encode)
    assert np.flatnonzero(meant.block(0, 31)[:, 0]).tolist() == [30]
    said = meant.of(np.array([30]), np.array([0]))
    assert projects[30].sentences[said.project_sentences[0]] == "整机交给客户就两清。"
    assert funds[0].sentences[said.institution_sentences[0]] == "一锤子的生意一概不碰。"
    assert not rule_out_by_meaning(projects[:5], funds, encode).block(0, 5).any(), "too few to stand out from"


def test_columns_alone_rule_nothing_out() -> None:
    silent = institution("主营新材料。", ticket_min=30_000_000, stages=["growth"], rounds=["c+"])
    assert strength({"name": "甲", "funding_sought": 1_000_000, "stage": "lab"}, silent) == 0.0
    assert Claim("ticket_min", "", number=30_000_000.0) in silent.claims


PLAIN_NOES = [
    ("投资新材料；不投医药。", {"summary": "口服抗肿瘤药，靶向小分子，已完成一期临床。"}),
    ("暂不考虑尚处实验室阶段的项目。", {"summary": "目前仍处于实验室阶段。", "stage": "lab"}),
    ("已经走到B轮及以后的恕不跟进。", {"summary": "拟启动B轮融资。", "funding_round": "b"}),
    ("不接受涉重金属工艺。", {"summary": "镀液含六价铬，自有电镀线。"}),
    ("单笔不低于三千万。", {"summary": "拟融资2000万元用于扩产。"}),
]


@pytest.mark.parametrize(("sentence", "project"), PLAIN_NOES)
def test_what_is_ruled_out_by_name_is_a_plain_no(sentence: str, project: dict[str, object]) -> None:
    ruling = rule_out([read_project({"name": "参赛项目"} | project)], [institution(sentence)], weigh=weigh)
    assert ruling.block(0, 1)[0, 0] >= CLEAR


def test_a_focus_is_a_hint_only() -> None:
    ruling = rule_out([read_project(STEEL)], [institution("只投生物医药。")], weigh=weigh)
    assert 0 < ruling.block(0, 1)[0, 0] <= HINT
