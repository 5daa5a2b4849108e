"""The graph: walks that rank, and paths that can be told."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from test_history import AS_OF, deal, institution, market, project

from app.track_record import facts
from data.reference.sectors import sectors
from features.families.graph import FAMILY
from features.family import Market
from features.graph import build_graph, neighbourhood, paths

SELLER = next(sector for sector in sectors().leaves if sector.downstream)
BUYER = sectors()[SELLER.downstream[0]]
FUNDS = [institution(key) for key in ("a", "b", "c", "d")]


def walk(told: Market) -> np.ndarray:
    matrix = FAMILY.fit(told).block(0, told.view.projects.num_rows).matrix()
    return np.zeros(0) if matrix is None else matrix


def test_a_partner_of_an_earlier_partner_is_reached_and_a_stranger_is_not() -> None:
    deals = [deal("mine", "a"), deal("other", "a"), deal("other", "b"), deal("far", "c"), deal("far", "d")]
    found = walk(market([project("mine"), project("other"), project("far")], FUNDS, deals))
    assert found[0, 1] > 0
    assert found[0, 2] == found[0, 3] == 0


def test_without_a_deal_there_is_nowhere_to_start() -> None:
    told = market([project("new"), project("other")], FUNDS, [deal("other", "a"), deal("other", "b")])
    assert not walk(told)[0].any()
    assert walk(market([project("new")], FUNDS, [])).size == 0


def test_frequent_and_recent_partners_weigh_more() -> None:
    deals = [deal("mine", "a"), *(deal(key, "a") for key in ("p", "q", "r"))]
    deals += [deal("p", "b"), deal("q", "b"), deal("r", "c"), deal("old", "a", 5000), deal("old", "d", 5000)]
    found = walk(market([project("mine")], FUNDS, deals))[0]
    assert found[1] > found[2] > found[3] > 0


def test_a_talk_makes_no_partners() -> None:
    deals = [deal("mine", "a", event="met"), deal("other", "a"), deal("other", "b", event="accepted")]
    assert not walk(market([project("mine"), project("other")], FUNDS, deals)).any()


def test_later_deals_change_nothing() -> None:
    deals = [deal("mine", "a"), deal("other", "a"), deal("other", "b")]
    later = [deal("other", "c", -30), deal("mine", "d", -1)]
    projects = [project("mine"), project("other")]
    assert np.array_equal(walk(market(projects, FUNDS, deals)), walk(market(projects, FUNDS, deals + later)))


@pytest.fixture
def told() -> Market:
    """A project that sells to the chain's next link, a fund that dealt above, beside and below it."""
    mine = project("mine", sectors=[SELLER.name_zh], province="浙江省", city="杭州市")
    same = project("P901", sectors=[SELLER.name_zh], province="浙江省", city="宁波市")
    below = project("P902", sectors=[BUYER.name_zh], province="广东省", city="深圳市")
    return market([mine, same, below], FUNDS, [deal("P901", "a"), deal("P902", "a"), deal("P902", "b")])


def test_paths_are_told_from_the_projects_point_of_view(told: Market) -> None:
    graph = build_graph(told.view, "financing")
    found = {path.kind: path for path in paths(graph, "mine", "a")}
    assert found["same_sector"].through == ("P901",)
    assert found["same_region"].through == ("P901",)
    assert found["downstream"].through == ("P902",)
    assert BUYER.id in found["downstream"].sectors
    assert [path.kind for path in paths(graph, "mine", "b")] == ["downstream"]
    assert paths(graph, "mine", "c") == paths(graph, "nobody", "a") == []
    back = {path.kind for path in paths(graph, "P902", "a")}
    assert "upstream" in back


def test_a_common_partner_is_a_path() -> None:
    deals = [deal("mine", "a"), deal("other", "a"), deal("other", "b")]
    graph = build_graph(market([project("mine"), project("other")], FUNDS, deals).view, "financing")
    assert [(path.kind, path.through) for path in paths(graph, "mine", "b")] == [("partner", ("a",))]


def test_an_introduction_is_no_deal_and_other_channels_are_not_asked() -> None:
    rows = [deal("other", "a", event="introduced"), deal("other", "b", channel="placement")]
    graph = build_graph(
        market([project("mine", sectors=[SELLER.name_zh]), project("other")], FUNDS, rows).view, "financing"
    )
    assert not [edge for *_, edge in graph.edges(data=True) if edge["kind"] == "deal"]


def test_facts_count_and_name_nobody(told: Market) -> None:
    graph = build_graph(told.view, "financing")
    sentences = [fact["zh"] + fact["en"] for fact in facts(paths(graph, "mine", "a"))]
    assert any("下游 1 个项目" in sentence and BUYER.name_zh in sentence for sentence in sentences)
    assert not any(key in sentence for key in ("P901", "P902") for sentence in sentences)


def test_the_neighbourhood_keeps_gaps_of_the_chain(told: Market) -> None:
    graph = build_graph(told.view, "financing")
    around = neighbourhood(graph, "mine")
    assert ("sector", BUYER.id) in around
    assert ("institution", "a") in around
    assert ("institution", "c") not in around
    assert len(neighbourhood(graph, "nobody")) == 0
    assert AS_OF - timedelta(days=100) == graph.edges[("project", "P901"), ("institution", "a"), 0]["at"]
    assert isinstance(graph.edges[("project", "P901"), ("institution", "a"), 0]["at"], date)
