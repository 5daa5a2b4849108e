"""One column: raw cells -> Arrow array, with findings by row. Work is done once for each distinct cell text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.cells import (
    FORMULA_STARTS,
    ITEM_MARK,
    MISSING,
    Finding,
    parse_boolean,
    parse_date,
    parse_money,
    parse_number,
    quote,
    split_list,
)
from data.reference.vocabularies import vocabulary
from data.tables import MOST_READ, Column, Kind

MAX_CELL = 1_000_000
_GUARDED = "^'([" + "".join(FORMULA_STARTS).replace("-", r"\-") + "])"
"""The apostrophe by which a text that looks like a formula was led when it was exported."""
_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\x{200B}\x{2060}\x{FEFF}]"
_CONTROL_PYTHON = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff]")
_FORMULA = r"^(?:[=@]|[+\-][^0-9.\s+\-])"
_TOO_LONG = Finding(
    "cell.too_long",
    "error",
    f"单元格超过 {MAX_CELL:,} 个字符 / the cell is longer than {MAX_CELL:,} characters",
    "检查引号是否成对，或缩短文字 / check the quotes, or shorten the text",
)
_LONG = Finding(
    "cell.long",
    "warning",
    f"文字超过 {MOST_READ:,} 个字符，全文保存，只读取前 {MOST_READ:,} 个 / "
    f"longer than {MOST_READ:,} characters: kept whole, only the first {MOST_READ:,} are read",
    "缩短文字 / shorten the text",
)
_FORMULA_TEXT = Finding(
    "text.formula",
    "info",
    "文字以公式符号开头，按文字保存 / the text begins like a formula, kept as text",
    "导出时会转义 / it is escaped on export",
)
Rows = NDArray[np.intp]


@dataclass
class ColumnResult:
    """A converted column: one value a row, the findings with their rows, and currencies named inside money cells."""

    values: pa.Array
    findings: list[tuple[Rows, Finding]] = field(default_factory=list)
    currencies: dict[int, str] = field(default_factory=dict)


def _as_text(cell: Any) -> str | None:
    """A cell of any type as text; None when it holds nothing."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e15
        return None if math.isnan(cell) else str(int(cell) if whole else cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, list | tuple | set | np.ndarray):
        return ITEM_MARK.join([str(item) for item in cell if item is not None] + [""])
    return str(cell)


def as_text(cells: Sequence[Any]) -> tuple[pa.Array, Rows]:
    """Cells as a string array and the rows of over-long cells, which are emptied."""
    texts = [cell if type(cell) is str else _as_text(cell) for cell in cells]
    long = [row for row, text in enumerate(texts) if text is not None and len(text) > MAX_CELL]
    for row in long:
        texts[row] = None
    try:
        array = pa.array(texts, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):  # half a surrogate pair, as broken workbooks hold
        clean = [text if text is None else text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        array = pa.array(clean, pa.string())
    return array, np.array(long, dtype=np.intp)


def clean_text(array: pa.Array, *, compatible: bool = False) -> pa.Array:
    """Text without control characters and outer spaces, '' as null; NFKC when ``compatible`` (identifiers)."""
    if pc.any(pc.match_substring_regex(array, _CONTROL)).as_py():
        array = pc.replace_substring_regex(array, _CONTROL, "")
    if pc.any(pc.match_substring(array, ITEM_MARK)).as_py():
        array = pc.replace_substring(array, ITEM_MARK, ";")
    if compatible:
        array = pc.utf8_normalize(array, form="NFKC")
    array = pc.utf8_trim_whitespace(array)
    if pc.any(pc.starts_with(array, "'")).as_py():
        array = pc.replace_substring_regex(array, _GUARDED, r"\1")
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)


def _grouped(array: pa.Array) -> tuple[list[str], NDArray[np.int64], Callable[[int], Rows]]:
    """Distinct texts, the number of each row's text (-1 for null), and the rows of a text."""
    encoded = array.dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    order = np.argsort(indices, kind="stable")
    ranked = indices[order]

    def rows(number: int) -> Rows:
        start, stop = np.searchsorted(ranked, [number, number + 1])
        return order[start:stop]

    return encoded.dictionary.to_pylist(), indices, rows


def _normal(text: str) -> str:
    return re.sub(_GUARDED, r"\1", unicodedata.normalize("NFKC", _CONTROL_PYTHON.sub("", text)).strip())


def _by_distinct(
    array: pa.Array, kind: Kind, parse: Callable[[str], tuple[Any, Sequence[Finding]]]
) -> tuple[ColumnResult, list[Any]]:
    """Parse each distinct text once and spread the values over the rows."""
    texts, indices, rows = _grouped(array)
    result = ColumnResult(pa.nulls(0))
    values: list[Any] = []
    for number, text in enumerate(texts):
        normal = _normal(text)
        value, findings = parse(normal) if normal else (None, ())
        values.append(value)
        result.findings.extend((rows(number), finding) for finding in findings)
    first = [value[0] if kind is Kind.MONEY and value else value for value in values]
    taken = pa.array(indices, pa.int64(), mask=indices < 0)
    result.values = pa.array(first, kind.arrow).take(taken) if first else pa.nulls(len(array), kind.arrow)
    if kind is Kind.MONEY:
        foreign = {number: value[1] for number, value in enumerate(values) if value and value[1] not in ("", "CNY")}
        result.currencies = {int(row): code for number, code in foreign.items() for row in rows(number)}
    return result, values


def _one(pair: tuple[Any, Finding | None]) -> tuple[Any, Sequence[Finding]]:
    return pair[0], (pair[1],) if pair[1] else ()


def _known(name: str, label: str) -> str | None:
    """Code of a label, or the label itself when the sector tree knows it; None when unknown."""
    if name != "sectors":
        return vocabulary(name).resolve(label)
    from data.reference.sectors import sectors  # the tree is built on first use

    return label if sectors().resolve(label) else None


def _unknown(column: Column, label: str) -> Finding:
    severity: Any = "error" if column.required or column.closed else "warning"
    name = column.vocabulary
    codes = "" if name == "sectors" else ", ".join(vocabulary(name).codes)
    kept = "" if severity == "error" else "，原样保留"
    message = f"{column.name} 中的{quote(label)}不在词表内{kept} / {quote(label)} is not a known value of {column.name}"
    return Finding("code.unknown", severity, message, f"可用 / known: {codes}" if codes else "")


def _parse_code(column: Column, text: str) -> tuple[str | None, Sequence[Finding]]:
    code = _known(column.vocabulary, text)
    if code is not None or text.casefold() in MISSING:
        return code, ()
    finding = _unknown(column, text)
    return (None if finding.severity == "error" else text), (finding,)


def _parse_list(column: Column, text: str) -> tuple[list[str] | None, Sequence[Finding]]:
    values: list[str] = []
    findings: list[Finding] = []
    for item in split_list(text):
        code = _known(column.vocabulary, item) if column.vocabulary else item
        if code is None and item.casefold() not in MISSING:
            findings.append(_unknown(column, item))
        if code is not None or item.casefold() not in MISSING:
            values.append(code if code is not None else item)
    if column.vocabulary == "consent":
        values = _consent(values, findings)
    return list(dict.fromkeys(values)) or None, findings


def _consent(values: list[str], findings: list[Finding]) -> list[str]:
    """``all`` stands for every channel; ``none`` beside a channel contradicts itself, and the refusal counts."""
    if "none" in values and len(values) > 1:
        message = "既同意又拒绝，按拒绝处理 / agrees and refuses at once, taken as refused"
        findings.append(Finding("consent.contradiction", "warning", message, "只保留一种 / keep one of the two"))
        return ["none"]
    return [code for value in values for code in (vocabulary("channels").codes if value == "all" else (value,))]


def convert(column: Column, cells: Sequence[Any], factor: float, today: date) -> ColumnResult:
    """Convert one column; ``factor`` is the unit that its header carries. The result has one value a cell."""
    array, long = as_text(cells)
    kind = column.kind
    if kind is Kind.TEXT:
        result = ColumnResult(clean_text(array, compatible=column.name.endswith("_id")))
        formula = pc.match_substring_regex(result.values, _FORMULA).fill_null(False).to_numpy(zero_copy_only=False)
        lengthy = pc.greater(pc.utf8_length(result.values), MOST_READ).fill_null(False)
        if pc.any(lengthy).as_py():
            result.findings.append((np.flatnonzero(lengthy.to_numpy(zero_copy_only=False)), _LONG))
        if formula.any():
            result.findings.append((np.flatnonzero(formula), _FORMULA_TEXT))
    else:
        parsers: dict[Kind, Callable[[str], tuple[Any, Sequence[Finding]]]] = {
            Kind.CODE: partial(_parse_code, column),
            Kind.LIST: partial(_parse_list, column),
            Kind.DATE: lambda text: _one(parse_date(text, today)),
            Kind.MONEY: lambda text: _one(parse_money(text, factor)),
            Kind.NUMBER: lambda text: _one(parse_number(text, factor)),
            Kind.BOOLEAN: lambda text: _one(parse_boolean(text)),
        }
        result, _ = _by_distinct(array, kind, parsers[kind])
    if long.size:
        result.findings.append((long, _TOO_LONG))
    return result
