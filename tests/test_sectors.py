"""The sector tree, its chain, its keywords and the crosswalk of the known vocabularies."""

from __future__ import annotations

import re
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problem import DuijieError
from data.reference.phrases import Phrases, fold, label_key
from data.reference.sectors import CHAIN_EDGE, FLOOR, SectorTree, build_nodes, sectors

INNOVATION_LIGHT = (
    "高端装备制造;新能源及环保（碳中和）技术;电子信息技术;医疗健康;新材料技术;安全应急;创新型服务业;"
    "文化创意;农业新技术等领域;其他;新能源、环保（碳中和）;新能源及环保（碳中和）;新材料;电子信息;"
    "农业新技术;创新型服务"
)
KECHUANG = (
    "电子信息;生物医药;装备制造;先进材料;绿色低碳;产业基础;新一代信息技术;新材料;新能源;节能环保;"
    "基础零部件和元器件;基础材料;工业基础软件;基础制造工艺及装备;产业技术基础"
)
CHUANGKE = (
    "物联网;区块链;生物医药;新材料;智能装备;人工智能创新应用;卫星;智能家居;AI+工业;光伏新能源;"
    "农业机械;第七届“创客中国”物联网中小企业创新创业大赛;"
    "第六届“创客中国”区块链中小企业创新创业大赛;"
    "第七届“创客中国”人工智能创新应用产业链赛道赛（百度）;"
    "第七届“创客中国”卫星产业链赛道赛（中国卫通集团）;"
    "第七届“创客中国”智能家居产业链赛道赛（海尔智家）;"
    "第七届“创客中国”AI+工业产业链赛道赛（科大讯飞）;"
    "第七届“创客中国”光伏新能源产业链赛道赛（保利协鑫）;"
    "第七届“创客中国”农业机械产业链赛道赛（中国一拖集团）"
)
ENGLISH = (
    "software;web;biotech;enterprise;mobile;advertising;cleantech;games_video;hardware;ecommerce;"
    "medical;analytics;semiconductor;network_hosting;security;public_relations;finance;social;"
    "health;other;education;search;messaging;manufacturing;consulting;fashion;travel;music;"
    "hospitality;news;photo_video;real_estate;sports;nonprofit;automotive;transportation;nanotech;"
    "legal;design;pets;local;government;e-commerce"
)


def row(name: str, parent: str = "", downstream: str = "") -> dict[str, str]:
    """A row of the node tables."""
    rest = {"name_zh": name, "name_en": name, "keywords": name, "synonyms": "", "keywords_en": ""}
    return {"id": name, "parent": parent, "downstream": downstream} | rest


def latin(character: str) -> bool:
    """Whether a phrase that begins or ends so must stand at a word boundary."""
    return character.isascii() and character.isalnum()


@pytest.fixture(scope="module")
def tree() -> SectorTree:
    return sectors()


def test_size_and_shape(tree: SectorTree) -> None:
    assert len(tree.fields) >= 12
    assert len(tree.leaves) >= 140
    assert len(tree.index) == len(tree.nodes)
    for node in tree.nodes:
        assert tree.path(node.id)[-1] == node.id
        assert tree.field_of(node.id) in {field.id for field in tree.fields}
    assert sum(len(tree.descendants(field.id)) for field in tree.fields) == len(tree.nodes)


def test_every_leaf_is_described(tree: SectorTree) -> None:
    for leaf in tree.leaves:
        words = [*leaf.keywords, *leaf.synonyms]
        chinese = [word for word in words if not word.isascii()]
        assert leaf.name_zh and leaf.name_en and leaf.name_en.isascii(), leaf.id
        assert leaf.id == "misc" or len(words) >= 8, leaf.id
        assert len(chinese) >= 6, leaf.id
        assert len(words) == len(set(words)), leaf.id
        assert all(len(word) > 1 and word == word.strip() for word in words), leaf.id
        assert not any(mark in word for word in words for mark in ";；、,，"), leaf.id


def test_names_are_distinct(tree: SectorTree) -> None:
    for names in ([node.name_zh for node in tree.nodes], [node.name_en for node in tree.nodes]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_keywords_are_rarely_shared(tree: SectorTree) -> None:
    shared = [word for word, ids in tree.keyword_table().items() if len(ids) > 1]
    assert len(shared) < 0.01 * len(tree.keyword_table())
    assert tree.keyword_table()["机器人"] == ("industrial_robot", "service_robot")


def test_chain_links_agree_and_join_leaves(tree: SectorTree) -> None:
    leaves = {leaf.id for leaf in tree.leaves}
    down = {(node.id, target) for node in tree.nodes for target in node.downstream}
    up = {(source, node.id) for node in tree.nodes for source in node.upstream}
    assert down == up
    assert all(source in leaves and target in leaves and source != target for source, target in down)
    linked = {name for link in down for name in link}
    assert len(linked) >= 0.9 * len(leaves)


def test_graph_is_the_chain(tree: SectorTree) -> None:
    chain = tree.graph()
    assert isinstance(chain, nx.DiGraph)
    assert chain.number_of_nodes() == len(tree.leaves)
    assert chain.number_of_edges() == sum(len(leaf.downstream) for leaf in tree.leaves)
    assert nx.has_path(chain, "carbon_fibre", "wind_turbine")
    assert chain.nodes["pv_cell"]["field"] == "green"


@pytest.mark.parametrize("label", ";".join([INNOVATION_LIGHT, KECHUANG, CHUANGKE, ENGLISH]).split(";"))
def test_every_label_of_the_notices_finds_one_node(tree: SectorTree, label: str) -> None:
    found = tree.resolve(label)
    assert len(found) == 1
    assert found[0] in tree.index


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("9、农业新技术等领域", "agrifood"),
        ("新能源、环保(碳中和)", "green"),
        ("（3）电子信息", "ict"),
        ("光伏新能源产业链", "solar"),
        ("AI＋工业", "industrial_ai"),
        ("第七届“创客中国”卫星产业链赛道赛（中国卫通集团）", "satellite"),
        ("第六届创客中国区块链中小企业创新创业大赛", "blockchain"),
        ("C39 计算机、通信和其他电子设备制造业", "ict"),
        ("C39", "ict"),
        ("2.1 智能制造装备产业", "smart_mfg"),
        ("Real Estate", "real_estate"),
        ("games_video", "game"),
        ("pv_cell", "pv_cell"),
        ("石墨烯与碳纳米管", "graphene"),
        ("Graphene and carbon nanotubes", "graphene"),
        ("3D打印", "additive"),
        ("5G", "mobile_5g"),
        ("其他", "other"),
    ],
)
def test_resolve_ignores_spelling(tree: SectorTree, label: str, expected: str) -> None:
    assert tree.resolve(label) == (expected,)


@pytest.mark.parametrize("label", ["", " ", "不存在的标签", "zzz", "12", "产业", "、"])
def test_unknown_labels_resolve_to_nothing(tree: SectorTree, label: str) -> None:
    assert tree.resolve(label) == ()


def test_crosswalk_is_complete_and_single(tree: SectorTree) -> None:
    counts = Counter(vocabulary for vocabulary, _ in tree.crosswalk)
    assert counts["sei2018"] == 9 + 40
    assert counts["gb4754_2017"] == 114  # 20 + 97 names, of which 房地产业, 教育 and 国际组织 stand on both levels
    assert counts["gb4754_2017_code"] == 97
    for (vocabulary, label), target in tree.crosswalk.items():
        assert tree.resolve(label) == (target,), (vocabulary, label)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_safe(text: str) -> None:
    tree = sectors()
    assert set(tree.resolve(text)) <= tree.index.keys()
    for sector_id, keyword in tree.find(text):
        assert sector_id in tree.index
        assert keyword in fold(text)
    assert label_key(label_key(text)) == label_key(text)


def test_find_takes_the_longest_word(tree: SectorTree) -> None:
    assert tree.find("固态激光雷达") == [("lidar_sensing", "固态激光雷达")]
    assert tree.find("细菌纤维素敷料") == [("wound_care", "细菌纤维素敷料")]
    assert tree.find("布局创面修复与高端耗材")[0][0] == "wound_care"
    assert tree.find("机器人") == [("industrial_robot", "机器人"), ("service_robot", "机器人")]


def test_every_keyword_finds_its_nodes(tree: SectorTree) -> None:
    for word, ids in tree.keyword_table().items():
        assert tree.find(f"（{word}）") == [(sector_id, word) for sector_id in ids], word


def test_stop_phrases_contain_a_keyword_or_stand_alone(tree: SectorTree) -> None:
    assert len(set(tree.stop_phrases)) == len(tree.stop_phrases)
    assert not set(tree.stop_phrases) & tree.keyword_table().keys()


def test_find_respects_latin_word_boundaries(tree: SectorTree) -> None:
    assert ("lidar_sensing", "lidar") in tree.find("LiDARs for trucks")
    assert tree.find("solidarity") == []
    assert ("xr", "vr") in tree.find("ＶＲ教学")


@pytest.mark.parametrize(
    "text",
    [
        "已登记软件著作权3项",
        "建筑面积3000平方米",
        "教育部重点实验室",
        "园区建有污水处理站",
        "北京化工大学",
        "本项目其他情况",
        "etc.",
    ],
)
def test_phrases_that_name_no_sector_are_passed_over(tree: SectorTree, text: str) -> None:
    assert tree.find(text) == []


@given(st.sets(st.text(alphabet="ab光伏电 +", min_size=2, max_size=4), min_size=1, max_size=12), st.text("ab光伏电 +"))
def test_phrases_are_found_longest_first(words: set[str], text: str) -> None:
    start, end = "(?<![a-z0-9])", "(?![a-z0-9])"
    ordered = sorted(words, key=lambda word: (-len(word), word))
    parts = [start * latin(word[0]) + re.escape(word) + end * latin(word[-1]) for word in ordered]
    pattern = re.compile("|".join(parts))
    assert list(Phrases(words).find(text)) == [match.group() for match in pattern.finditer(text)]


def test_phrases_stand_at_word_boundaries() -> None:
    phrases = Phrases(["lidar", "5g", "ai芯片", "c++"])
    assert list(phrases.find("lidars lidarx 25g 5g网 ai芯片 c++s")) == ["lidar", "5g", "ai芯片", "c++"]


def test_affinity_is_a_similarity(tree: SectorTree) -> None:
    affinity = tree.affinity()
    assert affinity.shape == (len(tree.nodes), len(tree.nodes))
    assert affinity.dtype == np.float32
    assert np.array_equal(affinity, affinity.T)
    assert np.all(np.diagonal(affinity) == 1)
    assert affinity.min() == 0
    assert affinity.max() == 1
    assert np.all((affinity == 0) | (affinity >= FLOOR - 1e-6))
    assert 0.05 < (affinity > 0).mean() < 0.3
    with pytest.raises(ValueError, match="read-only"):
        affinity[0, 0] = 0


def test_affinity_falls_with_distance(tree: SectorTree) -> None:
    def near(left: str, right: str) -> float:
        return float(tree.affinity()[tree.index[left], tree.index[right]])

    parent, sibling = near("steel", "metal_mat"), near("steel", "superalloy")
    link, cousin, two = near("steel", "bearing"), near("steel", "ceramics"), near("steel", "robot_control")
    assert 1 > parent > sibling > link > cousin > two > near("steel", "game") == 0
    assert link == pytest.approx(CHAIN_EDGE)
    assert two == pytest.approx(CHAIN_EDGE**2)


def test_affinity_of_all_direct_relations(tree: SectorTree) -> None:
    affinity, index = tree.affinity(), tree.index
    for node in tree.nodes:
        for target in node.downstream:
            assert affinity[index[node.id], index[target]] >= CHAIN_EDGE - 1e-6
        if node.parent:
            assert affinity[index[node.id], index[node.parent]] >= 0.72 - 1e-6
    for leaf in tree.leaves:
        for other in tree.children(leaf.parent):
            if other != leaf.id and not tree.children(other):
                assert affinity[index[leaf.id], index[other]] > CHAIN_EDGE


@pytest.mark.parametrize(
    "rows",
    [
        [row("a"), row("a")],
        [row("a", parent="missing")],
        [row("b", parent="a"), row("a")],
        [row("a"), row("b", "a", downstream="missing")],
        [row("a"), row("b", "a", downstream="b")],
        [row("a"), row("b", "a", downstream="a")],
        [row("a", downstream="c"), row("b", "a"), row("c", "a")],
    ],
)
def test_contradicting_tables_are_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(DuijieError, match=r"sectors\.invalid"):
        build_nodes(rows)


def test_crosswalk_conflicts_are_seen() -> None:
    nodes = build_nodes([row("a"), row("b")])
    assert SectorTree(nodes, {("x", "L"): "a", ("y", "l "): "b"}).resolve("L") == ("a", "b")
