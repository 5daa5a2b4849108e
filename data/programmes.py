"""Programmes as dated data: one TOML file an edition in ``data/reference/programmes``; a new edition is a new file.

An edition names its contests, its ladder of awards (市 / 省 / 国), its quotas, dates, what support its winners get, and
its rules. Each rule carries the sentence of the notice it rests on, word for word, and the name of that source. What a
notice does not say is not in its file: rules are never copied from another year.

A file with an unknown key, a missing key or a reference to nothing is a misuse and refused with a :class:`DuijieError`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from data.edition import (
    LEVELS,
    AwardName,
    Conflict,
    Contest,
    Count,
    Deadline,
    Edition,
    Quota,
    Rule,
    Support,
    TextLimit,
)
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary

__all__ = [
    "LEVELS",
    "AwardName",
    "Conflict",
    "Contest",
    "Count",
    "Deadline",
    "Edition",
    "Quota",
    "Rule",
    "Support",
    "TextLimit",
    "editions",
    "read_edition",
    "read_editions",
]

SCOPES = ("", "project", "entrant", "applicant")
UNITS = ("contest", "edition")
T = TypeVar("T")


def _wrong(where: str, zh: str, en: str) -> DuijieError:
    hint = "见 data/programmes.py / the fields are in data/programmes.py"
    return DuijieError("programme.invalid", f"{where}：{zh} / {en}", hint)


def _value(hint: Any, value: Any, where: str) -> Any:
    """A TOML value as the type a field declares."""
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _wrong(where, "应为列表", "a list is expected")
        return tuple(_value(get_args(hint)[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise _wrong(where, "应为表", "a table is expected")
        return _build(hint, value, where)  # type: ignore[arg-type]
    choices = get_args(hint)
    types = (str,) if choices and isinstance(choices[0], str) else choices or (hint,)
    if type(value) not in types or isinstance(value, datetime):
        raise _wrong(
            where, f"值的类型不对：{value!r}", f"wrong type, one of {[kind.__name__ for kind in types]} is expected"
        )
    return value


def _build(kind: type[T], raw: Mapping[str, Any], where: str) -> T:
    """An object out of a TOML table; every key must be a field, every field without a default must be there."""
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(raw) - set(known))
    if unknown:
        message = f"{where}：不认识的键 {unknown} / unknown keys"
        raise DuijieError("programme.unknown_key", message, f"可用 / known: {', '.join(known)}")
    missing = [name for name, field in known.items() if field.default is MISSING and name not in raw]
    if missing:
        raise _wrong(where, f"缺少 {missing}", "keys are missing")
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value, f"{where}.{name}") for name, value in raw.items()})


def _codes_used(edition: Edition) -> Iterable[tuple[str, Iterable[str], Iterable[str]]]:
    """What is used, the values used, and the values allowed."""
    parts: tuple[Any, ...] = (*edition.rules, *edition.quotas, *edition.awards, *edition.conflicts)
    kinds = [*edition.kinds, *(c.kind for c in edition.contests), *(c.kind for c in edition.counts)]
    yield "kinds", [*kinds, *(k for part in parts for k in part.kinds)], vocabulary("contest_kinds").codes
    grouped: tuple[Any, ...] = (*edition.rules, *edition.supports)
    groups = [group for part in grouped for group in part.groups]
    yield "group", [*groups, *(q.group for q in edition.quotas if q.group)], vocabulary("groups").codes
    levels = [edition.level, *(c.organiser_level for c in edition.contests), *(a.level for a in edition.awards)]
    yield "level", [*levels, *(level for rule in edition.rules for level in rule.levels)], LEVELS
    yield "scope", [rule.scope for rule in edition.rules], SCOPES
    yield "severity", [rule.severity for rule in edition.rules], ("error", "warning", "info")
    yield "per", [quota.per for quota in edition.quotas], UNITS
    referring: tuple[Any, ...] = (*edition.quotas, *edition.counts, *edition.limits)
    named = [part.rule for part in referring]
    named += [name for conflict in edition.conflicts for name in conflict.rules]
    yield "rule", named, [rule.id for rule in edition.rules]
    yield "date", [rule.date for rule in edition.rules if rule.date], [day.id for day in edition.dates]
    names = {award.name for award in edition.awards}
    awarding: tuple[Any, ...] = (*edition.quotas, *edition.supports, *edition.conflicts)
    yield "awards", [name for part in awarding for name in part.awards], names


def _verify(edition: Edition, where: str) -> None:
    """Refuse values outside their lists, names that stand twice, and contests that do not add up to the counts."""
    for what, used, allowed in _codes_used(edition):
        outside = sorted(set(used) - set(allowed))
        if outside:
            raise _wrong(where, f"{what} 的值 {outside} 不在 {sorted(allowed)}", f"unknown {what}")
    for part in (edition.rules, edition.quotas, edition.dates):
        names = [item.id for item in part]  # type: ignore[attr-defined]
        if len(names) != len(set(names)):
            raise _wrong(where, f"编号重复 {names}", "an id stands twice")
    for count in edition.counts:
        listed = len(edition.contests_of(count.kind))
        if listed not in (0, count.number):
            raise _wrong(where, f"{count.kind}应有 {count.number} 场，列出 {listed} 场", "contests do not add up")


def read_edition(path: Traversable) -> Edition:
    """One edition out of a TOML file.

    Raises
    ------
    DuijieError
        ``programme.unreadable`` when it is no TOML, ``programme.unknown_key`` for a key no field bears,
        ``programme.invalid`` for a missing key, a wrong type, or a value or reference that means nothing.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DuijieError("programme.unreadable", f"{path.name}：不是有效的 TOML / no valid TOML: {error}") from error
    edition = _build(Edition, raw, path.name)
    _verify(edition, path.name)
    return edition


def read_editions(folder: Traversable) -> tuple[Edition, ...]:
    """All editions of a folder, in the order of year and id; see :func:`read_edition` for what is refused."""
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    found = [read_edition(item) for item in files]
    if len({edition.id for edition in found}) != len(found):
        raise _wrong(folder.name, "两个文件的 id 相同", "two files have one id")
    return tuple(sorted(found, key=lambda edition: (edition.year, edition.id)))


@cache
def editions() -> tuple[Edition, ...]:
    """The editions of this installation, read once."""
    return read_editions(resources.files("data.reference") / "programmes")
