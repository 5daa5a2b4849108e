"""States a text speaks of: what is held, lacking or pending (环评还没批, 有逾期记录, 不出让股权), for both sides.

A state is an object of the table ``states.csv``, or what a clause says is missing in its own words. Its sign is -1 when
the words around say that it is missing or under way, +1 when they say that it is there. Objects of the group ``burden``
(逾期, 诉讼) are there when they are named at all; a ``need`` (锅炉) when the text says that it needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from features.reading.cues import Cue, Found
from features.reading.lexicon import Lexicon, phrases_of, rows


class State(NamedTuple):
    """An object at ``text[start:end]`` of a folded sentence: ``sign`` -1 lacking, +1 there, 0 not said.

    ``own`` marks an object that no table knows; ``sure`` is 1, or less for what is under way or guessed.
    """

    code: str
    sign: int
    start: int
    end: int
    own: bool = False
    sure: float = 1.0


_LACK_WORD = (
    "不愿意?|不肯|不同意|没有|没(?!收|落|药)|尚无|暂无|并无|毫无|还无|无(?!论|人|需|须|线|损|菌|尘|氟|铅|"
    "氰|毒|害|创|感|缝|法|关|忧|疑|偿|机|刷|水|油|源|接触|障碍|锡|纺|土|卤)|"
    "尚未|还未|从未|未曾|未(?!来|必|免)|不具备|不具有|不具|缺少|缺乏|欠缺|缺(?!陷|口|一不可|氧)|拿不出|"
    "拿不到|办不出|办不下|并非|不是|不属于|没能|"
    r"\bno |\bnot |without|pre-|lack(?:s|ing)? |yet to|hasn't|haven't|don't have"
)
LACK_BEFORE = re.compile(f"(?:{_LACK_WORD})[^,;。、]{{0,9}}$")
_PENDING_BEFORE = re.compile(
    "(?:正在|还在|仍在|尚在|等待|等着|等(?=$|批|拿)|待|申请|准备|拟|计划|预计|即将|争取|筹备|打算|"
    "排队)(?:申请|办理|办|做|等|补|走|编制?|审批?|进行|取得|拿|申报|开展|"
    "启动)*[^,;。、]{0,3}$"
)
_LACK_AFTER = re.compile(
    "^[^,;。、的]{0,5}?(?:还没|尚未|没有?(?!问题|失效)|还未|未(?!来|发现|使用过)|还不|并不|空白|缺失|"
    "缺位|缺|办不下|批不下|下不来|迟迟|卡(?:在|住)|"
    "没下来|跟不上|不全|不齐|不清|不明|为零|不足|不够|过期|失效|到期未|一项未|都没|is pending|pending|"
    "has not|have not|not yet|is missing|no yet)"
)
_PENDING_AFTER = re.compile(
    "^[^,;。、]{0,8}?(?:还在|仍在|正在|尚在|在(?:办|审|报|编|走|申请|评审|受理|排队|做|装配|准备|等|路上|"
    "谈)|刚(?!性|需)|待(?!遇)|等(?=待|着|批|拿|审|结|"
    "评|排|下|官)|有待|"
    "审评中|评审中|受理中|申请中|办理中|进行中|编制|审评|排队|筹备|差(?!异|距)|预计|计划|拟|准备|尚需|"
    "仍需|即将|明年|后年|下半年|年底|离[^,;。]{1,4}还)"
)
_HELD_BEFORE = re.compile(
    "(?:已经?|走到|进入|到了|迈入|取得了?|获得?|获|拥有|具备|有(?!待|望|意|关|限)|持有?|通过了?|完成了?|"
    "拿到了?|提供了?|附有?|建有|备齐|带|含|凭|签订?了?|签下|登记|"
    "授权)[^,;。、没未无不]{0,9}$|"
    "(?:均|都|全部|全)[^,;。、没未无不]{0,2}$"
)
_HELD_AFTER = re.compile(
    "^[^,;。、没未无不]{0,8}?(?:齐全|已|合格|有效|获批|通过|取得|到手|完成|在手|下来了|清晰|稳定|良好|"
    "完整|批复|拿到|办妥|办好|办结|办理完|证书|成立|"
    "[一二三四五六七八九十两数几多\\d]+(?:件|项|本|家|张|名|年|万|台|份|条|人|亿|千|成|百)|obtained|"
    "granted|in hand|completed)"
)
_NEED_BEFORE = re.compile(
    "(?:需要?|要(?!求)|使用|采用|用到?|须|依赖|配备?|安装|设置|涉及|有|上|靠|含|建设?|自建)[^,;。、没未无不]{0,8}$"
)
_FREE_BEFORE = re.compile(
    "(?:不|无|没有?|未|非|免|不用|不需要?|无需|不涉及|不含|不使用|不存在|从未|零|避免|杜绝|替代|解除|"
    "已?还清|脱离|not |no |without )[^,;。、]{0,7}$"
)
_FREE_AFTER = re.compile(
    "^[^,;。、]{0,5}?(?:为零|已解决|已结(?!构)|已撤|已注销|不存在|已了结|已解除|还清|消除|不多|均无|"
    "可人力|未设|未发生|胜诉)"
)
_ONLY_BEFORE = re.compile(
    "(?:只有|仅有?|只(?:是|能|剩|做了?)|停留在|还停在|还是|仍是|刚(?:刚)?|才|尚处|处于|just|only)[^,;。、]{0,8}$"
)
_CLAUSE = re.compile("[^,;。:()]+")
_MISSING = re.compile(
    "(?<![覆淹吞埋])没(?!收(?![入益])|落|药|关系|问题)|未(?!来|必|免)|尚无|暂无|并无|毫无|还无|无(?!论|人|需|须|线|损|"
    "菌|尘|氟|铅|氰|毒|害|创|感|缝|法|关|忧|疑|偿|机|刷|水|"
    "油|源|接触|障碍|锡|纺|土|卤)|"
    "欠(?!佳|妥)|不具备|不具有|(?<!看)不懂|不会(?!因)|不熟|缺(?!陷|口|一不可|氧)|拿不出|拿不到|办不|跑不|"
    "达不到|不到位|不是|并非|做不|不通|[\u3400-\u9fff]不[了齐起]|不完|"
    r"\bno\b|\bnot\b|without|\byet\b|hasn't|haven't"
)
_UNDER_WAY = re.compile(
    "还在|仍在|尚在|正在|还停|停在|停留|有待|尚待|刚(?!性|需|度)|才(?!能|华|智)|只(?!需)|仅|预计|明年|"
    "后年|筹备|排队|待(?!遇)|申请中|进行中|审[评批核查]中?$|编制"
)
_EMPTY = re.compile(
    "(?:没有?|尚未|还未|从未|未|尚无|暂无|并无|毫无|无|不懂|不会|不具备|不具有|缺少|缺乏|缺|拿不出|"
    "拿不到|并非|不是|还在|仍在|尚在|正在|还停在?|停留在|停在|有待|尚待|刚刚?|才|"
    "只|仅|预计|明年|后年|"
    "公司|企业|项目|团队|产品|设备|技术|我们|目前|工艺|系统|方案|任何|一个|已经?|进行|相关|单位|主体|"
    "申请人?|对方|那些|凡是?|如果|若|请|其|该|本|这|还|都|也|就|均|仍|在|有|"
    "的|者|了|过|把|被|给|由|与|和|及|或|"
    "做|办|完成|取得|拿到|通过|落实|下来|到手|能|会|要|需|对|于|以|之前|以前|前|后|时|再|等|先|全部|完整|"
    "相应|自己|专门|专职|一[家项份台次条名位]|很|太|比较|是|为|年内|今年|"
    "去年|最近|近|[0-9一二三四五六七八九十两几百千万]+)"
)
_SHORT, _LONG = 2, 24  # characters of what a clause is about


LADDER = (
    *("样机", "小试", "实测", "寿命试验", "放大", "临床", "定型", "试点", "客户验证", "量产", "上市", "首单"),
    *("订单", "营收", "复购", "盈利"),
)
"""States of maturity in about the order in which they are reached."""
SOLD = frozenset({"量产", "上市", "营收", "复购", "盈利"})
"""States that show all before them to be reached."""
LACKS_BELOW = {
    **{
        "样机": 1,
        "小试": 1,
        "放大": 2,
        "临床": 2,
        "定型": 2,
        "试点": 2,
        "客户验证": 2,
        "量产": 3,
        "上市": 3,
        "首单": 2,
    },
    **{"营收": 2, "复购": 3, "盈利": 2, "寿命试验": 1, "实测": 1},
}
"""Step (of :data:`features.reading.stages.STAGES`) below which a project does not have a state of maturity."""
HAS_FROM = {
    "样机": 2,
    "小试": 2,
    "放大": 3,
    "试点": 3,
    "客户验证": 3,
    "量产": 3,
    "上市": 3,
    "首单": 3,
    "营收": 3,
    "复购": 4,
    "盈利": 4,
}
"""Step from which a project is sure to have it."""


@cache
def state_groups() -> dict[str, str]:
    """Group of every state of the table."""
    return {row["state"]: row["group"] for row in rows("states")}


@cache
def state_lexicon() -> Lexicon[Cue]:
    """Names of the states alone, for sentences of institutions."""
    return Lexicon((phrase, Cue("state", row["state"], "name")) for row in rows("states") for phrase in phrases_of(row))


def states(text: str, hits: Iterable[Found]) -> list[State]:
    """States of a folded sentence from the cues of the family ``state`` in it, in order."""
    groups = state_groups()
    found: list[State] = []
    for hit in hits:
        sign, sure = _sign(text, hit.start, hit.end, groups[hit.code])
        found.append(State(hit.code, sign, hit.start, hit.end, False, sure))
    return found


def _sign(text: str, start: int, end: int, group: str) -> tuple[int, float]:
    clause = max(text.rfind(mark, 0, start) for mark in ",;。:(") + 1
    before, after = text[max(clause, start - 18) : start], text[end : end + 16]
    if group in ("burden", "need"):
        if _FREE_BEFORE.search(before) or _FREE_AFTER.match(after):
            return -1, 1.0
        return (1, 1.0) if group == "burden" or _NEED_BEFORE.search(before) else (0, 1.0)
    if group == "asked":
        return (1, 1.0) if not _FREE_BEFORE.search(before[-6:]) or text[start] in "不没尚缺" else (0, 1.0)
    if group == "early":
        return (1, 1.0) if _ONLY_BEFORE.search(before) else (0, 1.0)
    if text[start] in "没无未不" or _LACK_AFTER.match(after) or LACK_BEFORE.search(before):
        return -1, 1.0
    if _PENDING_AFTER.match(after) or _PENDING_BEFORE.search(before):
        return -1, 0.95
    if _HELD_BEFORE.search(before) or _HELD_AFTER.match(after):
        return 1, 1.0
    return 0, 1.0


def at_rung(text: str, state: State) -> bool:
    """Whether a project says that it is no further than a state of maturity: 工程样机阶段, 只做过小试, 刚做出样机."""
    clause = max(text.rfind(mark, 0, state.start) for mark in ",;。:(") + 1
    return bool(_STILL.match(text[state.end : state.end + 3]) or _ONLY_BEFORE.search(text[clause : state.start]))


_STILL = re.compile("阶段|期(?!间|货)")


def lacking(text: str) -> list[State]:
    """What the clauses of a folded sentence say is missing, in their own words without those that say little.

    The words of a clause are parted by ``·``; :func:`words_of` gives the pairs of characters by which two are compared.
    """
    found: list[State] = []
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        if mark := _MISSING.search(clause):
            case = clause[: mark.end()] + _CASE_END.sub("", clause[mark.end() :])
            for core in dict.fromkeys((about(_LIST.split(case[mark.end() :])[0]), _object(case))):
                if len(core) >= _SHORT:
                    found.append(State(core, -1, match.start() + mark.start(), match.end(), True))
    return found


_LIST = re.compile("、|以及")
_CASE_END = re.compile("(?<=.)(?:的|者).*$")


def clause_is_missing(clause: str, *, denied: bool = False) -> bool:
    """Whether a folded clause says that something is missing or under way; with ``denied`` only a plain no counts."""
    return bool(_MISSING.search(clause) or (_DENIED if denied else _UNDER_WAY).search(clause))


_DENIED = re.compile("不|非|免|避免|杜绝|从未|替代|解除|还清|两清|没|未(?!来)|无(?!人|线)")


def _object(clause: str) -> str:
    """What a clause says is missing: behind 没有, else all that it says (首台套还没下线)."""
    mark = _MISSING.search(clause)
    behind = about(_LIST.split(clause[mark.end() :])[0]) if mark is not None else ""
    return behind if len(behind) > _SHORT else about(clause)


def about(clause: str) -> str:
    """The words of a clause without those that say little, parted by ``·``."""
    parts = (part.strip(_EDGES) for part in _EMPTY.sub("·", plain(clause)).split("·"))
    return "·".join(part for part in parts if len(part) >= _SHORT)[:_LONG]


def plain(text: str) -> str:
    """A folded text without the particles that part a verb from its object (没流过片: 没流片)."""
    return _PARTICLE.sub("", text)


_PARTICLE = re.compile("(?<![通超经])[过了着]|完(?![成全整善])")
_EDGES = " 到来多最跑走送拿装做"


def words_of(core: str) -> frozenset[str]:
    """Neighbouring characters within the words of :func:`about`."""
    return frozenset(core[at : at + 2] for at in range(len(core) - 1) if "·" not in core[at : at + 2])
