"""Editions as data: every file loads, the figures of the notices are there, and what means nothing is refused."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from data.awarded import contest_core, find_edition, place_award
from data.edition import Edition
from data.problem import DuijieError
from data.programmes import LEVELS, editions, read_edition, read_editions
from data.reference.regions import regions
from data.working_days import after_working_days, is_working_day

FOLDER = Path(str(resources.files("data.reference") / "programmes"))
BY_ID = {edition.id: edition for edition in editions()}
SEVENTH, SIXTH = BY_ID["cnmaker-2022"], BY_ID["cnmaker-2021"]
MINIMAL = """
id = "x"
programme = "甲"
edition = "2030"
year = 2030
title = "甲赛"
notice = "甲通知"
level = "市"
kinds = ["市级赛"]
rules = [{ id = "r", check = "quotas", source = "甲通知 一", sentence = "不超过 3 个", english = "at most 3" }]
"""


@pytest.fixture(params=sorted(BY_ID))
def edition(request: pytest.FixtureRequest) -> Edition:
    return BY_ID[request.param]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_five_notices_are_there() -> None:
    assert {(e.programme, e.edition) for e in editions()} == {
        ("创客中国", "2022"),
        ("创客中国", "2021"),
        ("创客中国长治", "2023"),
        ("创新之光", "2021"),
        ("科创中国", "2023"),
    }
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(BY_ID)


def test_a_rule_names_its_source_and_its_sentence(edition: Edition) -> None:
    for rule in edition.rules:
        assert rule.source.startswith(edition.notice), rule.id
        assert len(rule.sentence) >= 5, rule.id
        assert rule.english.isascii(), rule.id
    for part in (*edition.dates, *edition.supports):
        assert part.source.startswith(edition.notice)
        assert part.sentence


def test_no_personal_data(edition: Edition) -> None:
    text = (FOLDER / f"{edition.id}.toml").read_text("utf-8")
    assert not re.search(r"@|联系人|联系电话|1[3-9]\d{9}|0\d{2,3}[-—]\d{7,8}|https?:|www\.", text)


def test_the_seventh_edition_lists_35_5_6_and_1_contests() -> None:
    kinds = ("区域赛", "专题赛", "赛道赛", "境外区域赛", "总决赛")
    assert [len(SEVENTH.contests_of(kind)) for kind in kinds] == [35, 5, 6, 1, 1]
    assert {c.region for c in SEVENTH.contests_of("区域赛")} == set(regions().contest)
    assert {c.theme: c.place for c in SEVENTH.contests_of("专题赛")} == {
        "物联网": "无锡",
        "区块链": "福州",
        "生物医药": "北京",
        "新材料": "福泉",
        "智能装备": "济南",
    }
    assert all(c.lead_enterprise in c.organiser for c in SEVENTH.contests_of("赛道赛"))
    assert {c.organiser_level for c in SEVENTH.contests_of("区域赛")} == {"省"}
    assert {c.organiser_level for c in SEVENTH.contests_of("赛道赛")} == {"国"}


def test_the_sixth_edition_knows_only_what_its_notice_says() -> None:
    assert {c.kind: c.number for c in SIXTH.counts} == {"区域赛": 34, "专题赛": 5, "境外区域赛": 1}
    assert not SIXTH.quotas
    assert not SIXTH.rules_of("conditions")
    assert {support.channel for support in SIXTH.supports} == {"publicity", "financing"}


def test_quotas() -> None:
    most = {quota.id: quota.at_most for quota in SEVENTH.quotas}
    assert (most["contest-enterprise"], most["contest-maker"], most["university"]) == (10, 6, 5)
    assert (most["top500-enterprise"], most["top500-maker"]) == (300, 200)
    assert (most["top50-enterprise"], most["top50-maker"]) == (30, 20)
    prizes = {
        group: [q.at_most for q in SEVENTH.quotas if q.rule == "final-prizes" and q.group == group]
        for group in ("企业组", "创客组")
    }
    assert prizes == {"企业组": [3, 6, 10, 16], "创客组": [1, 2, 4, 8]}
    assert [q.at_most for q in BY_ID["chuangxinzhiguang-2021"].quotas] == [60]


def test_the_contradiction_of_the_notice_is_real() -> None:
    prizes = {
        g: sum(q.at_most for q in SEVENTH.quotas if q.rule == "final-prizes" and q.group == g)
        for g in ("企业组", "创客组")
    }
    places = {q.group: q.at_most for q in SEVENTH.quotas if q.awards == ("50强",)}
    assert sum(prizes.values()) == sum(places.values()) == 50
    assert prizes != places
    assert [conflict.id for conflict in SEVENTH.conflicts] == ["J1"]


def test_dates_and_the_publicity_period() -> None:
    assert SEVENTH.deadline("recommendation-ends").on == date(2022, 9, 1)
    assert SEVENTH.deadline("final").provisional
    assert [rule.amount for rule in SEVENTH.rules_of("publicity")] == [5, 0]


def test_who_may_be_supported() -> None:
    assert SEVENTH.supported("policy", "企业组", ["500强"])
    assert not SEVENTH.supported("policy", "创客组", ["500强"])
    assert not SEVENTH.supported("policy", "企业组", ["一等奖"])
    assert SEVENTH.supported("placement", "创客组", ["优胜奖"])
    assert not SIXTH.supported("placement", "企业组", ["一等奖"])


def test_levels_are_one_ladder(edition: Edition) -> None:
    assert {award.level for award in edition.awards} <= set(LEVELS)
    assert edition.level in LEVELS


@pytest.mark.parametrize("contest", SEVENTH.contests, ids=lambda contest: contest.name[5:30])
def test_every_contest_is_found_by_its_name(contest: object) -> None:
    row = {"programme": "创客中国", "edition": "2022", "contest": contest.name, "award": "一等奖"}  # type: ignore[attr-defined]
    for kind in (None, contest.kind):  # type: ignore[attr-defined]
        placed = place_award(editions(), row | {"contest_kind": kind})
        assert placed.contest == contest
        assert placed.level == ("国" if placed.kind == "总决赛" else "省")


@pytest.mark.parametrize(
    ("told", "kind", "name"),
    [
        ("浙江赛区", "区域赛", "浙江"),
        ("北京", "区域赛", "北京"),
        ("北京", "专题赛", ""),
        ("新疆兵团", "区域赛", "兵团"),
        ("智能家居产业链赛道赛", "赛道赛", "智能家居"),
        ("第七届国际中小企业创新创业大赛", "境外区域赛", "国际"),
        ("火星赛区", "区域赛", ""),
    ],
)
def test_other_names_of_contests(told: str, kind: str, name: str) -> None:
    row = {"programme": "“创客中国”", "edition": "第七届", "contest": told, "contest_kind": kind, "award": "一等奖"}
    placed = place_award(editions(), row)
    assert placed.edition is SEVENTH
    assert (contest_core(placed.contest.name) if placed.contest else "") == name


def test_editions_are_told_apart() -> None:
    assert find_edition(editions(), "创客中国", "2021", "") is SIXTH
    assert find_edition(editions(), "创客中国", "第六届（2021）", "") is SIXTH
    assert find_edition(editions(), "创客中国", "2023", "长治市高新区杯") is BY_ID["changzhi-2023"]
    assert find_edition(editions(), "创客中国", "2023", "湖南省") is None
    assert find_edition(editions(), "挑战杯", "2022", "") is None
    placed = place_award(
        editions(), {"programme": "创客中国", "edition": "2022", "award": "人气奖", "contest_kind": "区域赛"}
    )
    assert (placed.names, placed.level) == ((), "")


def test_an_edition_is_one_more_file(tmp_path: Path) -> None:
    written(tmp_path, MINIMAL)
    assert [edition.id for edition in read_editions(tmp_path)] == ["x"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour = 'red'\n" + MINIMAL, "programme.unknown_key"),
        (MINIMAL.replace('check = "quotas"', 'check = "quotas", colour = "red"'), "programme.unknown_key"),
        (MINIMAL.replace("year = 2030", ""), "programme.invalid"),
        (MINIMAL.replace("year = 2030", 'year = "2030"'), "programme.invalid"),
        (MINIMAL.replace('kinds = ["市级赛"]', 'kinds = ["街道赛"]'), "programme.invalid"),
        (MINIMAL.replace('level = "市"', 'level = "村"'), "programme.invalid"),
        (MINIMAL + 'quotas = [{ id = "q", rule = "no", per = "edition", at_most = 3 }]', "programme.invalid"),
        (MINIMAL + 'counts = [{ kind = "市级赛", number = "two", rule = "r" }]', "programme.invalid"),
        (MINIMAL + 'rules_ = "', "programme.unreadable"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(DuijieError) as caught:
        read_edition(written(tmp_path, text))
    assert caught.value.code == code
    assert "x.toml" in caught.value.message


def test_working_days_know_holidays_and_make_up_days() -> None:
    assert is_working_day(date(2022, 10, 7)) is False
    assert is_working_day(date(2022, 10, 8)) is True  # a Saturday that was worked for the National Day
    assert after_working_days(date(2022, 9, 28), 5) == date(2022, 10, 10)
    assert after_working_days(date(2022, 10, 14), 5) == date(2022, 10, 21)
    assert after_working_days(date(2022, 10, 14), 0) == date(2022, 10, 14)


def test_every_year_of_the_programmes_has_a_calendar() -> None:
    assert all(is_working_day(date(year, 10, 1)) is False for year in range(2021, 2027))
    assert after_working_days(date(2099, 1, 1), 5) is None
    assert after_working_days(date.max, 5) is None
