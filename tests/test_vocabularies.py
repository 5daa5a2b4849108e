"""Vocabularies: closed lists whose every word leads to exactly one code."""

from __future__ import annotations

import pytest

from data.problem import DuijieError
from data.reference.vocabularies import vocabulary, vocabulary_names
from data.tables import TABLES

NAMES = vocabulary_names()


def test_every_vocabulary_of_the_tables_exists() -> None:
    wanted = {column.vocabulary for table in TABLES.values() for column in table.columns} - {"", "sectors"}
    assert wanted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_label_resolves_to_its_own_code(name: str) -> None:
    words = vocabulary(name)
    assert len(set(words.codes)) == len(words.codes) > 1
    for code in words.codes:
        for label in (code, words.label(code), words.label(code, "en"), *words.synonyms(code)):
            assert words.resolve(label) == code, label


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("rounds", "series-a", "a"),
        ("rounds", "Series C+", "c+"),
        ("rounds", "Ａ轮", "a"),
        ("rounds", "private-equity", "private-equity"),
        ("rounds", "post-ipo", "post-ipo"),
        ("rounds", "天使轮", "angel"),
        ("institution_kinds", "国家中小企业发展基金", "government_fund"),
        ("institution_kinds", "中外中小企业合作区", "zone"),
        ("institution_kinds", "专业众创空间", "incubator"),
        ("institution_kinds", "大学科技园", "incubator"),
        ("institution_kinds", "国家新型工业化产业示范基地", "park"),
        ("services", "1、检验检测等服务", "testing"),
        ("services", "行业标准化技术咨询", "standardisation"),
        ("services", "国际化经营合规辅导", "compliance"),
        ("facilities", "无尘车间", "clean_room"),
        ("stages", "TRL 6", "pilot"),
        ("award_statuses", "公示期", "公示中"),
        ("channels", "产融对接", "financing"),
    ],
)
def test_words_of_the_notices(name: str, label: str, code: str) -> None:
    assert vocabulary(name).resolve(label) == code


def test_the_ladder_of_events_leaves_refusals_out() -> None:
    events = vocabulary("events")
    assert events.ladder == ("introduced", "accepted", "met", "second_contact", "intent", "signed", "delivered")
    assert [events.order(code) for code in events.codes] == list(range(len(events.codes)))
    assert vocabulary("stages").codes == ("lab", "prototype", "pilot", "market", "growth")
    rounds = vocabulary("rounds")
    assert rounds.order("seed") < rounds.order("angel") < rounds.order("a") < rounds.order("c+")
    assert "debt" not in rounds.ladder


def test_unknown_words_stay_unknown() -> None:
    assert vocabulary("stages").resolve("完全不相干") is None
    assert vocabulary("stages").resolve("") is None
    assert vocabulary("stages").label("x") == "x"
    assert vocabulary("stages").order("x") == 5


def test_a_bare_yes_or_no_never_opens_a_confidential_project() -> None:
    assert vocabulary("confidentiality").resolve("否") is None
    assert vocabulary("confidentiality").resolve("是") is None


def test_an_unknown_vocabulary_is_a_misuse() -> None:
    with pytest.raises(DuijieError, match=r"vocabulary\.unknown"):
        vocabulary("nonsense")
