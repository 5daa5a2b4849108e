"""States that an institution refuses: what applicants may not lack (没有环评的不看) and may not have (有逾期的不批)."""

from __future__ import annotations

import re
from functools import lru_cache

from features.reading.claims import Claim
from features.reading.cues import scan
from features.reading.own_cases import own_cases
from features.reading.states import LACK_BEFORE, State, state_groups, state_lexicon, states
from features.reading.verdicts import DEMAND, DEMAND_AFTER, WAIVED, Verdict, clause_of, judged, verdict

_SOFT = re.compile("原则上|优先|最好|尽量|倾向|偏好|加分")
_MAYBE = re.compile("[没未无缺须必等先的]|才[能可有]|方可|要有|不具备|拿不出|不到|不了|不完|不通|要求")
_WAIT_BEFORE = re.compile("(?:等|先|待|至少|起码)[^,;。]{0,8}$")
_WAIT_AFTER = re.compile("^[^,;。]{0,10}(?:再|后|,)")
_COMPARED = re.compile(
    "[^,;。]{0,4}(?:低于|不足|不到|[没未]过|少于|小于|超过|高于|大于|以上|以下|达不到|不满|[没未]达)"
)
_ENTITY = re.compile(
    "(?:企业|单位|公司|的)?(?:一律|均|也|都|暂)?(?:不在(?:此列|支持|补贴|范围|申报|本|服务|名单|考虑|政策)|不予|不能|不可|不享|不收|不受|不得|免|请|勿|谢绝|"
    "没有资格|就?不必)"
)
_HARDLY = re.compile("刚|只|仅|才")
_NOT_HERE = re.compile("不通|未通|未接|没有?接|不设|不允许|不得|禁止|严禁|不提供|不能用|没有")
_OURS = re.compile("(?:我们|本[^,;。]{1,4}|园区|平台|基金|中心|楼内|园内|我园|我行|我司)(?:[^,;。]{0,4})$")
_MATURE = frozenset({"maturity", "market"})
_HISTORY = re.compile(
    "服务过|完成过|帮助[^,;。]{1,14}(?:取得|拿到|通过|完成|获)|累计|曾|协助[^,;。]{1,14}(?:取得|拿到|通过)|已为|案例"
)
_FOLLOWED = re.compile("^[^,;。]{0,14}?(?:的|者|之前|以前|前|时)")
_MISSING = re.compile(
    "[^,;。的者]{0,8}?(?:没有?|未|不|缺|在|刚)[^,;。的者不]{0,8}?(?=[的者,;。]|之前|以前|前|时|也|都|可|$)"
)


@lru_cache(maxsize=1 << 12)
def refusals(text: str) -> tuple[Claim, ...]:
    """Claims of kind ``state`` and polarity -1 of a folded sentence, with their firmness as ``number``.

    ``inferred`` marks those that no table knows (:mod:`.own_cases`).
    """
    if _HISTORY.search(text):
        return ()
    hits = scan(state_lexicon(), text).get("state", [])
    if not hits and not _MAYBE.search(text):
        return ()
    firm = 0.5 if _SOFT.search(text) else 1.0
    signs = ((state, _refused(text, state)) for state in states(text, hits))
    claims = [Claim("state", f"{sign}{state.code}", -1, False, "", firm) for state, sign in signs if sign]
    claims += (Claim("state", value, -1, True, "", firm) for value in own_cases(text, hits))
    return tuple(dict.fromkeys(claims))


def _refused(text: str, state: State) -> str:
    """``-`` when a state may not be missing, ``+`` when it may not be there, '' when neither is said."""
    start, _ = clause_of(text, state.start, state.end)
    head, rest = text[start : state.start], text[state.end :]
    group = state_groups()[state.code]
    if group == "asked" or WAIVED.search(head):
        return ""
    told = _told(text, state)
    waits = _WAIT_BEFORE.search(head) and _WAIT_AFTER.match(rest)
    asked = DEMAND.search(head)
    demanded = bool(waits or asked or DEMAND_AFTER.search(rest[:24]))
    if (
        told == "refused"
        and not waits
        and (asked is None or asked.group().startswith(("要", "才")))
        and _FOLLOWED.match(rest)
    ):
        demanded = False  # 需要跑完临床才能上市的不投 demands nothing
    if group == "burden":
        names_case = state.sign < 0 or _FOLLOWED.match(rest) or "," not in rest[:12]
        refused = (told == "refused" and names_case) or verdict("", head) == "refused"
        return "+" if refused or (state.sign < 0 and demanded) else ""
    if state.sign < 0 and _OURS.search(head) and not _FOLLOWED.match(rest):
        return "+" if group == "need" and (told == "refused" or _NOT_HERE.search(head)) else ""
    if group in ("need", "early"):
        lacks_it = state.sign < 0 and group == "need" and _NOT_HERE.search(head)
        return "+" if told == "refused" or lacks_it else ""
    if state.sign < 0:
        return "-" if told == "refused" else ""
    if told == "refused" and not demanded:
        return "+" if _may_not_be(state, group, head, rest) else ""
    return "-" if demanded and told != "welcome" else ""


def _may_not_be(state: State, group: str, head: str, rest: str) -> bool:
    """Whether a refused state of maturity (已经量产的) or kind of firm (规上企业) is itself what is refused."""
    if group == "entity":
        return bool(_ENTITY.match(rest))
    mature = group in _MATURE and state.sign > 0 and bool(_FOLLOWED.match(rest))
    return mature and not (_HARDLY.search(head) or _COMPARED.match(rest))


def _told(text: str, state: State) -> Verdict:
    """Verdict on a state, behind the words that make it lacking (…还没批的, …)."""
    end = state.end
    first, _ = clause_of(text, state.start, end)
    before = LACK_BEFORE.search(text[first : state.start])
    if state.sign < 0 and not before and (match := _MISSING.match(text[end:])):
        end += match.end()
    return judged(text, state.start, end, len(text))
