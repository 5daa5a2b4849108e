"""What a negation or an "only" covers: from a folded sentence to scoped phrases.

Chinese says what it rules out before the verb (医药类项目暂不考虑), after it (不投医药), by exception (除电镀外均可入驻)
or by complement (非新材料不投). Each of these is a pattern here; double negation (不排除, 不限, 不是不投), questions of
degree (不低于) and criteria that are waived (不要求盈利) are guarded against. English is read by :mod:`.scope_english`.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Mode = Literal["not", "only", "need", "lack"]


class Scope(NamedTuple):
    """A phrase that a sentence rules out (``not``), restricts itself to (``only``), demands (``need``) or says it
    does not have (``lack``: of use for facilities and services only).

    ``firm`` is 1 for a plain statement, 0.5 for a softened one (原则上, 一般, 谨慎).
    """

    phrase: str
    mode: Mode
    firm: float


_VERB = (
    "投资|投向|投放|投递|投|接受|接收|接纳|接洽|接待|接触|接|受理|考虑|涉足|涉及|涉猎|触碰|碰触|碰|做|从事|参与|支持|引进|引入|看好|看|"
    "承接|承做|承办|承揽|承担|承保|提供|代理|代办|办理|收储|收|关注|覆盖|服务|布局|配置|介入|欢迎|安排|允许|准予|准许|准入|吸纳|吸收|"
    "招引|招商|招|开展|开放|推荐|推介|资助|扶持|立项|出资|跟投|领投|放款|授信|放贷|贷款|担保|面向|适合|适宜|适用于?|适配|鼓励|建议|对接|"
    "纳入|入驻|引|签约|采用|采纳|采购|采信|选用|考察|尽调|下注|押注|染指|容纳|容许|具备|具有|设有|设置|设立|设|建有|建设|建|配备|配套|"
    "配有|配|包含|包括|涵盖|含|满足|支撑|处理|储存|存放|堆放|生产|使用|进入|入园|落户|落地|评审|评估|辅导|兼顾|触及|跟进|研究|申请|申报|报名|招收|进|批"
)
_HEAD = "(?:暂时|目前|现阶段|眼下|一律|一概|一向|概|均|都|皆|全部|也|亦|并|从来|从|绝|坚决|原则上|一般|通常|基本上?|尚|还|则|更|恕|暂|现)*"
_NEG = (
    "不(?:再|予以|予|会|能够|能|得|宜|便|太|大|作|可以|可|另行|单独|直接|对外|主动|打算|准备|计划|倾向于?|优先|敢|愿|愿意|适宜|以任何形式)*"
    f"(?P<verb>{_VERB})|"
    "未(?:能|予|曾|对外)?(?:接通|接入|预留|铺设|取得|开通|开展|配备|配套|配置|设置|设有|设立|设|建有|建设|建|具备|纳入|列入|布局|涉足|开放|覆盖|安排|涉及|从事|通)|"
    "没有?(?:能力|条件|意愿|打算|计划)?(?:承接|接纳|接收|提供|布局|涉足|开展|配备|设置|建设|配置|做|投|碰)|"
    f"(?:无法|无力|无意|无暇|恕难|勿|不便)(?:对外|再|直接)*(?:{_VERB})?|"
    "谢绝|婉拒|拒绝|拒收|拒接|恕不|禁止|严禁|禁入|禁投|杜绝|回避|规避|避开|剔除|排除|远离|绕开|暂停|停止|暂缓|停接|中止|限制|剔出|"
    "(?P<lack>(?<![有免若虽])(?:无(?!论|人机|锡|机|纺|线|缝|损|源|刷|菌|尘|铅|氰|障碍|偿|需|须|须|法|意|力|暇|限|门槛|疑|不|忧|形)|没有|暂无|尚无|缺少|缺乏|缺(?!陷|口)))"
)
PREFIX = re.compile(f"{_HEAD}(?:{_NEG})(?:了|过|于)?")
_TAIL = (
    "不在[^,;。]{0,14}?(?:范围|之列|之内|考虑|名单|视野|清单|半径|射程|方向|领域|目录|计划|策略|版图|名录|雷达|能力圈)(?:内|之内|之中|中|里|以内|之列|上)*|"
    "(?:不|未)(?:属于|属|符合|纳入|列入|作为|算)[^,;。]{0,16}|"
    "(?:另有规定)?除外|免谈|敬而远之|退避三舍|(?:都|均)?(?:不|没|没有|无|兴趣)(?:太|大|什么|多少)?(?:感兴趣|兴趣|大)|止步|勿扰|勿投|勿入|(?:请|敬请)?(?:绕行|绕道)|"
    "(?:请|可)?另(?:请|寻|觅|投)[^,;。]{0,8}|(?:并)?(?:非|不是)(?:我们|我方|本[^,;。]{1,4}|我[^,;。]{1,2}|所)[^,;。]{0,12}|超出[^,;。]{0,14}(?:范围|能力|边界|半径|圈)[^,;。]{0,3}|"
    "(?:一直|始终)?(?:保持|持|抱)[^,;。]{0,8}(?:距离|回避|谨慎|克制|审慎|保留|观望)[^,;。]{0,3}|(?:一律)?(?:列入|列为|属于|纳入|归入)[^,;。]{0,8}(?:负面|禁入|黑名单|禁止|限制|禁投)[^,;。]{0,4}|"
    "一票否决|(?:暂)?没有?(?:配置|布局|额度|安排|团队|能力|经验|产能|牌照|资质|兴趣|计划|涉猎|打算|意愿)[^,;。]{0,4}|(?:做|接|看|承接|处理|容纳|消化|帮|评|放|供)不(?:了|上|懂|动|下)|"
    "爱莫能助|无能为力|(?:不|并不)(?:擅长|熟悉|内行)|劝退|叫停|已(?:经)?(?:全部)?(?:用完|用尽|满|饱和|告罄|见底|叫停)|(?:较为|比较|十分)?(?:紧张|有限|不足|欠缺|缺失)|达不到[^,;。]{0,8}|"
    "(?:一般|直接)?(?:pass|婉拒|劝返|退回|剔除|排除)|慎入|慎投|(?:较少|很少|少有|极少)(?:涉及|涉足|参与|投|考虑|接|看)[^,;。]{0,3}"
)
SUFFIX = re.compile(f"{_HEAD}(?:{_TAIL})$")
ONLY = re.compile(
    "(?:目前|现阶段|原则上|一律|均|暂|我们|本[^,;。]{1,3})*(?<![不非])(?:仅仅|仅限于?|只限于?|限于|仅|只|专门|专|单单)(?:会|能|愿意?|考虑)?"
    "(?:投资于|投资|投向|投|做|看|接受|接收|接纳|接|服务于?|支持|面向|受理|考虑|关注|招引|招|收|针对|对|向|为|覆盖|承接|承做|承办|欢迎|引进|参与|"
    "聚焦于?|配置|开放给|提供给|供|放|贷给|代理|办理|引入|入驻|容纳|推荐|采购|采用|限于?|在|吸纳|布局|提供)"
)
_SOFT = re.compile("原则上|一般|通常|尽量|较少|很少|少有|极少|谨慎|审慎|慎|优先|不太|不大|不鼓励|不建议|不倾向|克制|保留|观望|兴趣不大|有限|紧张|暂")
_EMPTY = re.compile(
    "^(?:了|的|本园|我园|园区|园内|本区|此地|申请|材料|之列|范围|投资|入驻|入园|进驻|受理|立项|接待|支持|考虑|处理|资格|资助|项目|企业|本基金|本行|本园|我们|我园|我司|本机构|目前|暂时|为宜|等|"
    "评审|尽调|落地|准入|跟进|洽谈|接洽|对接|服务|合作|授信|放款|引进|业务|订单|委托|咨询|的|。|!|\\.|\\s|”|\")*$"
)
_THIS = re.compile("^(?:此类|该类|这类|上述|以上|这些|这一类|此等|前述|这样的)")
_GUARD_BEFORE = re.compile("(?:不是|并非|并不是|绝非|从不|从来不|也不|并不|绝不|不会|决不|不|没有?|无|不得|为什么|为何|是否|能否)$")
_WAIVED = re.compile(
    "^(?:重|中|好)?(?:任何|具体|企业|项目|团队|创始人|单纯的?|是否|短期|一时|眼前)*(?:出身|背景|学历|规模|营收|利润|收入|盈利|财务|流水|大小|资历|体量|名气|抵押|户籍|报表|短期|"
    "行业|领域|门槛|限制|上限|下限|地域|区域|最低|阶段|轮次|赛道|费用|佣金|股权|经营|管理|日常|条条框框|固定|硬性|方向限|投资方向的?限|偏好|先入|注册地|年限|人数)"
)
_PAST = re.compile("(?:此前|过去|以前|原先|原来|曾经|曾|早年|往年|早先)[^。;]*(?:现已|现在|如今|目前|今年|去年|近年|后来|自[^,]{1,8}起)[^。;]{0,12}(?:放开|开放|接受|纳入|取消|恢复|可以?|欢迎|受理|开始)")
_CAUSE = re.compile("不会?因|不以[^,;。]{1,16}(?:为|作为)|没有不|无不|无所不|不得不|不能不|不可不|并非不|不是不|未尝不")
_EXCEPT = re.compile("除(?:了|去|却)?(?P<x>[^,;。]{1,60}?)(?:以外|之外|外)(?:的)?(?P<comma>,?)(?P<rest>[^;。]*)")
_ADDITIVE = re.compile("^(?:我们|本[^,]{1,4}|园区|平台|基金|团队)?(?:,)?(?:还|也|亦|同时|另|并|更|兼|且|又)")
_OPEN = re.compile("(?:均|都|皆|其余|其他|其它|一律|各类|各行业|任何|全部|不限)[^。;]{0,20}|(?:可|欢迎|接受|接纳|允许|受理|支持|开放)")
_OUTSIDE = re.compile(
    "(?P<x>[^,;。]{1,40}?)(?:以外|之外)(?:的)?[^,;。]{0,14}?(?:,)?[^,;。]{0,6}?(?:不|谢绝|恕|拒绝|勿|免谈|暂停|无法|暂缓|婉拒|除外|绕|禁止|敬)|"
    "(?:^|[,;。])(?:凡|凡是|对|对于)?非(?P<y>[^,;。非]{1,24}?)(?:的)?(?:类|型|项目|企业|领域|行业|方向|产业|团队|公司|标的|需求|客户)*(?:,)?(?:一律|一概|概|均|请|恕|暂|原则上|我们|都)*(?:不(?!可)|谢绝|恕|勿|免谈|拒绝|绕|婉拒|无法|禁止|敬)"
)
_OTHERS = re.compile(
    "(?:不|勿|谢绝|免)(?:再|予|做|看|投|碰|考虑|涉足|接|受理|关注|跨|参与|涉及|布局)*(?:其他|其它|其余|别的|跨界|杂项|主业以外)|(?:其他|其它|其余|别的|此外)(?:领域|行业|方向|项目|类型|赛道|企业|类别|区域|地区|阶段|轮次|一切|的)*[^,;。]{0,4}(?:不|谢绝|勿|恕|免谈)|心无旁骛|不跨界"
)
_FOCUS = re.compile("(?:专注于?|聚焦于?|深耕|主攻|专攻|只|仅|专|投向|投资|关注|围绕|锁定)(?P<x>[^,;。]{2,60})")
_LIST = re.compile(
    "(?:负面清单|禁入清单|禁入目录|禁入行业|黑名单|禁止类|禁投领域|禁投清单|不支持方向|不投方向|不投领域|不受理范围|不接受范围|排除领域|排除方向|排除项|回避领域|回避方向|"
    "(?:以下|下列)[^,;。:]{0,14}(?:不予|不|谢绝|除外|恕)[^,;。:]{0,8})(?:主要)?(?:包括|为|有|是|含|涵盖|如下)?[:,]?(?P<x>[^;。]{2,120})"
)
NEED = re.compile(
    "(?<!不)(?<!无需)(?<!不做)(?:要求|须|必须|务必|应当|应(?=已|具|有|取|完|拥|在)|前提是|门槛是|门槛为|至少|需要?(?=已|具备|有|取得|完成|拥有|达到|持有|在|注册|连续|提供|满)|起码|条件是|以(?=[^,;。]{2,24}为(?:前提|条件|门槛)))(?P<x>[^,;。]{2,40})"
)
_HEADWORDS = re.compile(
    "^(?:我们|我园|我司|我行|本[^,;。的]{1,4}?(?=对|暂|也|均|原|一)|园区|基金|平台|目前|但|但是|不过|而|同时|另外|此外|其中|请注意|需说明的是|因|由于[^,]*|且|和|及|以及|或|"
    "对于|对|凡是|凡|凡属|如果|如|若|涉及|属于|属|从事|其|关于|至于|像|诸如|任何|所有|一切|各类|主营|处于|尚处于?|仍处|还处|停留在|暂时|我方|无论|具体为|包括|主要是|看|做|投)+"
)


_SUBJECT = re.compile("(?:因此|所以|故而?|我们|我园|我司|我行|我方|本(?:基金|园区?|行|平台|机构|所|中心|公司|院|企业|单位|期|次征集|团队|孵化器|加速器|实验室)|园区|平台|基金|目前|暂时?|现阶段|一律|请|均|也|都|则)+$")
_FILLER = re.compile("无论|不论|不管|哪怕|即使|即便|不分|难以|周期|因为|由于|出于|敬请|原因|风险|考虑到|再好|多好|限于|受限|鉴于|为了|涉及面|说明")
_VERB_TAIL = re.compile("(?:入驻|落户|入园|进驻|落地|准入|进入(?:园区|本园)?|申报|申请|报名|的(?:受理|申请|入驻|合作|委托))+$")


def _trim(phrase: str) -> str:
    return _HEADWORDS.sub("", phrase.strip(" ,、:;。\"“”'")).strip(" ,、:;。\"“”'")


def _firm(context: str) -> float:
    return 0.5 if _SOFT.search(context.replace("暂不", "").replace("暂停", "").replace("暂无", "").replace("暂缓", "")) else 1.0


def _blocked(clause: str, start: int, end: int) -> bool:
    """Whether a negation found at ``start:end`` is itself negated, waives a criterion or starts another word."""
    matched = clause[start:end]
    if _GUARD_BEFORE.search(clause[:start]) and not matched.startswith(("不", "未", "无", "没")):
        return True
    if re.search("(?:不是|并非|绝非|没有|从无|为何|为什么|是否|无)$", clause[:start]):
        return True
    rest = clause[end:]
    if matched.startswith(("不", "没", "无", "未")) and _WAIVED.match(rest):
        return True
    if matched.endswith("限制") and (rest[:1] in {"", "性", "于", "类", "、", "或"} or clause[:start].endswith(("不受", "无", "不", "的"))):
        return True
    if matched.endswith("收") and rest[:1] in {"取", "费", "购", "益", "录"}:
        return True
    return bool(re.match("[^,;。]{0,3}(?:到位|起眼|上眼|出来|够|过来|断)", rest)) and matched.startswith("不")


def _clauses(sentence: str) -> list[str]:
    return [clause.strip() for clause in re.split("[,;。!?()]|(?<=[\u3400-\u9fff])\\s|——|但是|不过|然而|(?<!不)但(?!凡)", sentence) if clause.strip()]


def _before(parts: list[str], number: int) -> str:
    """The clause before clause ``number`` that can be the object of its negation: no reason, no bare subject."""
    for position in range(number - 1, -1, -1):
        phrase = _trim(_SUBJECT.sub("", parts[position]))
        if len(phrase) < 2 or _FILLER.search(parts[position]):
            continue
        if position and re.match("以及|和|或|及", parts[position]):
            phrase = _trim(parts[position - 1]) + "、" + re.sub("^(?:以及|和|或|及)", "", phrase)
        return phrase
    return ""


def _prefix_scopes(parts: list[str], number: int) -> list[Scope]:
    """Scopes of the negations of one clause; a negation without an object takes what stands before it."""
    clause, after = parts[number], parts[number + 1 :]
    matches = [match for match in PREFIX.finditer(clause) if not _blocked(clause, match.start(), match.end())]
    # a lack inside the object of another negation (不看尚无收入的) is part of that object
    matches = [m for at, m in enumerate(matches) if at == 0 or not (m.group("lack") or m.group().startswith(("尚未", "未", "没")))]
    if len(matches) > 1 and _EMPTY.match(clause[matches[-1].end() :].strip(" :、")):
        matches = [m for m in matches[:-1] if not re.match("未|没|无|尚|缺|暂无|不具备|不能|不符", m.group())] + matches[-1:]
    found: list[Scope] = []
    for at, match in enumerate(matches):
        stop = matches[at + 1].start() if at + 1 < len(matches) else len(clause)
        rest = clause[match.end() : stop].strip(" :、")
        rest = re.sub("^(?:投递|接待|受理|接受|考虑)", "", rest) if match.group().endswith(("勿", "恕不")) else rest
        mode: Mode = "lack" if match.group("lack") else "not"
        firm = _firm(match.group() + clause[: match.start()][-6:])
        if _EMPTY.match(rest) or _THIS.match(rest):
            phrase = _trim(_SUBJECT.sub("", clause[matches[at - 1].end() if at else 0 : match.start()]))
            if len(phrase) < 2 and clause.endswith(":"):
                phrase = "、".join(after)
            found.append(Scope(phrase if len(phrase) > 1 else _before(parts, number), mode, firm))
        else:
            more = [item for item in after[:1] if re.match("以及|和|或|及|还有|包括|尤其|特别是|如", item)]
            found.append(Scope(_trim(_VERB_TAIL.sub("", "、".join([rest, *more]))), mode, firm))
    return found


def scopes(sentence: str) -> list[Scope]:
    """Scoped phrases of a folded sentence, in order; empty when it rules nothing out and demands nothing."""
    if _PAST.search(sentence):
        return []
    found: list[Scope] = []
    rest = sentence
    for reader in (_listed, _exceptions, _complements):
        scoped, rest = reader(rest)
        found.extend(scoped)
    found.extend(_by_clause(rest))
    return [scope for scope in found if len(scope.phrase) > 1]


def _listed(sentence: str) -> tuple[list[Scope], str]:
    match = _LIST.search(sentence)
    if match is None:
        return [], sentence
    return [Scope(_trim(match.group("x")), "not", 1.0)], sentence[: match.start()] + "。" + sentence[match.end() :]


def _exceptions(sentence: str) -> tuple[list[Scope], str]:
    """除 X 外: X is ruled out (…均可), or all but X (…一律不看), or nothing is (…还)."""
    match = _EXCEPT.search(sentence)
    if match is None:
        return [], sentence
    remaining = sentence[: match.start()] + "。"
    rest = match.group("rest")
    if _ADDITIVE.match(rest):
        return [], remaining + rest
    if PREFIX.search(rest) and not re.search("不限|不设|不做限制|不挑", rest):
        return [Scope(_trim(match.group("x")), "only", 1.0)], remaining
    if _OPEN.search(rest) or not rest:
        return [Scope(_trim(match.group("x")), "not", 1.0)], remaining
    return [], remaining + rest


def _complements(sentence: str) -> tuple[list[Scope], str]:
    """X 以外不投, 非 X 不投, 专注 X、其他不看: only X."""
    match = _OUTSIDE.search(sentence)
    if match is not None:
        phrase = _trim(match.group("x") or match.group("y") or "")
        return [Scope(phrase, "only", 1.0)], sentence[: match.start()] + "。"
    others = _OTHERS.search(sentence)
    if others is not None:
        focus = _FOCUS.search(sentence[: others.start()])
        phrase = _trim(focus.group("x")) if focus else _trim(sentence[: others.start()])
        return [Scope(phrase, "only", 1.0)], sentence[: others.start()] + "。" + sentence[others.end() :]
    return [], sentence


def _by_clause(sentence: str) -> list[Scope]:
    found: list[Scope] = []
    parts = _clauses(sentence)
    for number, clause in enumerate(parts):
        if _CAUSE.search(clause):
            continue
        only = ONLY.search(clause)
        if only is not None and not re.search("只(?:要|需|有)|仅(?:需|用|占|有)", clause):
            found.append(Scope(_trim(clause[only.end() :]), "only", _firm(only.group())))
            continue
        tail = SUFFIX.search(clause)
        if tail is not None and not re.search("(?:不|无|从不|并非)$", clause[: tail.start()]):
            phrase = _trim(_SUBJECT.sub("", clause[: tail.start()]))
            found.append(Scope(phrase if len(phrase) > 1 else _before(parts, number), "not", _firm(tail.group())))
            continue
        prefixed = _prefix_scopes(parts, number)
        found.extend(prefixed)
        if not prefixed and (demand := NEED.search(clause)) is not None:
            found.append(Scope(demand.group("x"), "need", 1.0))
    return found
