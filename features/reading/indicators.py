"""Figures of a text: a number with its unit and the clause that says what it measures (转换效率 28.6%)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from features.text import sentences

_UNITS = (
    "[mkM]?Ω(?:·cm²)?|%|％|‰|℃|°C|K(?![a-zA-Z])|[μµmn]?m(?:²|2|³|3)?(?![a-zA-Z])|km|[mkμµ]?g(?:/[a-zA-Z³²\\d]+)?(?![a-zA-Z])|"
    "[kMG]?W(?:h|/[a-zA-Z²\\d·]+)?(?![a-zA-Z])|[kmμµ]?V(?![a-zA-Z])|[mμµ]?A(?:/cm²|/cm2|h(?:/g)?)?(?![a-zA-Z])|"
    "[kMG]?Hz|[kMG]?Pa|[mn]s(?![a-zA-Z])|[GMKT]B|dB[mi]?|fps|TOPS|nits?|ppm|ppb|rpm|"
    "小时|分钟|秒|天|个月|次|吨|公斤|千克|克|米|毫米|微米|纳米|平方米|㎡|立方米|升|毫升|度|倍|万次|万公里|公里"
)
_FIGURE = re.compile(rf"(?<![\w.\-])(\d[\d,\ue020]*(?:\.\d+)?)\s*({_UNITS})")
_CLAUSE = re.compile(r"[^，,；;。！？!?：:]+[，,；;。！？!?：:]*")
_DATE = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure: ``number`` as it is written, its ``unit``, and the verbatim clause that it stands in."""

    number: str
    unit: str
    clause: str


def indicators(texts: Iterable[str | None]) -> list[Indicator]:
    """Figures of some texts in reading order, one a clause; a clause that only repeats an earlier one is left out."""
    found: dict[str, Indicator] = {}
    for text in texts:
        for sentence in sentences(text):
            for clause in _CLAUSE.findall(_joined_numbers(sentence)):
                match = _FIGURE.search(clause)
                if match and not _DATE.fullmatch(match[1]):
                    told = clause.replace(_COMMA, ",").strip(" ，,；;。：:")
                    found.setdefault(told, Indicator(match[1].replace(_COMMA, ","), match[2], told))
    return list(found.values())


_COMMA = "\ue020"
"""Stands for the comma inside a number while a sentence is cut at commas (a private character)."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def _joined_numbers(sentence: str) -> str:
    return _THOUSANDS.sub(_COMMA, sentence)
