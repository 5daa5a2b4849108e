"""Stage, round and kind of applicant in running text."""

from __future__ import annotations

import re

STAGES = ("lab", "prototype", "pilot", "market", "growth")
ROUNDS = ("seed", "angel", "pre-a", "a", "b", "c+", "pre-ipo")

_STAGE_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "实验室|研发早期|极早期|概念|原理验证|基础研究|论文|创意|想法|未出样机|无样机|没有样机|理论|"
        "研发阶段|研究阶段|在研|纯科研|lab|idea|concept|research stage",
        ("lab",),
    ),
    ("早期项目|早期阶段|早期企业|偏早期|早期|种子期|初创期|初创|萌芽|起步期|early", ("lab", "prototype")),
    ("小试|样机|原型|样品|验证阶段|研制阶段|试制|prototype|bench", ("prototype",)),
    ("中试|小批量|试产|试点|临床阶段|试运行|pilot", ("pilot",)),
    (
        "量产|产业化阶段|产业化|已上市|投产|商业化|已有收入|有收入|有营收|规模销售|commercial|revenue",
        ("market", "growth"),
    ),
    ("成长期|成长阶段|扩张期|扩张|成熟期|成熟|规模化|快速增长|中后期|后期|growth|\\blate\\b|mature", ("growth",)),
)
_STAGE_PATTERNS = tuple((re.compile(pattern), codes) for pattern, codes in _STAGE_WORDS)

_ROUND = re.compile(
    r"(?P<seed>种子轮|种子前|pre-?seed|seed)|(?P<angel>天使\+?轮?|angel)|"
    r"(?P<prea>pre-?\s?a\+?轮?)|(?P<pre_ipo>pre-?ipo|上市前)|"
    r"(?:series |(?<![a-z]))(?P<letter>[a-g])\d?\+?(?=轮|轮次|及以|以前|以后|之前|之后| round|/)|"
    r"(?<=series )(?P<letter2>[a-g])\b"
)
_BOTH = re.compile(r"轮?(?:次)?(?:融资)?(?:到|至|-|~)")
_LATER = re.compile(
    r"^(?:轮次?)?(?:融资)?(?:企业|项目)?(?:及其?以后|及之后|以后|之后|及以上|以上|往后|开始|起|后|"
    r"\+|及更?后期| or later| and later| onwards)"
)
_EARLIER = re.compile(
    r"^(?:轮次?)?(?:融资)?(?:企业|项目)?(?:及其?以前|及之前|以前|之前|以下|及以下|前|及更?早|"
    r" or earlier| and earlier)"
)
_INCLUSIVE = re.compile("^(?:轮次?)?(?:融资)?(?:及|\\+|起|开始|or|and|以上| or| and|往后| onwards)")
_KINDS = (
    (
        re.compile(
            "创客团队|个人团队|个人项目|自然人|个人创业|个人申请|创客|在校生|学生团队|未注册公司|"
            "尚未注册|未成立公司|未注册|individual|maker"
        ),
        "maker_team",
    ),
    (re.compile("高校|院校|大学团队|universit"), "university"),
    (re.compile("科研院所|科研机构|研究院所|institute"), "institute"),
)


def stages_named(phrase: str) -> tuple[str, ...]:
    """Stages that a folded phrase names, in order of maturity; 以前 and 以后 are followed (量产以前 is all before)."""
    found: set[str] = set()
    for pattern, codes in _STAGE_PATTERNS:
        for match in pattern.finditer(phrase):
            if pattern.pattern.startswith("早期") and "研发早期" in phrase:
                continue
            tail = phrase[match.end() : match.end() + 6]
            first = STAGES.index(codes[0])
            if re.match("(?:阶段|期)?(?:之前|以前|前(?!期|景|沿))", tail):
                found.update(STAGES[:first])
            elif re.match("(?:阶段|期)?(?:之后|以后|及以上|以上|及以后)", tail):
                found.update(STAGES[first:])
            else:
                found.update(codes)
    return tuple(stage for stage in STAGES if stage in found)


def rounds_named(phrase: str) -> tuple[str, ...]:
    """Rounds that a folded phrase names, in order; ``b轮以后``, ``a轮及以前`` and ``天使至a轮`` are ranges."""
    hits: list[tuple[int, int, int]] = []
    for match in _ROUND.finditer(phrase):
        if match.group("seed"):
            order = 0
        elif match.group("angel"):
            order = 1
        elif match.group("prea"):
            order = 2
        elif match.group("pre_ipo"):
            order = 6
        else:
            order = 3 + min(2, "abcdefg".index(match.group("letter") or match.group("letter2") or "a"))
        hits.append((match.start(), match.end(), order))
    found: set[int] = {4, 5, 6} if re.search("后面几轮|后几轮|中?后期轮|后续轮次|靠后的?轮", phrase) else set()
    for number, (start, end, order) in enumerate(hits):
        tail, head = phrase[end : end + 12], phrase[max(0, start - 5) : start]
        if _LATER.match(tail) or re.search("不早于|至少|晚于|最早", head):
            inclusive = (
                _INCLUSIVE.match(tail) or not re.match("(?:轮次?)?(?:融资)?(?:之后|以后|后)", tail) or "只" in phrase
            )
            found.update(range(order if inclusive or "以后" in tail else order + 1, len(ROUNDS)))
        elif _EARLIER.match(tail) or re.search("不晚于|早于|最晚", head):
            found.update(range(0, order + 1 if _INCLUSIVE.match(tail) or "不晚于" in head else order))
        elif number and _BOTH.fullmatch(phrase[hits[number - 1][1] : start]):
            found.update(range(hits[number - 1][2], order + 1))
        else:
            found.add(order)
    return tuple(name for order, name in enumerate(ROUNDS) if order in found)


def applicant_kinds_named(phrase: str) -> tuple[str, ...]:
    """Kinds of applicant that a folded phrase names."""
    return tuple(code for pattern, code in _KINDS if pattern.search(phrase))


# Signs of the stage that a project has reached, the most mature first. Not reached: 尚未, 计划, 拟, 预计 right before.
_REACHED = (
    (
        "growth",
        "产能利用率|扩建|扩产|第二条产线|营收[^,;。]{0,8}亿|年复合增长|市占率|全国[^,;。]{0,6}覆盖|"
        "连续[^,;。]{1,4}年盈利|营收同比|年产值[^,;。]{0,6}亿|上市辅导",
    ),
    (
        "market",
        "(?:已|实现|开始|进入|完成)[^,;。]{0,6}(?:量产|批量供货|批量生产|规模化生产|投产|商业化|"
        "上市销售)|(?:年|累计|实现)[^,;。]{0,6}(?:销售收入|营收|销售额|营业收入|订单)|批量供货|"
        "已销售|已售|复购|稳定供货|累计交付|已交付|出货|"
        "签约客户|付费客户|经销商|产品已上市|取得注册证|获批上市|已进入市场|累计销售",
    ),
    (
        "pilot",
        "中试线|中试验证|中试阶段|完成中试|小批量|试产|试运行|示范工程|试点|临床试验|挂机试验|"
        "客户验证|送样验证|装机验证|装车试验|现场试用|示范应用|中试",
    ),
    ("prototype", "样机|原型机|原型|工程样品|小试|样品|第一版|打样|demo|prototype"),
    (
        "lab",
        "实验室阶段|实验室样品|实验室验证|[在于]实验室|原理验证|概念验证|概念阶段|仿真阶段|机理研究|"
        "基础研究|公式推导|克级",
    ),
)
_REACHED_PATTERNS = tuple((code, re.compile(pattern)) for code, pattern in _REACHED)
_AHEAD = re.compile(
    "(?:尚未|还未|未|没有?|计划|拟|预计|将|准备|即将|希望|等待|争取|目标|明年|后年|无|推进|筹备|"
    "寻求|需要?|亟需|缺|才能|有望|为了?|面向|再|后续|下一步)[^,;。]{0,8}$"
)
_NOW = re.compile(
    "(?:目前|现|当前|仍|尚|还)?(?:处于?|停留在|还在|仍在|正处)[^,;。]{0,6}(?P<x>实验室|概念|"
    "原理验证|样机|小试|中试|试产|小批量|量产|研发|原型|成长|扩张|推广|商业化)"
)
_NOW_CODES = {
    "实验室": "lab",
    "概念": "lab",
    "原理验证": "lab",
    "研发": "lab",
    "样机": "prototype",
    "小试": "prototype",
    "原型": "prototype",
    "中试": "pilot",
    "试产": "pilot",
    "小批量": "pilot",
    "量产": "market",
    "商业化": "market",
    "推广": "market",
    "成长": "growth",
    "扩张": "growth",
}
_ANY_STAGE = re.compile(
    "样机|样品|原型|小试|中试|量产|投产|销售|营收|营业|订单|客户|供货|交付|实验室|试产|批量|概念|"
    "仿真|验证|扩产|扩建|论文|试点|示范|试运行|出货|课题组|复购|克级|临床|处于|处在|停留|还在|"
    "仍在|装机|装车|送样"
)


def stage_reached(sentence: str) -> tuple[str, bool] | None:
    """Stage that a folded sentence of a project says it has reached, and whether it is said outright (目前处于…)."""
    if not _ANY_STAGE.search(sentence):
        return None
    now = _NOW.search(sentence)
    if now is not None:
        return _NOW_CODES[now.group("x")], True
    for code, pattern in _REACHED_PATTERNS:
        for match in pattern.finditer(sentence):
            if not _AHEAD.search(sentence[max(0, match.start() - 12) : match.start()]):
                return code, False
    return None
