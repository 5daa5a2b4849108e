"""Scoped phrases into claims: what an institution's own text rules out, restricts itself to, or demands.

A sector is ruled out only when the phrase *is* the sector (医药, 半导体材料); a narrower phrase (植入类器械) is a
topic, or the phrase itself, so that no more is ruled out than was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.reference.regions import Place
from data.reference.sectors import sectors
from features.reading.claims import Claim
from features.reading.cues import Found, clause_spans, institution_lexicon, scan, topic_groups, topic_lexicon
from features.reading.places import foreign_to, own_regions, regions_named
from features.reading.quantities import facility_number
from features.reading.scope import Scope, scopes
from features.reading.scope_english import english_scopes
from features.reading.scope_words import LIMIT, NOT_IN
from features.reading.stages import STAGES, applicant_kinds_named, rounds_named, stages_named
from features.reading.tickets import amounts
from features.reading.topics import cluster

_ITEM = re.compile("[、,;/]|以及|及其|(?<!普)(?<!涉)及(?!以|早|晚|时|格)|或者|或|和(?!平)|与(?!否)|还是|and |or ")
_AFFIX = re.compile(
    "^(?:涉及|属于|从事|主营|含有|带有|具有|采用|使用|需要|需|要|任何|所有|各类|一切|其他|"
    "传统的?|单纯的?|纯粹的?|的|类|以|为|是|对|在|做|看|投|新|这|该|此|该类|领域内|方面|以上|"
    "以下|等|有|会|产生|进行|只|仅|于)+|"
    "(?:类|型|性质|性|等|的|项目|企业|公司|团队|领域|行业|方向|产业|产品|业务|工艺|工序|环节|"
    "需求|委托|申请|标的|赛道|板块|相关|有关|为主|服务|技术|方案|路线|方式|生产|制造|加工|作业|"
    "活动|客户|机构|内容|阶段|条件|能力|投资|合作|类型|这|几|两|三|四|五|"
    "入驻|进入|落地|入园|范畴|研发|开发|应用|在内|本身|模式|范围|机会|创业|入孵|研制|企业的|"
    "的企业|这类|之类|一类|此类)+$"
)
_OTHER_ITEM = re.compile(
    "^(?:其他|其它|其余|别的|此外|任何|所有)?(?:项目|企业|领域|行业|方向|类型|情况|内容|业务|需求|产业)?$"
)
_UNIVERSAL = re.compile(
    "一刀切|陷阱|一分钱|保证金|吃拿卡要|隐患|最低规模|围墙|红包|空谈|代测|干扰源|会员门槛|员门槛|"
    "提前|停机故障|全年$|(?<!现)规定|特殊情况|特别优秀|优秀|另有|经批准|经认定|过[^,]{0,2}门槛|重复|"
    "虚假|抄袭|电话|邮件|上门|推销|来访|中介|宴请|礼品|隐私|"
    "发票|咨询电话|现场|代写|代填|摊派|担责"
)
_LOW = re.compile("低于|不足|少于|小于|不到|不满|以下|以内|未达|没达到|不超过|under|below|less than")
_HIGH = re.compile("高于|超过|大于|以上|多于|超出|above|over|more than")
_REVENUE = re.compile("营收|收入|产值|销售|纳税|利润|流水|资产|注册资本|实缴|税收|年产|估值|研发投入")
_DEMANDS = (
    (re.compile("营收|收入|流水|盈利|销售|纳税|订单|现金流|利润|revenue|cash flow|profit"), "现金流"),
    (re.compile("样机|原型|实物|样品|prototype"), "无样机"),
    (re.compile("中试|放大验证|工程验证|pilot"), "未经中试"),
    (
        re.compile("注册公司|法人|公司主体|营业执照|注册成立|工商注册|注册满|成立满|公司制|存续满|incorporated"),
        "未注册公司",
    ),
    (re.compile("专利授权|授权专利|发明专利|自主知识产权|授权发明|已授权|核心专利"), "无专利"),
    (re.compile("抵押|担保物|质押物|反担保|不动产"), "无抵押"),
    (re.compile("环评批复|环评|环保手续|排污许可"), "未取得环评"),
    (re.compile("临床数据|临床批件|临床验证|完成临床|进入临床"), "无临床"),
    (re.compile("全职"), "院校成果"),
    (re.compile("权属清晰|权属明晰|专利转让完成|专利已转让|已转入公司"), "权属不清"),
)
_DEMAND_STAGE = re.compile("量产|批量生产|批量供货|产业化|规模销售|上市销售|商业化")
_EARLY = {"现金流": STAGES[:2], "无样机": STAGES[:1], "概念阶段": STAGES[:1], "未经中试": STAGES[:2]}
_WELCOME = re.compile(
    "欢迎|可以(?!不)|可投|擅长|聚焦|重点|主攻|深耕|优先|支持|做得|能做|都看|都有布局|齐全|配有|配备|提供|适合|面向|服务(?!不)|关注"
)
_LACKED = frozenset({"facility", "service", "topic"})
_HAVE = re.compile(
    "已|有|具备|完成|实现|取得|拥有|形成|连续|满|达到|通过|进入|过了|获得|提供|为前提|清晰|全职|制造能力|的企业|with "
)


def exclusion_claims(
    text: str, sentence: str, place: Place | None, *, serves: bool = True
) -> tuple[list[Claim], list[str]]:
    """Claims of polarity -1, of the kinds ``only_*``, and of ticket limits that a folded sentence makes.

    ``sentence`` is its verbatim form; ``place`` is where the institution sits (for 省内, 市外);
    ``serves`` is false for investors and parks, whose words never rule a service out. The second value are
    the phrases that are ruled out: words in them are no statement of what the institution wants.
    """
    found: list[Claim] = []
    ruled: list[str] = []
    for scope in [*scopes(text), *english_scopes(text)]:
        if scope.mode in ("not", "lack"):
            ruled.append(scope.phrase)
        if _UNIVERSAL.search(scope.phrase):
            continue
        claims = [claim for claim in _of_scope(scope, text, place) if serves or claim.kind != "service"]
        if scope.mode == "not" and all(claim.inferred for claim in claims):
            claims += _elsewhere(scope, text)
        found += claims
    if ruled or LIMIT.search(text):
        found += _limits(text)
    return [replace(claim, sentence=sentence) for claim in dict.fromkeys(found)], ruled


def _elsewhere(scope: Scope, text: str) -> list[Claim]:
    """Topic of the nearest clause before that names one, where the phrase itself says nothing that is known.

    屠宰、腌腊这些行当,村规民约不许: the negation stands by its subject, what it rules out in the clause before.
    """
    clauses = [text[start:stop] for start, stop in clause_spans(text)]
    last = next((at for at, clause in enumerate(clauses) if scope.phrase[-4:] in clause), len(clauses) - 1)
    for clause in clauses[last::-1]:
        if _WELCOME.search(clause):
            continue
        if hits := _topics(clause):
            return [Claim("topic", cluster(hits), -1, False, "", scope.firm)]
    return []


def _limits(text: str) -> Iterator[Claim]:
    """Limits of floor load, height and power (板面限半吨)."""
    for code in ("heavy_load", "high_ceiling", "three_phase_power"):
        if (number := facility_number(code, text)) is not None:
            yield Claim("facility", code, -1, False, "", number)


def _of_scope(scope: Scope, text: str, place: Place | None) -> Iterator[Claim]:
    if scope.mode == "not":
        yield from _ruled_out(scope, text, place)
    elif scope.mode == "lack":
        claims = _ruled_out(scope, text, place)
        yield from (claim for claim in claims if claim.kind in _LACKED and not claim.inferred)
    elif scope.mode == "only":
        yield from _restricted(scope, place)
    else:
        yield from _demanded(scope, place)


def _money(phrase: str) -> Iterator[Claim]:
    for amount in amounts(phrase):
        near = phrase[max(0, amount.start - 8) : amount.start] + "|" + phrase[amount.end : amount.end + 4]
        low, high = _LOW.search(near), _HIGH.search(near)
        if _REVENUE.search(phrase):
            if low:
                yield Claim("topic", "现金流", -1, False, "", 1.0)
        elif low:
            yield Claim("ticket_min", "floor", 1, False, "", amount.low)
        elif high:
            yield Claim("ticket_max", "ceiling", 1, False, "", amount.high)


def _core(item: str) -> str:
    """An item without what only frames it (涉及…的项目)."""
    previous = ""
    while previous != item and len(item) > 1:
        previous = item
        item = _AFFIX.sub("", item.strip(" \"'“”‘’()的")).strip()
    return item


def _topics(phrase: str) -> list[Found]:
    return scan(topic_lexicon(), phrase).get("topic", [])


def _nodes(core: str) -> tuple[str, ...]:
    """Sector nodes of an item that is a sector's label as a whole; empty otherwise."""
    tree = sectors()
    if (nodes := tree.resolve(core)) or (nodes := tree.resolve(core.removesuffix("类"))):
        return nodes
    hits = scan(institution_lexicon(), core).get("sector", [])
    covered = {position for hit in hits if hit.role != "stop" for position in range(hit.start, hit.end)}
    if len(covered) >= 0.8 * max(1, len(core)) and len({hit.start for hit in hits}) == 1:
        return tuple(dict.fromkeys(hit.code for hit in hits))
    return ()


def _names(phrase: str, hit: Found) -> bool:
    """Whether a service or facility is what an item is about: 招聘 is not all of 普工招聘."""
    item = next((part for part in _ITEM.split(phrase) if hit.phrase in part), phrase)
    return len(hit.phrase) >= 0.6 * len(_core(item)) or len(hit.phrase) > 3


def _ruled_out(scope: Scope, text: str, place: Place | None) -> Iterator[Claim]:
    phrase, firm = scope.phrase, scope.firm
    money = list(_money(phrase))
    if money:
        yield from money
        return
    if (outside := NOT_IN.search(phrase)) and (inside := own_regions(outside.group("x"), place)):
        yield from (Claim("only_region", code, 1, False, "", firm) for code in inside)
        return
    if away := foreign_to(phrase, place):
        yield from (Claim("only_region", code, 1, False, "", firm) for code in away)
        return
    rounds = rounds_named(phrase)
    yield from (Claim("round", code, -1, False, "", firm) for code in rounds)
    yield from (Claim("applicant_kind", code, -1, False, "", firm) for code in applicant_kinds_named(phrase))
    # by name only: 审批在省级、市内不办 are about offices, and nobody rules out the region it sits in
    yield from (Claim("region", code, -1, False, "", firm) for code in regions_named(phrase))
    found = scan(institution_lexicon(), phrase)
    for kind in ("facility", "service"):
        for code in dict.fromkeys(hit.code for hit in found.get(kind, []) if _names(phrase, hit)):
            yield Claim(kind, code, -1, False, "", facility_number(code, text) if kind == "facility" else firm)
    if _OTHER_ITEM.match(phrase):
        return
    plain = True
    for item in _ITEM.split(phrase):
        claims = list(_item(item, firm))
        yield from claims
        plain = plain and (not claims or _plain(item, claims))
    if not plain and not rounds and len(phrase) > 3:
        yield Claim("topic", phrase[:60], -1, True, "", firm)


def _plain(item: str, claims: list[Claim]) -> bool:
    """Whether claims of an item say all that it says: a sector, a stage, or the bare name of a topic."""
    if any(claim.kind in {"sector", "stage"} for claim in claims):
        return True
    named = sum(hit.end - hit.start for hit in _topics(item))
    return not claims[0].inferred and named >= 0.6 * len(_core(item))


def _item(item: str, firm: float) -> Iterator[Claim]:
    """Claims of one item of a list: topics, else a sector, else a stage, else the phrase itself."""
    core = _core(item)
    if len(core) < 2:
        return
    hits = _topics(item)
    topics = list(dict.fromkeys(hit.code for hit in hits))
    for topic, early in _EARLY.items():
        if topic in topics:
            yield from (Claim("stage", stage, -1, False, "", firm) for stage in early)
    if hits:
        yield Claim("topic", cluster(hits), -1, False, "", firm)
    # 电镀 is a process here, though a keyword of a sector too: sectors are ruled out by words that are no process
    nodes = () if {topic_groups()[topic] for topic in topics} & {"process", "maturity", "credit"} else _nodes(core)
    yield from (Claim("sector", node, -1, False, "", firm) for node in nodes)
    stages = () if _EARLY.keys() & set(topics) else stages_named(item)
    yield from (Claim("stage", stage, -1, False, "", firm) for stage in stages)
    if not topics and not nodes and not stages:
        yield Claim("topic", core[:60], -1, True, "", firm)


def _restricted(scope: Scope, place: Place | None) -> Iterator[Claim]:
    phrase, firm = scope.phrase, scope.firm
    money = amounts(phrase)
    if money and not _REVENUE.search(phrase):
        for amount in money:
            near = phrase[max(0, amount.start - 8) : amount.start] + "|" + phrase[amount.end : amount.end + 4]
            if _HIGH.search(near) or re.search("不低于|不少于|起", near):
                yield Claim("ticket_min", "floor", 1, False, "", amount.low)
            elif _LOW.search(near):
                yield Claim("ticket_max", "ceiling", 1, False, "", amount.high)
        return
    rounds = rounds_named(phrase)
    yield from (Claim("only_round", code, 1, False, "", firm) for code in rounds)
    yield from (Claim("only_region", code, 1, False, "", firm) for code in own_regions(phrase, place))
    demanded = list(_demanded(scope, place))
    yield from demanded
    if not rounds and not demanded:
        yield from (Claim("only_stage", code, 1, False, "", firm) for code in stages_named(phrase))
    nodes = [node for item in _ITEM.split(phrase) for node in _nodes(_core(item))]
    if not nodes:
        hits = scan(institution_lexicon(), phrase).get("sector", [])
        nodes = [hit.code for hit in hits if hit.role != "stop"]
    yield from (Claim("only_sector", node, 1, False, "", firm) for node in dict.fromkeys(nodes))


def _demanded(scope: Scope, place: Place | None) -> Iterator[Claim]:
    phrase = scope.phrase
    if scope.mode == "need" and re.search(
        "不得|不低于|不少于|不超过|保密|提交|附|签署|缴纳|自行|承诺|资料|材料|表格|报名", phrase
    ):
        return
    if not _HAVE.search(phrase):
        return
    for pattern, topic in _DEMANDS:
        if pattern.search(phrase):
            yield Claim("topic", topic, -1, False, "", scope.firm)
            yield from (Claim("stage", stage, -1, False, "", scope.firm) for stage in _EARLY.get(topic, ()))
    if _DEMAND_STAGE.search(phrase):
        yield from (Claim("stage", stage, -1, False, "", scope.firm) for stage in STAGES[:2])
    if scope.mode == "need" and re.search("注册在|注册于|注册地|落户|工商关系|迁入", phrase):
        yield from (Claim("only_region", code, 1, False, "", 0.5) for code in own_regions(phrase, place))
