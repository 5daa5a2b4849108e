"""One edition of a programme: its contests, awards, quotas, dates, support and rules, as frozen values.

Written in TOML and read by :mod:`data.programmes`; every field here is a key there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.problem import Severity

LEVELS = ("市", "省", "国")
"""The one ladder of awards, lowest first."""
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a notice demands. ``check`` names the check that judges it; the fields behind ``english`` are its terms.

    ``scope``: whose entries are counted; ``kinds``, ``awards``, ``groups``, ``levels``, ``programmes``, ``regions``: to
    what it applies (empty: to all); ``amount``: working days, rows or years, as the check says; ``date``: a deadline of
    the edition; ``default``: it is also cited for projects whose edition is not known.
    """

    id: str
    check: str
    source: str
    sentence: str
    english: str
    scope: str = ""
    condition: str = ""
    date: str = ""
    severity: Severity = "error"
    default: bool = False
    amount: int = 0
    kinds: Words = ()
    awards: Words = ()
    groups: Words = ()
    levels: Words = ()
    programmes: Words = ()
    regions: Words = ()


@dataclass(frozen=True, slots=True)
class Contest:
    """One contest: who runs it on which level, where, with which theme (industry chain) or lead enterprise.

    ``region`` is a division code of :mod:`data.reference.regions`, empty where entrants may come from anywhere.
    """

    name: str
    kind: str
    organiser: str
    organiser_level: str
    place: str = ""
    region: str = ""
    theme: str = ""
    lead_enterprise: str = ""
    aliases: Words = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many contests of a kind the notice announces."""

    kind: str
    number: int
    rule: str


@dataclass(frozen=True, slots=True)
class AwardName:
    """A name of an award in contests of these ``kinds`` (empty: all), and its step on :data:`LEVELS`."""

    name: str
    level: str
    kinds: Words = ()
    aliases: Words = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many projects ``per`` contest or edition, of a group ("" for all), with these awards (empty: any).

    With ``recommended`` the places are places to be recommended: those with one of these awards certainly were.
    """

    id: str
    rule: str
    per: str
    at_most: int
    group: str = ""
    kinds: Words = ()
    awards: Words = ()
    recommended: Words = ()


@dataclass(frozen=True, slots=True)
class TextLimit:
    """Longest text of a column of projects, in characters."""

    column: str
    at_most: int
    rule: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day of the edition's calendar, or a span to ``until``; ``provisional``: the notice says 拟 or 暂定."""

    id: str
    label_zh: str
    label_en: str
    on: date
    source: str
    sentence: str
    until: date | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Support:
    """Support through a channel for winners of these groups with these awards (empty: all confirmed awards)."""

    channel: str
    source: str
    sentence: str
    groups: Words = ()
    awards: Words = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules of one notice that cannot both hold; told as a warning where awards of this kind are stored."""

    id: str
    rules: Words
    zh: str
    en: str
    awards: Words = ()
    kinds: Words = ()


@dataclass(frozen=True)
class Edition:
    """One edition of a programme. ``contest_words``: an award belongs here only if it names one of them."""

    id: str
    programme: str
    edition: str
    year: int
    title: str
    notice: str
    level: str
    kinds: Words
    rules: tuple[Rule, ...]
    theme: str = ""
    programme_aliases: Words = ()
    edition_aliases: Words = ()
    contest_words: Words = ()
    contests: tuple[Contest, ...] = ()
    counts: tuple[Count, ...] = ()
    awards: tuple[AwardName, ...] = ()
    quotas: tuple[Quota, ...] = ()
    limits: tuple[TextLimit, ...] = ()
    dates: tuple[Deadline, ...] = ()
    supports: tuple[Support, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def rule(self, name: str) -> Rule:
        """The rule called ``name``; the reader saw to it that every name used in a file is one."""
        return next(rule for rule in self.rules if rule.id == name)

    def rules_of(self, check: str) -> tuple[Rule, ...]:
        """Rules that a check judges."""
        return tuple(rule for rule in self.rules if rule.check == check)

    def deadline(self, name: str) -> Deadline:
        """The date called ``name``."""
        return next(day for day in self.dates if day.id == name)

    def contests_of(self, kind: str) -> tuple[Contest, ...]:
        """Contests of a kind, in the order of the notice."""
        return tuple(contest for contest in self.contests if contest.kind == kind)

    def supported(self, channel: str, group: str | None, names: Iterable[str]) -> bool:
        """Whether a project of ``group`` with confirmed awards of these ``names`` may be supported in ``channel``."""
        held = set(names)
        return any(
            support.channel == channel
            and (not support.groups or group in support.groups)
            and (held & set(support.awards) if support.awards else True)
            for support in self.supports
        )
