"""Services and facilities that a project needs, stated or implied, and those that an institution offers.

A need is implied by a thing that is lacking (检测报告…空白, 尚未…型式试验) or by a phrase that says so on its own
(外壳还是3D打印的). What is done (已通过型式试验), what others suffer from (传统工厂靠人工抄表) and what the project
itself replaces (告别人工抄表) is no need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from features.reading.claims import Claim, Reading
from features.reading.cues import Found, clause_spans
from features.reading.lexicon import words
from features.reading.quantities import facility_number

_LACK = re.compile(
    "尚未|还未|尚无|尚缺|尚需|还没有?|没有(?!问题|影响|关系|必要|副作用)|没做过?|没能|没经过|"
    "没参加|未(?!来|知|必|遂|免|成年)|从未|缺(?!陷|口罩|血|氧|水|失值|省)|欠缺|不足|不够|不多|"
    "薄弱|空白|短板|有待|亟待|尚待|待(?!机|遇|在|命|测|处理|检|估|加工|人)|不会|不懂|不熟|不了解|"
    "不清楚|不知|"
    "没人|无人(?!机|驾|值|化|区|船|车|艇|农|仓|商|售|零|机)|无专人|卡在|卡住|难以|难(?!度|燃|降|"
    "题|点|熔|溶)|无法|困扰|瓶颈|尚在|还在|仍在|仍是|还是|仍靠|还靠|才刚|刚刚?开始|排队|来不及|"
    "没底|没把握|心里没|迟迟|拿不到|只有|仅有|仅靠|屡次|不高|不稳|不全|不齐|不到位|"
    "过不了|不达标|过期|到期|失败|未果|下降|波动|一拖再拖|缺席|稀缺|缓慢|跟不上|头疼|头痛|发愁|"
    "棘手|犯难|摸不着|无从|最大的障碍|拦路虎|门槛|lack|without|not yet|no |missing"
)
_WANT = re.compile(
    "需要|亟需|急需|必需|必须|须(?!弥)|(?<!无)(?<!所)(?<!供)(?<!内)需(?!求[侧方]|方|量)|拟(?!合|"
    "态|人)|计划|准备|寻找|在找|正找|寻求|希望|期望|期待|欲|想(?!象|法|到)|征集|诚邀|求购|盼|"
    "打算|有意|委托|对接|引入|引进|聘请|招募|补齐|补上|补强|提上日程|下一步|筹备|拟与|争取|尽快|"
    "在办|求助|求(?=专|技|检|设)|"
    "needs? |seeking|looking for|plan to"
)
_STATED = re.compile(
    "需要|亟需|急需|寻找|在找|寻求|希望|期望|期待|征集|诚邀|求购|盼|对接|聘请|招募|想找|求助|"
    "需求[:为是]|needs? |seeking|looking for"
)
_DONE = re.compile(
    "已(?!有意|于|知|久|被)|顺利|通过了|取得了|获得|拿到|具备|拥有|齐全|完备|完善|健全|均有|持有|"
    "合格|建有|配有|成熟|完成了?|达到|优于|符合|配备了|建立了|自有|自建|well established|passed|"
    "obtained"
)
_OTHERS = re.compile(
    "传统|现有方案|现有产品|行业普遍|目前行业|目前市场|国内大多|市面上|多数企业|大多数|许多企业|"
    "很多企业|不少企业|中小企业普遍|客户痛点|痛点|客户(?:普遍|原|过去|此前|长期)|用户(?:普遍|原|"
    "过去)|过去|以往|以前|帮助|为[^,;。]{1,10}(?:提供|解决)|解决了?|告别|替代|取代|取消|代替|"
    "摆脱|避免|省去|杜绝|降低|减少|无需|不需|不再|不用|消除|产品可|系统可|可实现|市场痛点|"
    "行业痛点|护士(?!不会|站)|农户|电网公司|矿工|养殖户"
)
_SELF = re.compile(
    "我们|团队|公司(?!普遍)|本项目|项目组|自身|自己|我司|企业目前|目前(?!行业|市场|国内)|现阶段|"
    "我方|样机|产线|车间|尚|还|仍"
)
Spans = tuple[tuple[int, int], ...]
_NEAR = 14
_AFTER = re.compile(
    "^(?:[^,;。]{0,8}?)(?:空白|薄弱|不足|不够|缺失|欠缺|缺|短板|没有|没做|没人|尚未|尚无|还没|"
    "还未|未(?!来)|有待|待(?!机|遇)|跟不上|卡住|难|不清|不明|不全|不齐|不熟|不懂|不了解|还在|"
    "仍在|尚在|排队|瓶颈|拿不到|一无所知|没底|没|靠|过期|到期|不过关|不达标|是最大|成了|成为|"
    "头疼|无从|缺位|滞后|只有|下降|波动|偏低|不稳)"
)
_GENERIC = words("generic_object")


def _clause(text: str, start: int, end: int, spans: Spans) -> tuple[int, int]:
    return next(((low, high) for low, high in spans if low <= start < high), (0, len(text)))


def _lacking(text: str, hit: Found, span: tuple[int, int]) -> str:
    """'' when nothing says that the thing named at ``hit`` is missing or wanted, else ``stated`` or ``implied``."""
    reach = 6 if hit.phrase in _GENERIC else _NEAR
    before = text[max(span[0], hit.start - reach) : hit.start]
    wide = text[span[0] : hit.start]
    after = text[hit.end : span[1]]
    lack, want = _LACK.search(before), _WANT.search(before)
    if re.search("(?:不|无|毋|不再|不存在|并不|没有)(?:需要?|缺|用|必|须|依赖)", wide) or re.search(
        "(?:问题)?(?:已|得到)解决", after[:8]
    ):
        return ""
    if lack is None and want is None:
        tail = _AFTER.match(after)
        done = _DONE.search(wide)
        return "implied" if tail and done is None else ""
    marker = max((m.end() for m in (lack, want) if m is not None), default=0)
    between = before[marker:]
    if _DONE.search(between) and lack is None:
        return ""
    if lack is None and _DONE.search(wide) and re.search("已(?:经)?(?:通过|取得|获|完成|具备|拥有|建)", wide):
        return ""
    return "stated" if want is not None and _STATED.search(before) else "implied"


def _theirs(text: str, span: tuple[int, int]) -> bool:
    """Whether a clause speaks of others' troubles, or of what the project takes away."""
    clause = text[span[0] : span[1]]
    return bool(_OTHERS.search(text[max(0, span[0] - 12) : span[0]] + clause)) and not _SELF.search(clause)


def _settled(text: str, span: tuple[int, int]) -> bool:
    """Whether a clause says that the matter is settled (已取得, 运行良好, 自建) and names nothing that is lacking."""
    clause = text[span[0] : span[1]]
    return bool(_SETTLED.search(clause)) and not _LACK.search(_SETTLED.sub("", clause))


def service_needs(hits: Iterable[Found], text: str, sentence: str) -> list[Claim]:
    """Service needs of a folded sentence of a project; ``sentence`` is its verbatim form."""
    spans = clause_spans(text)
    found: list[Claim] = []
    for hit in hits:
        span = _clause(text, hit.start, hit.end, spans)
        if _theirs(text, span):
            continue
        if hit.role == "cue":
            before = text[span[0] : hit.start]
            if not _settled(text, span) and not re.search(
                "(?:已|不再|解决了?|不存在|避免|告别|取代|替代|改变了?|没有出现|无|不会)[^,;。]{0,4}$", before
            ):
                found.append(Claim("service", hit.code, 1, True, sentence))
        elif how := _lacking(text, hit, span) or _carried(text, hit, span, spans):
            found.append(Claim("service", hit.code, 1, how != "stated", sentence))
    return found


STATED, WRITTEN, INFERRED = "stated", "written", "inferred"
"""How a wish is known: from a column, from a sentence that says so, from a sentence that only implies it."""


def wishes_told(reading: Reading) -> list[tuple[Claim, str]]:
    """Services that a project wishes for, each once with how it is known: the surest of its claims."""
    surest: dict[str, tuple[int, Claim]] = {}
    for claim in reading.of("service", 1):
        sure = 0 if not claim.sentence else 2 if claim.inferred else 1
        if claim.value not in surest or sure < surest[claim.value][0]:
            surest[claim.value] = sure, claim
    return [(claim, (STATED, WRITTEN, INFERRED)[sure]) for sure, claim in surest.values()]


def _carried(text: str, hit: Found, span: tuple[int, int], spans: Spans) -> str:
    """A thing named as the topic of one clause and found lacking at the head of the next."""
    number = spans.index(span) if span in spans else -1
    if number < 0 or number + 1 >= len(spans) or span[1] - hit.end > 6 or hit.phrase in _GENERIC:
        return ""
    following = text[spans[number + 1][0] : spans[number + 1][1]]
    wide = text[span[0] : hit.start]
    if _DONE.search(wide) or _DONE.search(following):
        return ""
    return "implied" if _LACK.search(following[:8]) or _WANT.search(following[:6]) else ""


_SETTLED = re.compile(
    "已(?:经)?(?:取得|获|通过|完成|建成|投入|齐备|具备|拿到|签下|备案|投产|配备|解决|办妥|办好|"
    "到手)|顺利|齐备|一应俱全|应有尽有|运行良好|余量|达标|均已|"
    "投入使用|建有|配有|配备了?|拥有|自建(?![^,;。]{0,6}(?:需|要|拟|还|计划|打算|约|大约))|自有|"
    "未发现|通过率|证书齐|合格|提升到?|升到|由[^,;。]{1,12}(?:支撑|承担|保障)|覆盖所有|远低于|"
    "优于|不依赖|无需|不需|不产生|不用"
)
_NEEDS_PLACE = re.compile(
    "需|要求|必须|须|配备|配套|具备|依赖|用到|涉及|有赖|离不开|希望|寻找|拟|计划|租|入驻|落地|"
    "接入|使用|在[^,;。]{1,8}(?:中|内|下)(?:生产|进行|完成)"
)
_OWN_PLACE = re.compile("自有|已建成?|现有|已租|已配备|拥有|建有|建成|现已|配有|已投入")
_TREATS = re.compile(
    "(?:处理|治理|回收|监测|检测|替代|取代|无|零|避免|不产生|不含|不使用|不用|减少|降低|去除|"
    "净化|面向|用于|应用于|服务|客户|为|帮助|修复|解决|告别|免|耐|抗|抵抗|防止|预警)[^,;。]{0,8}$"
)
_OTHERS_PLACE = re.compile(
    "^[^,;。]{0,3}(?:企业|行业|客户|用户|厂(?!房)|公司|市场|领域|治理|处理技术|监测|修复|"
    "处理装备|资源化|替代|泄漏|预警|零排放)"
)


def facility_needs(hits: Iterable[Found], text: str, sentence: str) -> list[Claim]:
    """Facilities that a folded sentence of a project says or implies it needs, with the number it gives."""
    spans = clause_spans(text)
    found: list[Claim] = []
    for hit in hits:
        span = _clause(text, hit.start, hit.end, spans)
        before, after = text[span[0] : hit.start], text[hit.end : span[1]]
        if _TREATS.search(before) or _OTHERS_PLACE.match(after) or _settled(text, span):
            continue
        number = facility_number(hit.code, text)
        if hit.role == "cue":
            found.append(Claim("facility", hit.code, 1, True, sentence, number))
        elif (_NEEDS_PLACE.search(text[span[0] : span[1]]) or _lacking(text, hit, span)) and not _OWN_PLACE.search(
            before
        ):
            found.append(Claim("facility", hit.code, 1, not _STATED.search(before), sentence, number))
    return found


_NOT_OFFERED = re.compile("(?:不|未|无|没有|暂无|谢绝|拒绝|缺少?|除|尚无|非)[^,;。]{0,14}$")
_SOUGHT_FROM = re.compile("(?:要求|须|需(?!求)|应当?|必须)[^,;。]{0,8}$")


_VAGUE = words("vague_offer")
_RENDERED = re.compile(
    "(?:[^,;。、]{0,2})(?:服务|辅导|咨询|对接|支持|代理|平台|培训|申报|办理|检测|认证|代办|诊断|"
    "顾问|方案|指导|评估|推荐|招募|发放|测试|委托|编制|贷)"
)
_RENDERS = re.compile(
    "(?:提供|开展|承接|代理|代办|可做|擅长|负责|协助|帮助?|承担|专做|辅导|代为|出具|安排|组织|编制|办理)[^,;。]{0,14}$"
)


def offers(kind: str, hits: Iterable[Found], text: str, sentence: str) -> list[Claim]:
    """Services or facilities that a folded sentence of an institution offers, with the limit it states."""
    spans = clause_spans(text)
    found: list[Claim] = []
    for hit in hits:
        span = _clause(text, hit.start, hit.end, spans)
        before = text[span[0] : hit.start]
        if _NOT_OFFERED.search(before) and not re.search("不仅|不限|不只|无论|不论|不光", before):
            continue
        if kind == "service" and _SOUGHT_FROM.search(before):
            continue
        if (
            kind == "service"
            and hit.phrase in _VAGUE
            and not (_RENDERED.match(text[hit.end : hit.end + 6]) or _RENDERS.search(before))
        ):
            continue
        number = facility_number(hit.code, text) if kind == "facility" else None
        found.append(Claim(kind, hit.code, 1, True, sentence, number))
    return found
