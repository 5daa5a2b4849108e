"""The tables that may stand in a marked place, by name, and all that a folder of results has to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evaluation.documents.investors import crunchbase, cuts, learned, retrieval, strata, summary
from evaluation.documents.labelled import ablation, channels, labelled
from evaluation.documents.product import calibration, duplicates, encoders, matching
from evaluation.documents.table import Table
from evaluation.results import Results

_TABLES: tuple[Callable[..., Table | None], ...] = (
    *(labelled, channels, ablation),
    *(summary, crunchbase, retrieval, strata, cuts, learned),
    *(calibration, duplicates, matching, encoders),
)
SECTIONS: Mapping[str, Callable[..., Table | None]] = {told.__name__: told for told in _TABLES}
"""By name; the words after the name are its arguments. A table is None without its result."""
TITLES = {
    "labelled": "标注集 / graded pairs",
    "crunchbase": "真实投资人 / real investors",
    "ablation": "各特征族的贡献 / what each family gives",
    "learned": "学得的排序 / the learned ranker",
    "calibration": "概率 / probabilities",
    "duplicates": "重复项目 / duplicates",
    "matching": "时间与内存 / time and memory",
    "encoders": "编码器 / encoders",
}
"""Kinds of results, in the order of a page."""
_WHOLE = ("learned", "calibration")
"""Kinds whose results make one table together."""


def shown(results: Results) -> Iterator[tuple[str, str, Table]]:
    """Every table of a folder of results for a page: title of its kind, what it is about (may be empty), the table."""
    for kind, title in TITLES.items():
        about = [name.removeprefix(kind).strip() for name in sorted(results) if name.split()[0] == kind]
        if kind == "duplicates":
            about = list(dict.fromkeys(name.split()[0] for name in about))
        for words in [""] if about and kind in _WHOLE else about:
            table = SECTIONS[kind](results, *words.split())
            if table is not None:
                yield title, words, table
