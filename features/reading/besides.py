"""What a refused state or line leaves of the scopes of its sentence: 没办全手续的矿山不碰 rules out no mine."""

from __future__ import annotations

import re
from collections.abc import Sequence

from features.reading.claims import Claim
from features.reading.cues import topic_groups
from features.reading.scope import Scope

_READ_AS_STATE = frozenset({"stage", "only_stage", "only_sector", "facility", "service"})
_NARROWED = re.compile(
    "没|未|无|缺|不足|不到|低于|少于|小于|超过|高于|大于|以上|以下|以内|不全|不齐|拿不出|尚|仅有|只有|"
    "不具备|再[大小]|更[大小多]"
)
_CASE = re.compile(
    "(?:没|未(?!来)|缺|拿不出|不具备|不愿|不肯|不同意|不是|低于|不足|不到|少于|小于|超过|高于|大于|以上|"
    "以下|以内)[^,;。]{0,14}(?:的|者)"
)
_PARTS = re.compile("[^,;。:()]+")


class Besides:
    """Sifts the claims of the scopes of one folded sentence by the ``structural`` claims that it makes too."""

    def __init__(self, text: str, structural: Sequence[Claim]) -> None:
        self.text = text
        self.known = any(":" not in claim.value for claim in structural)
        self.told = any(not claim.inferred and ":" not in claim.value for claim in structural)
        self.cases = _cases(text, whole=self.known) if structural else []

    def sift(self, scope: Scope, claims: list[Claim]) -> tuple[list[Claim], bool]:
        """The claims of a scope that stand, and whether its subject may be sought elsewhere in the sentence."""
        if scope.mode == "not" and any(scope.phrase in case for case in self.cases):
            claims = [claim for claim in claims if _of_the_applicant(claim)]
        narrowed = bool(_NARROWED.search(scope.phrase))
        if (self.told and (scope.mode != "only" or narrowed)) or (self.known and _names_case(scope.phrase, self.text)):
            return [claim for claim in claims if _beside(claim, narrowed)], False
        return claims, not self.cases


def _names_case(phrase: str, text: str) -> bool:
    """Whether a phrase is a case itself (没有样机的团队) or what stands before its 的."""
    return bool(_CASE.search(phrase) or (f"{phrase}的" in text and _CASE.search(f"{phrase}的")))


def _cases(text: str, *, whole: bool) -> list[str]:
    """Clauses that name a case: what else they name is no object of the refusal (应收账款超过一年的不做保理).

    Without ``whole`` only what stands behind the case: its own words may name a process too (盐分高于百分之三的).
    """
    found = ((clause, _CASE.search(clause)) for clause in _PARTS.findall(text))
    return [clause if whole else clause[case.end() :] for clause, case in found if case is not None]


def _of_the_applicant(claim: Claim) -> bool:
    """Whether a claim is of the applicant's maturity, credit, kind, place or amount, not of a field or a process."""
    if claim.kind == "topic" and not claim.inferred:
        return any(topic_groups().get(one) in ("maturity", "credit") for one in re.split(r"[+|]", claim.value))
    return claim.kind not in ("topic", "sector", "stage", "service", "facility")


def _beside(claim: Claim, narrowed: bool) -> bool:
    """Whether a claim of a scope stands beside the states and lines that the sentence refuses.

    没办全手续的矿山不碰 rules out no mine, 没有样机的不看 no stage: what is refused is the state.
    """
    if claim.kind == "topic" and not claim.inferred:
        return _of_the_applicant(claim) or not narrowed
    return claim.kind not in _READ_AS_STATE and not claim.inferred and not narrowed
