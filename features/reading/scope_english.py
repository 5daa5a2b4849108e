"""What a negation or an "only" covers in English."""

from __future__ import annotations

import re

from features.reading.scope import Scope

_VERBS = (
    "invest in|invest|fund|back|finance|accept|consider|support|host|admit|take on|take|offer|"
    "provide|handle|work with|work on|work in|cover|do|touch|look at|serve|perform|run|have|"
    "lend to|admit|process"
)
_QUICK = re.compile(
    r"\b(?:not|no|never|only|except|excluding|exclud|outside|avoid|cannot|unable|without|don't|"
    r"away|clear|decline|exclusively|prohibited|barred)\b|n't|out of scope|off limits"
)
_NOT = re.compile(
    rf"(?:do(?:es)? not|don't|doesn't|will not|won't|can ?not|can't|never|no longer|are unable to|"
    rf"is unable to|are not able to|not|neither)\s+(?:currently |yet |usually |normally |directly |"
    rf"generally )?(?:{_VERBS})\s+(?:any |projects? (?:in|that involve|involving|with) |"
    rf"companies (?:in|with) |in |with )?(?P<x>[^.;]{{2,90}})"
)
_EXCLUDE = re.compile(
    r"(?:excluding|except(?: for)?|with the exception of|we (?:avoid|exclude|decline|"
    r"stay away from|steer clear of|stay clear of|pass on)|stay away from|steer clear of|"
    r"no interest in|not interested in)\s+(?P<x>[^.;]{2,80})"
)
_OUT = re.compile(
    r"(?P<x>[^.;,]{2,70}?)\s+(?:is|are|remains?)\s+(?:strictly |currently |all )?(?:out of scope|"
    r"excluded|not considered|not accepted|not eligible|not supported|not allowed|not permitted|"
    r"prohibited|barred|off limits|outside (?:of )?our (?:scope|mandate|remit|focus)|"
    r"beyond our (?:scope|mandate)|not (?:what|something) we|not available|not offered)"
)
_NO = re.compile(
    r"(?:^|[,;.] |\band |we have |there is |there are )no (?P<x>(?!need|restriction|limit|sector|"
    r"industry|minimum|fee|equity|more|less|longer)[^.;,]{2,50}?)(?:[.;,]|$)"
)
_ONLY = re.compile(
    r"(?:only|exclusively|solely)\s+(?:invest|fund|back|accept|consider|support|host|take|"
    r"work with|lend|serve|finance|look at)?s?\s*(?:in |to |on |with |at )?(?P<x>[^.;]{2,70})|"
    r"(?:invest|fund|accept|support|host|lend|work)s?\s+(?:only|exclusively|solely)\s+(?:in |to |"
    r"with |at )?(?P<y>[^.;]{2,70})"
)
_DOUBLE = re.compile(
    r"not (?:only|limited|exclude|restrict|require|necessarily|just)|don't (?:exclude|require|"
    r"limit|mind)|does not (?:exclude|require)|no restriction|not a requirement|do not (?:exclude|"
    r"require|limit|charge|rule)|regardless"
)
_STOP = re.compile(r"\b(?:and we|but|however|unless|instead|so please|because|as our|since|although|yet)\b.*$")


def english_scopes(sentence: str) -> list[Scope]:
    """Scoped phrases of a folded English sentence; empty for Chinese ones and where nothing is ruled out."""
    if not _QUICK.search(sentence) or _DOUBLE.search(sentence):
        return []
    found: list[Scope] = []
    for pattern, mode in ((_NOT, "not"), (_EXCLUDE, "not"), (_OUT, "not"), (_NO, "not"), (_ONLY, "only")):
        for match in pattern.finditer(sentence):
            groups = match.groupdict()
            phrase = _STOP.sub("", groups.get("x") or groups.get("y") or "").strip(" ,:")
            phrase = (
                re.sub(r"^(?:in|the|any|our|all|that|projects?|companies|early)\s+(?=\w+ )", "", phrase)
                if mode == "not"
                else phrase
            )
            if len(phrase) > 1 and not any(phrase in other.phrase or other.phrase in phrase for other in found):
                found.append(Scope(phrase, "not" if mode == "not" else "only", 1.0))
    return found
