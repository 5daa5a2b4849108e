"""Regions to which an institution's sentence restricts itself, and those it rules out (外县的放不了款, 南方的不考虑).

Which side of a border is meant shows the word itself (本省, 外省, 其余地区) and the judgement on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.reference.regions import Place
from features.reading.claims import Claim
from features.reading.places import own_regions
from features.reading.verdicts import judged

_QUICK = re.compile(
    r"[省市县区州圈]|三角|湾区|半径|[京沪津渝粤苏浙川陕豫鄂湘赣闽皖鲁冀晋辽吉黑桂琼贵云藏甘青宁新蒙]|外地|"
    r"异地|当地|本地|别处|其余|其他|江|河|[东南西北]|车程|公里|离我们|落地|落户|迁|放到|放在|设在|花在|落在|留在|搬|"
    r"registered|based|located|only"
)
_OUTSIDE = (
    (re.compile("(?<!不限)(?:省外|外省|跨省|外省市)"), "本省"),
    (re.compile("市外|市域以外|跨市|外市|外地(?!块)|异地|非本地|不在本地|外埠"), "本市"),
    (
        re.compile(
            "域外|辖区外|辖外|圈外|出了(?:这个|此|本)?[^,;。]{0,4}(?:圈|区|市|省|县|半径)|超出(?:这个|此|该|"
            "服务)?(?:圈|半径|区域)"
        ),
        "本市",
    ),
    (re.compile("县外|外县|区外(?!人)|外区|园外"), "本区"),
    (
        re.compile(
            "(?:离|距)(?:我们|本[^,;。]{1,3}|总部|园区)[^,;。]{0,10}(?:车程|公里|太远|远的)|(?:车程|公里|"
            "高铁)(?:以外|之外|开外)|(?:超过|"
            "大于)[^,;。]{1,6}车程"
        ),
        "本省",
    ),
)
_ELSEWHERE = re.compile(
    "(?:其余|其他|其它|别的)(?:地区|省份|省市|区域|城市|地方|省|市|各地|地域)|别处|他处|别的地方|外面|"
    "其余(?=请|恕|不|一律|免)|(?:以外|之外)(?:的)?(?:地区|区域|项目|企业)?"
)
_ONLY_BEFORE = re.compile(
    "(?<!不)(?:只|仅|限于|限在|仅限|只限|限(?!制|额))[^,;。]{0,14}$|(?:须|必须|要求|应|务必|"
    "需)[^,;。]{0,8}(?:注册|落户|落地|迁|设|放|在|位于|到|"
    "属于|为|来自|地)[^,;。]{0,8}$|"
    "(?:注册地?|区域|范围|地域|所在地|纳税地|实施地|落地)[^,;。]{0,6}(?:限|须|必须|应|为|:)[^,;。]{0,6}$|"
    "(?:注册|研发|总部|生产|主体|纳税|产线|"
    "工厂)[^,;。]{0,8}(?:要|得|须)(?:都)?在$|(?:必须|须|务必|要|得)(?:把[^,;。]{0,10}|(?:花|落|用|放|投|"
    "留|设|建)(?:在|到))$|(?:must be|"
    "only|exclusively)[^,;.]{0,40}$"
)
_ONLY_AFTER = re.compile("^[^,;。不]{0,14}?(?:才|方可|方能|为限|之内才|的才)")
_UNWILLING = re.compile(
    "(?:不肯|不愿意?|不能|不想|无法|不打算|没法|不来|没有)[^,;。]{0,4}(?:到|在|来|迁|落|搬|设|把)[^,;。]{0,16}(?:的|者)"
)
_CASE = re.compile(
    "^(?:等?(?:地区?|省|市|一带|境内|那边|本地|几省|各省|三省|两地|四省|五省|省份|籍)?)(?:的|路|项目|"
    "企业|团队|公司|主体|业务|客户|厂|申请|机构|"
    "[^,;。]{0,6}(?:不|恕|覆盖不|没))"
)
_NOT_IN = re.compile("(?:不在|不属于|未在|不位于|不落|没有?(?:落|设)|不设|不放|(?<!除)非)[^,;。]{0,4}$")
_LISTED = re.compile("[、/]|(?<!共)和|及|与|以及|或")
_EVERYWHERE = frozenset({"nationwide", "overseas"})
_SOFT = re.compile("原则上|一般|通常|优先|尽量|倾向|不太|不大|谨慎")
_BEYOND = re.compile("^[^,;。的]{0,6}(?:以外|之外|(?<!除)外(?!资|贸|地|部))")
_EXCEPT = re.compile("^[^,;。)]{0,4}除外")
_MARK = re.compile("[只仅限须才不恕请没停绕除应]|要求|方可|务必|要[花落用放投留设建把]|must|only")
_SEAT = re.compile("(?:总部|位于|坐落|地处|办公|设在|成立于|扎根|立足|毗邻|紧邻|距)[^,;。]{0,6}$")
_HISTORY = re.compile("已投|被投|曾|累计|服务过|案例|经验")


def areas(text: str, place: Place | None) -> list[Claim]:
    """Claims ``only_region`` and ``region`` (polarity -1) of a folded sentence of an institution at ``place``."""
    if not (_MARK.search(text) and _QUICK.search(text)):
        return []
    firm = 0.5 if _SOFT.search(text) else None
    return list(dict.fromkeys(replace(claim, number=firm) for claim in _areas(text, place)))


def _areas(text: str, place: Place | None) -> Iterator[Claim]:
    for pattern, own in _OUTSIDE:
        for outside in pattern.finditer(text):
            if _refused(text, outside):
                yield from _only(_named(text[: outside.start()], place) or own_regions(own, place))
    unwilling = _UNWILLING.search(text)
    if unwilling is not None and _refused(text, unwilling):
        yield from _only(own_regions(unwilling.group(), place) or own_regions(text, place))
    named = False
    for first, last in _clauses(text):
        codes = _named(text[first:last], place)
        if codes and not _HISTORY.search(text[first:last]):
            named = True
            yield from _of_clause(text, first, last, codes, place)
    elsewhere = _ELSEWHERE.search(text) if named else None
    if elsewhere is not None and _refused(text, elsewhere):
        yield from _only(_named(text[: elsewhere.start()], place))


def _refused(text: str, match: re.Match[str]) -> bool:
    return judged(text, match.start(), match.end(), len(text)) == "refused"


def _named(text: str, place: Place | None) -> tuple[str, ...]:
    """Regions of a list one by one, so that 河北 behind 天津 is no district of it."""
    found = (code for part in _LISTED.split(text) for code in own_regions(part, place))
    return tuple(dict.fromkeys(code for code in found if code not in _EVERYWHERE))


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer("[,;。:()]", text):
        yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _of_clause(text: str, first: int, last: int, codes: tuple[str, ...], place: Place | None) -> Iterator[Claim]:
    """What one clause says of the regions it names: only them, not them, or nothing."""
    clause = text[first:last]
    start, end = _first_name(clause, codes, place)
    head, rest = clause[:start], clause[end:]
    if _BEYOND.match(rest):
        if judged(text, first + start, first + end, len(text)) == "refused":
            yield from _only(codes)
    elif _EXCEPT.match(rest):
        yield from (Claim("region", code, -1) for code in codes)
    elif _NOT_IN.search(head) or _ONLY_BEFORE.search(head) or _ONLY_AFTER.match(rest):
        yield from _only(codes)
    elif (
        not _SEAT.search(head)
        and _CASE.match(rest)
        and judged(text, first + start, first + end, len(text)) == "refused"
    ):
        yield from (Claim("region", code, -1) for code in codes)


def _first_name(clause: str, codes: tuple[str, ...], place: Place | None) -> tuple[int, int]:
    """Where the names stand, from the first to the end of the last: what can be cut off without losing one is not."""
    wanted = set(codes)
    start, end = 0, len(clause)
    while start + 2 < end and wanted <= set(_named(clause[start + 1 :], place)):
        start += 1
    while start + 2 < end and wanted <= set(_named(clause[: end - 1], place)):
        end -= 1
    return start, end


def _only(codes: tuple[str, ...]) -> Iterator[Claim]:
    yield from (Claim("only_region", code, 1) for code in codes)
