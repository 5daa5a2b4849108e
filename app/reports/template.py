"""The template of a report: chapters, sentences with placeholders, and which tables follow, as a TOML file.

    language = "zh"
    title = "{scope}赛事专报"
    [[chapters]]
    title = "一、赛事筹备组织"
    [[chapters.blocks]]
    text = "本期引荐 {introduced} 件。"
    [[chapters.blocks]]
    table = "channels"
    title = "各渠道进展"

A placeholder is the name of a figure (sheet ``figures`` of the workbook lists them all) or one of :data:`WORDS`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from data.problem import DuijieError

WORDS = ("scope", "from", "to", "due", "fingerprint", "written")
"""Placeholders that are no figures: the scope, both days of the period, the day the report is due, digest, today."""
LANGUAGES = ("zh", "en")
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
KINDS = ("text", "table", "list")
LISTS = ("growth",)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a chapter: ``kind`` is text, table or list; ``content`` the sentence or the name."""

    kind: str
    content: str
    title: str
    where: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Template:
    """A report's shape."""

    language: str
    title: str
    chapters: tuple[Chapter, ...]


def default_template(kind: str, language: str) -> str:
    """Text of the template that ships for a kind of report (``quarter``, ``contest``) in a language."""
    return (resources.files("app.reports") / "templates" / f"{kind}_{language}.toml").read_text(encoding="utf-8")


def load_template(kind: str, language: str, path: str | None) -> Template:
    """The template of a file, or the one that ships.

    Raises
    ------
    DuijieError
        ``template.missing``, ``template.unreadable``, or ``template.invalid`` with the place in the file.
    """
    if path is None:
        return read_template(default_template(kind, language), f"{kind}_{language}.toml")
    file = Path(path)
    if not file.is_file():
        raise DuijieError("template.missing", f"没有模板文件 / no template: {path}", f"duijie report template {kind}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DuijieError("template.unreadable", f"{file.name}: 无法读取 / cannot be read: {error}", "UTF-8") from error
    return read_template(text, file.name)


def read_template(text: str, name: str) -> Template:
    """A template out of TOML text; ``name`` is told in errors. See :func:`load_template`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DuijieError(
            "template.unreadable", f"{name}: 无法读取 / cannot be read: {error}", "TOML: https://toml.io"
        ) from error
    _keys(raw, ("language", "title", "chapters"), name)
    language = raw.get("language", "zh")
    if language not in LANGUAGES:
        raise _wrong(name, f"language 应为 / must be one of {', '.join(LANGUAGES)}")
    chapters = raw.get("chapters")
    if not isinstance(chapters, list) or not chapters:
        raise _wrong(name, "没有章节 / no chapters")
    found = tuple(_chapter(item, f"{name}: chapters[{at}]") for at, item in enumerate(chapters, start=1))
    return Template(language, _text(raw.get("title"), f"{name}: title"), found)


def _chapter(raw: Any, where: str) -> Chapter:
    _keys(raw, ("title", "blocks"), where)
    blocks = raw.get("blocks", [])
    if not isinstance(blocks, list):
        raise _wrong(where, "blocks 应为列表 / must be a list")
    found = tuple(_block(item, f"{where}.blocks[{at}]") for at, item in enumerate(blocks, start=1))
    return Chapter(_text(raw.get("title"), f"{where}.title"), found, where)


def _block(raw: Any, where: str) -> Block:
    _keys(raw, (*KINDS, "title"), where)
    kinds = [kind for kind in KINDS if kind in raw]
    if len(kinds) != 1:
        raise _wrong(where, f"须有且仅有其一 / exactly one of {', '.join(KINDS)}")
    return Block(kinds[0], _text(raw[kinds[0]], where), _text(raw.get("title", ""), where), where)


def _keys(raw: Any, known: Iterable[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise _wrong(where, "应为表 / a table is expected")
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise _wrong(where, f"不认识的键 / unknown keys {unknown}; known: {', '.join(known)}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "应为文字 / a text is expected")
    return value


def _wrong(where: str, what: str) -> DuijieError:
    return DuijieError("template.invalid", f"{where}: {what}", "duijie report template quarter")


def check_template(template: Template, figures: Container[str], names: Iterable[str], tables: Iterable[str]) -> None:
    """Refuse a template that names what there is not; ``names`` are the names of all figures, for the hint.

    Raises
    ------
    DuijieError
        ``template.placeholder``, ``template.table`` or ``template.list`` with the place and the nearest names.
    """
    texts = [("title", template.title)]
    known, lists = list(tables), list(LISTS)
    for chapter in template.chapters:
        texts.append((f"{chapter.where}.title", chapter.title))
        for block in chapter.blocks:
            texts.append((f"{block.where}.title", block.title))
            if block.kind == "text":
                texts.append((block.where, block.content))
            elif block.content not in (known if block.kind == "table" else lists):
                hint = ", ".join(known if block.kind == "table" else lists)
                raise DuijieError(
                    f"template.{block.kind}", f"{block.where}: 没有 / there is no {block.content!r}", hint
                )
    for where, text in texts:
        for name in PLACEHOLDER.findall(text):
            if name not in WORDS and name not in figures:
                near = get_close_matches(name, [*WORDS, *names], n=4, cutoff=0.4)
                message = f"{where}: 不认识的占位符 / unknown placeholder {{{name}}}"
                raise DuijieError("template.placeholder", message, ", ".join(near) or ", ".join(WORDS))
