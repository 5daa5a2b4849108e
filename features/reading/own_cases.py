"""Cases that an institution refuses in words that no table knows: 首台套还没下线的, 两年内换过法人的, 靠蒸汽的工艺.

Each comes as what :mod:`.cases` seeks in the projects' clauses: a sign (``-`` missing, ``+`` there, ``*`` needed) and
the words of the case (:func:`.states.about`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from features.reading.cues import Found
from features.reading.places import regions_named
from features.reading.states import about, lacking, state_groups
from features.reading.verdicts import WAIVED, clause_of, judged, verdict

_CASE = re.compile("(?<=.{2})(?:的(?!确)|者)")
_CLAUSES = re.compile("[^,;。:()]+")
_SITE_LACKS = re.compile(
    "(?:不提供|不通|未通|未接通?|没有?接通?|不设|未设|没有|无(?=[^论需须])|不供|不具备)(?P<x>[^,;。的者]{2,8})$"
)
_ENTRANT = re.compile(
    "(?P<x>[^,;。的]{3,14}?)(?:一律|均|也|都|暂|项目|作品)*(?:不能|不得|不可以?|不予|不|谢绝|恕不|请勿|"
    "勿)(?:再|重复)?(?:报名|申报|申请|参评|参赛|享受|"
    "承租|补贴|参加|入选)"
)
_NEXT_CASE = re.compile(",[^,;。]{2,12}(?:的|者)[^,;。]{0,8}(?:不|别|请|勿|免|另|绕|没)")
_PLACE = re.compile("园|楼|厂区|场地|库区|码头|管网|车间|大厦|基地")
_LIKE_MISSING = re.compile("没|未(?!来)|无(?!人|线)|缺|不(?!良)|低于|少于|小于|超过|高于|大于|以上|以下|以内")
_NEEDING = re.compile(
    "(?:^|[^重主次])(?:需要|需用|要用|用到|用(?![量户途地电水能材])了?|要走|要存放|要|靠|离不开|依赖|"
    "依靠|产生|排放|使用|采用|做)"
)
_BEING = re.compile(
    "有(?![机色效关限利])|已经?|曾|被|(?<=[\u3400-\u9fff])过(?![期程高低大小多于度])|正在|还在|仍在|在(?!线)|处于|属于|"
    "来自|挂(?!帅)|是|签着?|名下"
)
_BEHIND = re.compile("[,)](?P<x>[^,;。]{1,12})(?=[,;。]|$)")
_OBJECT = re.compile("不(?:再|予|能)?(?:接受|接收|支持|受理|承接|收|做|办|接|投|提供)[^,;。了的]{2,}")
_OURS_HEAD = re.compile(
    "^(?:我们|本(?!轮|次)[^,;。]{1,4}|园区|平台|基金|中心|楼内|园内|我园|我行|我司|目前|国内|市场|"
    "行业)(?![^,;。]*的(?:项目|企业|公司|团队|产品))"
)
_WANTED_HEAD = re.compile("希望|愿意|期待|^(?:专注|聚焦|主投|关注|支持|服务|面向|擅长|提供|寻找|征集|扶持|鼓励)")
_DEMANDED = re.compile(
    "(?:必须|(?<![无不])须(?!弥)|务必|(?<!不)(?<!不做)(?<!不作)(?<!需求)要求(?![不把将在])|我们要看到|要看到|"
    "要有|需有|应有|得有|至少|请先|(?<!不)[只仅](?!有|"
    "是|要|需|能)[^,;。有已]{1,4}?(?=有|已|完成|通过|走完|取得|达到|经过|拿到|具备|"
    "过了?))(?P<x>[^,;。的再后]{3,16})(?:再|后|的|,|;|。|才|方|$)|"
    "(?:^|[,;。请须要])等(?P<y>[^,;。的再后]{2,16})(?:再(?![买生次造])|后[^期续])|"
    "(?<!先)(?P<w>[^,;。的先等]{3,14})再(?:来|谈|说|申请|报|联系|考虑)|"
    "(?P<z>[^,;。的]{2,14}?)(?:(?<![人天英奇俊刚])才(?:行|算|可|能|够|收|接|看|谈|有资格|作数|给)|(?<!不)(?:是|"
    "作为)(?:我们的?|"
    "硬性|基本|最低)*(?:门槛|前提|底线|红线|硬杠杠?))"
)
_BURDENS = frozenset({"burden", "need", "asked"})


def own_cases(text: str, hits: Sequence[Found]) -> Iterator[str]:
    """Signed words of the cases that a folded sentence refuses; ``hits`` are the known states that it names."""
    yield from _missing(text)
    yield from _demanded(text)
    groups = state_groups()
    burdens = [hit.start for hit in hits if groups[hit.code] in _BURDENS]
    for match in _CLAUSES.finditer(text):
        start, end = match.span()
        if (core := _lack_of_site(text, start, end)) is not None:
            yield from ([f"*{core}"] if core else [])
        elif entrant := _ENTRANT.match(match.group()):
            yield from _long_enough("+", about(entrant.group("x")))
        elif not any(start <= at < end for at in burdens):
            yield from _there(text, start, end)


def _missing(text: str) -> Iterator[str]:
    """What may not be missing: 首台套还没下线的,等下线再联系."""
    for state in lacking(text):
        first, _ = clause_of(text, state.start, state.start)
        clause = text[first : state.end]
        if _OURS_HEAD.match(clause) or WAIVED.search(clause[:12]) or _WANTED_HEAD.search(clause):
            continue
        case = _CASE.search(text, state.start, state.end)
        if _turned_away(text, state.start, case.end() if case else state.end):
            yield f"-{state.code}"


def _demanded(text: str) -> Iterator[str]:
    """What is demanded, so that it may not be missing: 须跑通闭环, 两季田间试验是门槛."""
    for match in _DEMANDED.finditer(text):
        if WAIVED.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        core = about(next(part for part in match.groups() if part))
        first, _ = clause_of(text, match.start(), match.end())
        if match.group("w") and "先" in text[first : match.start() + 1]:
            continue  # 先把一个科室打透再谈扩张 is a plan
        needless = match.group("z") and judged(text, match.start(), match.end(), len(text)) == "refused"
        if len(core) > 1 and core[0] not in "把将" and not needless and not regions_named(core):
            yield f"-{core}"


def _lack_of_site(text: str, start: int, end: int) -> str | None:
    """What a clause says the institution's own site lacks, '' when it turns nobody away; None: it speaks of no lack."""
    clause = text[start:end]
    lack = _SITE_LACKS.search(clause)
    ours = bool(_OURS_HEAD.match(clause))
    if lack is None or not (ours or _PLACE.search(clause) or _NEXT_CASE.match(text[end:])):
        return None
    core = about(lack.group("x"))
    if len(core) < 2:
        return None
    return core if ours or judged(text, start, end, len(text)) == "refused" else ""


def _there(text: str, start: int, end: int) -> Iterator[str]:
    """What an applicant may not be, have done or need: 两年内换过法人的, 靠蒸汽的工艺."""
    clause = text[start:end]
    case = _CASE.search(clause)
    if case is None or _WANTED_HEAD.search(clause) or _LIKE_MISSING.search(clause[: case.start()]):
        return
    head = clause[: case.start()]
    if not _turned_away(text, start, start + case.end()):
        return
    if need := _NEEDING.search(head):
        core = about(head[need.end() :])
        if len(core) > 1:
            yield f"*{core}"
    elif _BEING.search(head):
        yield from _long_enough("+", about(_BEING.sub("·", head)))


def _turned_away(text: str, start: int, end: int) -> bool:
    """Whether the rest of the clause refuses the case ``text[start:end]``, or a short clause behind it does.

    没有动物房,不接受活体实验 refuses something else.
    """
    first, last = clause_of(text, start, end)
    if told := verdict(text[end:last], text[first:start]):
        return told == "refused"
    behind = _BEHIND.match(text, last)
    return behind is not None and not _OBJECT.search(behind.group()) and verdict(behind.group()) == "refused"


def _long_enough(sign: str, core: str) -> Iterator[str]:
    """Two characters alone say too little of what is there."""
    if len(core) > 2:
        yield f"{sign}{core}"
