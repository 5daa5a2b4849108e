"""How an institution judges what it has just named: refused, welcome, demanded.

A sentence names a case (没有环评的, 不足三千万的, 三班倒的) and judges it in what follows or right before. What is
judged is found elsewhere (:mod:`.states`, :mod:`.measures`); here stand the words of judgement only, for folded text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Verdict = Literal["refused", "welcome", ""]

_WELCOME = (
    r"不嫌|不等于|不意味着|不妨碍|不限(?!于)|不设|不挑|不拘|不论|不问|不介意|不作要求|不做要求|不要求|不强求|不苛求|不看重|"
    r"不影响|不妨|不要紧|不是(?:问题|障碍|门槛)|"
    r"不(?:一律|会因此)?(?:拒绝|排斥|排除|否决|劝退)|不是不|没关系|没问题|无妨|无所谓|无需|无须|不必(?!再?[来找递])|"
    r"(?:也|都|均|同样|照样|仍|仍然|一样)(?:可(?!惜)|能|看|投|收|接(?!受不)|做(?!不)|行(?!不)|欢迎|支持|"
    r"受理|考虑|算|予以|在)|"
    r"有的是|欢迎|优先|可(?:放宽|适当|酌情|例外|另议|先|由|以(?!再))|另(?:议|行商议|有安排)|"
    r"(?:由)?(?:我们|本[^,;。]{1,4}|平台|园区)(?:来|可以?|会|将|负责|帮|协助|代|免费|提供|承担)|帮(?:您|"
    r"你|助|忙)|协助|代办(?!不)|辅导(?!不)|"
    r"(?:we|also) (?:help|welcome|support)|welcome"
)
_REFUSED = (
    r"不(?!受(?!理)|燃|侵|粘|沾|饱和|对称|规则|确定|可逆|停机|间断|落地|出|仅|只|光|管|怕|错|断|同|一定|"
    r"低于|少于|高于|超过|多于|大于|小于|得低于|得少于|得超过|得高于|足|"
    r"到(?!位)|满|了解|"
    r"动产|锈|良|稳|便宜|等|久|含|久前|亚于|愿)|(?:服务|覆盖|照顾|够|顾|管|跑|看|做|接)不到|达不到|"
    r"够不[上着]|不达标|未(?!来|必)|无法|没|恕|谢绝|婉|拒|勿|(?<![减避豁])免(?!费|疫|税|检|责|赔)|"
    r"请(?:您|你|各位)?(?:先|另|找|转|走|去|到|等|绕|回|稍|移步|见谅|理解|寻|自|联系|考虑|直接|别)|敬请|"
    r"烦请|建议(?:先|找|去|转|另)|"
    r"再(?:来|联系|谈|说|等|议|看|申|报|投|约|考虑|找|递|接|做|评|上|进)|退(?:回|件|出)|(?:一律|先|直接|"
    r"当场)退|停办|暂停|停止|暂缓|绕|割爱|见谅|"
    r"劝|别(?:来|找|投|报|送|谈|带|再|进)|超出|难(?:以|免|办|支持|受理)|爱莫能助|禁|止步|出局|淘汰|一票否决|除外|"
    r"先(?:养|把|去|找|等|拿|办|补|做|练|攒|放)|留给|轮不|耽误|砸|谈什么|另请|另寻|找[^,;。]{1,8}(?:去|"
    r"吧)|(?:(?<![寻查])找|联系)(?![回到出]|我们|我|本|"
    r"到)[^,;。的]{2,8}(?:$|[,;。])|别家|别选|回避|敬谢|只能|pass|拜拜|免谈|"
    r"\bnot\b|n't|out of scope|declin|cannot|exclud|ineligible|reject|too (?:small|early|large|big)|elsewhere|\bno\b"
)
_AFTER = re.compile(f"(?P<welcome>{_WELCOME})|(?P<refused>{_REFUSED})")
_BEFORE = re.compile(
    "(?:谢绝|婉拒|拒绝|拒收|拒接|恕不(?:接待|受理)?|禁止|严禁|(?<!不)回避|规避|剔除|(?<!不)(?<!不会)排除|"
    "杜绝|劝退|请勿|勿|避开|淘汰|退回|"
    "(?<!也)(?<!是)(?<!并非)(?<!无)不(?:再|予|会|能|得|可|考虑|愿|想|打算|对)*(?:投(?:资)?|看|收|接受?|"
    "接收|接待|接纳|做|碰|批|保|受理|考虑|支持|资助|"
    "承接|承保|办理?|放款|授信|引进|评估?|代理|采购|参与|服务|开放|给|要|陪|追|对接|纳入|贷给|租给)|"
    "(?:don't|do not|cannot|won't|not) (?:invest in|accept|take|fund|lend to|consider|support|admit)|decline|no )"
    "(?:那些|任何|仍|还|仅|只|处于|处在|一切|各类|对|给|与)*[^,;。]{0,4}$"
)
DEMAND = re.compile(
    "(?<![无不])(?<!不必)须(?!弥)|必须|务必|(?<!不)(?<!不做)(?<!不作)(?<!需求)要求|(?<!不)要(?:有|看到|"
    "见到|看(?!好)|求|具备|先|过|能|拿)|"
    "应(?=当|已|具|有|取|完|拥|在|通过|为|属|能)|前提|门槛|底线|硬性|硬杠|红线|条件是|起码|至少|"
    "(?<![榜双我甲乙各多对需供出买卖任])方可|方能|(?<![人天英奇俊刚])才(?!能|华|智|刚|俊)|(?<![人天英奇俊刚])才能|"
    "缺一不可|必备|必要条件|只(?:收|接|投|做|看|认|对|受理|面向|支持|考虑|服务|限|给|贷|要|代理|跟|租|评|"
    "保|招|辅导|采购|选|向|办|签|陪)|"
    "(?<![不非])仅(?:限|收|接|投|做|看|认|对|受理|面向|支持|考虑|服务|承接|接受|给|贷|向|采购)|限于|"
    "限(?=[^,;。]{2,12}$|$)|"
    "先[^,;。、]{2,16}(?:再|后(?![期续]))|等[^,;。]{2,20}(?:再|后)|(?:之前|以前|前)[^,;。]{0,4},?[^,;。]{0,8}(?:不|暂|勿)|"
    "请(?:先|附|提供|等|出示|备齐|带)|\\bmust\\b|required?\\b|\\bonly\\b"
)
DEMAND_AFTER = re.compile(
    "(?<![榜双我甲乙各多对需供出买卖任])方可|方能|(?<![人天英奇俊刚])才(?!能源|华|智|刚|俊)|是?(?:硬性|基本|准入|唯一|"
    "必要)?(?:前提|门槛|底线|红线|硬杠杠?|(?:必要|基本|硬性|准入|前提)条件|"
    "硬性?要求)(?:$|[,。;])|缺一不可|必备|"
    "^[^,;。]{0,8}(?:之前|以前|前)(?:,|$|[^,;。]{0,8}(?:不|暂|勿|别))|^[^,;。]{0,8}(?:再|后)(?:来|谈|申|"
    "联系|说|报|议|投)|"
    "\\brequired\\b|\\bfirst\\b"
)
WAIVED = re.compile(
    "(?:不(?:一定)?(?:要求|强求|看重|苛求|需要?|必|论|问|以|管|限|介意|在乎|拘|设|以)|不看(?:短期|眼前|当期|一时)|无需|无须|无论|不论|是否|"
    "有无|有没有|是不是|可以没有)[^,;。]{0,6}$"
)
OTHERWISE = re.compile(
    "(?:再|更|要更|还要|超|大于此|高于此)(?:大|小|多|高|少|重)[^,;。]{0,8}(?:的|者)|(?:其他|其它|其余|"
    "别的|另外的?)(?:金额|额度|规模|区间|档|需求|数额)|"
    "超(?:出|过)?(?:区间|范围|额|限|部分|出部分|此|上限|标)|两头|低于此|高于此|不在(?:此|这个?)(?:区间|"
    "范围)|区间(?:以|之)外|零租|要更|大(?:客户|轮|单|额|"
    "的)[^,;。]{0,8}(?:由|请|免|走|转|去|找)|"
    "包圆|多(?:了|的)[^,;。]{0,5}(?:没有|不)|不了更多|更多[^,;。]{0,4}(?:没|不)|少(?:了|于此)(?:不|免)|小了(?:不|没)"
)


_WELCOMED_BEFORE = re.compile(
    "(?:不(?:会|再)?(?:排除|排斥|拒绝|拒|限|避讳|回避|嫌弃|歧视|介意)|(?:也|都|同样|照样)(?:可以?|能|"
    "愿意)?(?:接受|接收|欢迎|支持|投|看|收|做|接)|"
    "(?<!不)(?<!不再)欢迎|鼓励|优先(?:支持|考虑)?|包括|含|哪怕|即使|即便|无论)[^,;。]{0,4}$"
)
_WANTED = re.compile(
    "专注|聚焦|主投|投向|重点|关注|支持|服务(?!不)|面向|深耕|擅长|提供|欢迎|适合|覆盖(?!不)|看好|寻找|"
    "征集|扶持|鼓励|偏好|优先|配有|设有|建有|拥有"
)


_MARKS = frozenset("不没未无恕谢婉拒勿免请再退停绕劝别难禁止须必要应限只仅才底门前等找除")
_ANY = re.compile(f"{_REFUSED}|[只仅限]|除外|要[花落用放投留设建把在]")


@lru_cache(maxsize=1 << 12)
def judges(text: str) -> bool:
    """Whether a folded sentence can refuse or demand anything at all: most cannot, and need no reading for it."""
    if _MARKS.isdisjoint(text) and not (text.isascii() and _ENGLISH.search(text)):
        return False
    return bool(_ANY.search(text) or DEMAND.search(text) or DEMAND_AFTER.search(text))


_ENGLISH = re.compile("\\b(?:not|no|must|only|required?|declin|exclud|ineligible|cannot|out of scope|first)|n't")


def clause_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the clause of ``text[start:end]``; brackets and colons bound it too."""
    first = max(text.rfind(mark, 0, start) for mark in ",;。:(") + 1
    stops = [stop for stop in (text.find(mark, end) for mark in ",;。)") if stop >= 0]
    return first, min(stops, default=len(text))


def judged(text: str, start: int, end: int, stop: int) -> Verdict:
    """Verdict on the case named at ``text[start:end]``, looked for up to ``stop``.

    What the same clause says counts first; what the next clauses say only where this one names a case and nothing that
    is wanted (聚焦半导体设备,不投医药 refuses nothing of the first).
    """
    first, last = clause_of(text, start, end)
    last = min(last, stop)
    told = verdict(text[end:last], text[first:start])
    if told or (_WANTED.search(text[first:last]) and not text[first:last].endswith(("的", "者"))):
        return told
    return verdict(text[last:stop])


def verdict(rest: str, before: str = "") -> Verdict:
    """What is said of a case: ``rest`` follows it, ``before`` stands before it in its clause."""
    if before:
        if _WELCOMED_BEFORE.search(before):
            return "welcome"
        if _BEFORE.search(before):
            return "refused"
    found = _AFTER.search(rest)
    if found is None:
        return ""
    return "welcome" if found.group("welcome") else "refused"
