"""Tables of a report: which figures stand in which cell. A table has a head and rows; a cell is a text or figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.reports.counting import RATED, value_words
from app.reports.facts import Facts
from app.reports.figure import Book, Figure
from app.reports.standing import COVERED, quotas_of
from data.cases import ENDS, LADDER
from data.edition import LEVELS
from data.reference.vocabularies import vocabulary
from evaluation.grouping import UNKNOWN

Cell = str | tuple[Figure, ...]
SHORT = ("introduced", "met", "intent", "signed", "delivered")


@dataclass(frozen=True)
class Table:
    """``head`` and ``rows`` have one width."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _events(codes: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(vocabulary("events").label(code, language) for code in codes)


def _key(value: str) -> str:
    return "unknown" if value == UNKNOWN else value


def _seen(figures: tuple[Figure, ...]) -> bool:
    """Whether there is anything to tell: a row of nothing is left out."""
    return any(figure.small or figure.value for figure in figures)


def _progress(by: str, rungs: tuple[str, ...]) -> Callable[[Book, Facts, str], Table]:
    """Cases by a breakdown, each cell the number of this period and that in all."""

    def build(book: Book, facts: Facts, language: str) -> Table:
        rows: list[tuple[Cell, ...]] = []
        for value in facts.values(by):
            at = f"@{by}={_key(value)}"
            cells = [(book[f"{rung}{at}"], book[f"{rung}.total{at}"]) for rung in rungs]
            last = (book[f"open{at}"],), (book[f"not_called{at}"],)
            if _seen((book[f"introduced.total{at}"],)):
                money = (book[f"amount_delivered{at}"], book[f"amount_delivered.total{at}"])
                rows.append((value_words(by, value)[language == "en"], *cells, *last, money))
        named = {"channel": ("渠道", "Channel"), "group": ("组别", "Group"), "sector": ("领域", "Sector")}[by]
        ends = ("Open", "Not called back", "Amount delivered") if language == "en" else ("未结", "未回访", "兑现金额")
        return Table((named[language == "en"], *_events(rungs, language), *ends), tuple(rows))

    return build


def _rates(book: Book, facts: Facts, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    english = language == "en"
    for by in ("channel", "group"):
        for value in facts.values(by):
            at = f"@{by}={_key(value)}"
            if _seen((book[f"introduced.total{at}"],)):
                cells = [(book[f"rate.{rung}{at}"],) for rung in RATED]
                rows.append((value_words(by, value)[english], (book[f"introduced.total{at}"],), *cells))
    total = [(book[f"rate.{rung}"],) for rung in RATED]
    rows.append(("All" if english else "合计", (book["introduced.total"],), *total))
    head = ("Channel or group", "Introduced") if english else ("渠道或组别", "引荐件数")
    return Table((*head, *_events(RATED, language)), tuple(rows))


def _coverage(book: Book, facts: Facts, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for value in ("", *facts.values("channel")):
        at = f"@channel={value}" if value else ""
        cells = [(book[f"covered.{rung}{at}.number"], book[f"covered.{rung}{at}.share"]) for rung in COVERED]
        everything = "Any channel" if language == "en" else "任一渠道"
        rows.append((value_words("channel", value)[language == "en"] if value else everything, *cells))
    head = "Channel" if language == "en" else "渠道"
    return Table((head, *_events(COVERED, language)), tuple(rows))


def _services(book: Book, facts: Facts, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for code in vocabulary("services").codes:
        name = f"served@service={code}"
        if _seen((book[f"{name}.number"],)):
            cell = (book[f"{name}.number"],), (book[f"{name}.share"],)
            rows.append((vocabulary("services").label(code, language), *cell))
    head = ("Service", "Projects", "Share") if language == "en" else ("服务类别", "获奖项目数", "占比")
    return Table(head, tuple(rows))


def _project_groups(book: Book, facts: Facts, language: str) -> Table:
    figures = [figure for figure in book if figure.name.startswith("projects@group=") and _seen((figure,))]
    names = [figure.params["group"] for figure in figures]
    words = [value_words("group", UNKNOWN if name == "unknown" else name)[language == "en"] for name in names]
    rows = tuple((word, (figure,)) for word, figure in zip(words, figures, strict=True))
    return Table(("Group", "Projects") if language == "en" else ("组别", "项目数"), rows)


def _awards(book: Book, facts: Facts, language: str) -> Table:
    english = language == "en"
    names = (("企业组", "Enterprise group"), ("创客组", "Maker group"), ("other", "Other or unknown group"))
    levels = (*LEVELS, "unknown")
    rows: list[tuple[Cell, ...]] = []
    for group, label in names:
        cells = [(book[f"awarded@group={group}@level={level}"],) for level in levels]
        rows.append((label if english else ("其他或未知" if group == "other" else group), *cells))
    words = ("Group", "City", "Province", "Nation", "Level unknown") if english else ("组别", *_zh_levels(), "级别未知")
    return Table(words, tuple(rows))


def _zh_levels() -> tuple[str, ...]:
    return tuple(f"{level}级" for level in LEVELS)


def _quotas(book: Book, facts: Facts, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for edition, quota in quotas_of(facts):
        figure = book[f"quota@{edition.id}@{quota.id}"]
        rule = edition.rule(quota.rule)
        rows.append((figure.label(language), (figure,), f"{rule.source}：{rule.sentence}"))
    head = ("Quota", "Projects", "Rule") if language == "en" else ("名额", "项目数", "依据")
    return Table(head, tuple(rows))


def _matched(book: Book, facts: Facts, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for value in facts.values("channel"):
        figure = book[f"matched@channel={value}"]
        cells = (figure,), (book[f"introduced.total@channel={value}"],), figure.run or "—"
        rows.append((value_words("channel", value)[language == "en"], *cells))
    head = (
        ("Channel", "Projects matched", "Cases introduced", "Run")
        if language == "en"
        else ("渠道", "已匹配项目数", "已引荐件数", "匹配运行")
    )
    return Table(head, tuple(rows))


TABLES: dict[str, Callable[[Book, Facts, str], Table]] = {
    "channels": _progress("channel", LADDER),
    "groups": _progress("group", SHORT),
    "sectors": _progress("sector", SHORT),
    "ends": _progress("channel", ENDS),
    "rates": _rates,
    "coverage": _coverage,
    "services": _services,
    "project_groups": _project_groups,
    "awards": _awards,
    "quotas": _quotas,
    "matched": _matched,
}
