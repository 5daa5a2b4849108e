"""Kinds of applicant, rounds and instruments that an institution's sentence refuses or restricts itself to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from features.reading.claims import Claim
from features.reading.stages import ROUNDS, STAGES, rounds_named, stages_named
from features.reading.verdicts import judged, verdict

_KINDS = (
    (
        "maker_team",
        re.compile(
            "创客|个人(?!信息|数据|隐私|资料|征信|消费|用户|护理|所得)|自然人|(?:在校)?学生|大学生|发明爱好者|"
            "发明人|个体户|散户|草根|居民|"
            "(?:^|(?<=[、和或及不收投接对只]))团队(?=报名|申报|参赛|申请|"
            "来|$|请|不|一律|免|恕|,|、|的(?:不|免|请|"
            "先))|individuals?|students?|makers?"
        ),
    ),
    ("university", re.compile("高校|院校|大学(?!生)|课题组|教师团队|教授团队|师生|universit")),
    ("institute", re.compile("院所|研究所|科研机构|研究院|事业单位|institutes?")),
    ("enterprise", re.compile("企业|公司|法人(?:单位|主体|机构)?|companies|enterprises")),
)
_QUICK = re.compile(
    "创客|个人|自然人|学生|发明|团队|高校|院校|大学|课题组|师生|教师|教授|院所|研究所|科研|研究院|"
    "事业单位|法人|个体|公司|企业|individual|student|maker|"
    "universit|institut|compan"
)
_ONLY = re.compile(
    "(?<!不)(?<!并非)(?<!不是)(?<!绝非)(?:只|仅|限于?)(?:能|可|会|限于?)?(?:收|接|投|做|看|认|对|受理|"
    "面向|支持|考虑|服务|给|贷给|"
    "由|限|接受|接待|受|向|陪|"
    "以)*(?:于)?(?P<x>[^,;。]{0,16})|"
    "(?:须|必须|务必|要求|应)(?:是|为|由|以|系)(?P<y>[^,;。]{2,14})|(?P<z>[^,;。]{2,12}?)(?:才|方)(?:能|"
    "可|有资格|受理|算)"
)
_HEAD = re.compile("^(?:已|在|本|有|独立|注册|境内|中国|依法|正式|具有|具备|完成|登记|成立|的|[^,;。]{0,6}?)*$")
_CASE = re.compile(
    "^(?:们)?(?:项目|申请|申报|主体|报名|参赛|身份|团队|性质|形式|名义|创业者?|发明人?|牵头|承担|单位|"
    "以及|和|、|或|及|与|来|的)*(?:的|者)?"
)
_ALL = ("maker_team", "university", "institute", "enterprise")
_CLAUSE = re.compile("[^,;。:()]+")
_ROUND_ONLY = re.compile("(?<!不)[只仅](?!要|是)|限|才|开始看|开始投|起投|起看|往后看|专(?:做|投)|\\bonly\\b")
_PAST = re.compile("已投|被投|曾|累计|此前|案例|孵化出|获得")
_FIRST_ONLY = re.compile(
    "(?:只|仅|专)(?:做|投|领|看|参与|接)[^,;。]{0,4}(?:第一轮|首轮|第一笔|首笔)|(?:已经?|曾)?(?:融过|"
    "拿过|接受过|有过)[^,;。]{0,10}(?:轮|融资|投资|"
    "钱|机构)[^,;。]{0,6}(?:的|者)[^。;]{0,10}(?:不|请|恕|免|绕|谢)"
)
_NO_DEBT = re.compile(
    "(?:不|从不)(?:做|投|碰|参与|提供|涉及|接)[^,;。]{0,4}(?:债|贷款|借款)|只(?:做|投)(?:股|股权)|"
    "明股实债[^,;。]{0,6}(?:不|免|恕)"
)
_NO_LEAD = re.compile(
    "(?:不|从不|不会|无法|没法|不能|很少|概不)(?:做|当|担任|负责|牵头)?(?:领投|主投|牵头)|只(?:做|能|"
    "愿意?)?跟投|只当配角"
)
_ONLY_STAGE = re.compile(
    "(?<!不)[只仅](?:扶持|陪跑|孵化|看|投|做|收|帮|辅导|陪|服务|支持|接|救|扶)(?P<x>[^,;。]{2,16})"
)
_NO_CONTROL = re.compile(
    "(?:不|从不)(?:做|碰)控股|要控股的[^,;。]{0,3}(?:不|免)|放弃控(?:制|股)权?的[^,;。]{0,3}(?:不|免|请)"
)
_LEAD_ONLY = re.compile("(?:不|从不)(?:做|当|参与)?跟投|只(?:做|愿意?)?领投")
_INSTRUMENTS = (
    (_FIRST_ONLY, "+已融资"),
    (_NO_DEBT, "+债权"),
    (_NO_LEAD, "+找领投"),
    (_LEAD_ONLY, "+找跟投"),
    (_NO_CONTROL, "+让控股"),
)
_ROUND_WORDS = re.compile("轮|ipo|angel|seed|series|天使|种子")


@lru_cache(maxsize=1 << 12)
def applicants(text: str) -> tuple[Claim, ...]:
    """Claims ``applicant_kind``, ``round`` and ``state`` (polarity -1) and ``only_round`` of a folded sentence."""
    found: list[Claim] = []
    if _QUICK.search(text):
        found += _kinds(text)
    if (only := _ONLY_STAGE.search(text)) and (named := stages_named(only.group("x"))):
        steps = [STAGES.index(stage) for stage in named]
        far = (stage for at, stage in enumerate(STAGES) if min(abs(at - step) for step in steps) > 1)
        found += (Claim("stage", stage, -1) for stage in far)
    if _ROUND_WORDS.search(text):
        found += _rounds(text)
    found += (Claim("state", value, -1) for pattern, value in _INSTRUMENTS if pattern.search(text))
    return tuple(dict.fromkeys(found))


def _kinds(text: str) -> Iterator[Claim]:
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        refused = dict.fromkeys(_refused(clause, text[match.end() :]))
        yield from (Claim("applicant_kind", code, -1) for code in refused)
        only = _ONLY.search(clause)
        if only is None or refused:
            continue
        phrase = only.group("x") or only.group("y") or only.group("z") or ""
        named = [code for code, pattern in _KINDS if (told := pattern.search(phrase)) and _bare(phrase, told)]
        if named and len(named) < len(_ALL):
            yield from (Claim("applicant_kind", code, -1) for code in _ALL if code not in named)


def _bare(phrase: str, told: re.Match[str]) -> bool:
    """Whether a phrase names the kind as such: 法人单位 is one, 新能源企业 is a field."""
    rest = phrase[told.end() :]
    return (
        told.start() <= 2
        and bool(
            re.fullmatch(
                "(?:项目|主体|申报|报名|单位|法人|机构|的?成果|类|和|与|及|或|、|院所|高校|院校|企业|公司|申请|的)*",
                rest,
            )
        )
    ) or bool(_HEAD.match(phrase[: told.start()]) and re.match("独立|正式|依法|境内", phrase))


def _refused(clause: str, behind: str) -> Iterator[str]:
    if re.match("非(?:独立)?(?:企业)?(?:法人|企业|公司)", clause) and verdict(clause[2:]) == "refused":
        yield from _ALL[:1]
    for code, pattern in _KINDS[:3]:
        for told in pattern.finditer(clause):
            case = _CASE.match(clause[told.end() :])
            rest = clause[told.end() + (case.end() if case else 0) :]
            before = clause[: told.start()]
            if before.endswith(("面向", "针对", "服务", "用于")):
                continue
            if (len(rest) < 1 and behind[:1] == "," and len(before) < 3 and verdict(behind[1:9]) == "refused") or (
                re.match("(?:也|都|均|一律|一概|暂|恕|目前|概|请|,|、)*", rest)
                and verdict(rest[:10], before) == "refused"
                and len(rest) < 26
            ):
                yield code


def _rounds(text: str) -> Iterator[Claim]:
    text = text.replace("种子期", "种子轮").replace("天使期", "天使轮")
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        codes = rounds_named(clause)
        if not codes or _PAST.search(clause):
            continue
        last = max(
            clause.rfind(word)
            for word in ("轮", "ipo", "前", "后", "天使", "种子", "angel", "seed", "series", "rounds", "round")
        )
        told = judged(text, match.start() + max(last, 0), match.start() + max(last, 0) + 1, len(text))
        if _ROUND_ONLY.search(clause):
            if told != "refused":
                yield from (Claim("round", code, -1) for code in ROUNDS if code not in codes)
        elif told == "refused" and len(codes) < len(ROUNDS):
            yield from (Claim("round", code, -1) for code in codes)
