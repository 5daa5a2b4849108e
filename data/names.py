"""Names of organisations as they are compared: without legal form, zones in their short form, part by part.

Lists name one organisation in many ways: 长治高新技术产业开发区管理委员会 is 长治高新区管委会, 甲科技有限公司 is
甲科技股份有限公司.
Two names are held to be one organisation where a core of the one is a core of the other.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from data.reference.vocabularies import label_key

LEGAL_FORM = re.compile(r"(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:分?公司|合作社)$|集团$")
"""The legal form at the end of a Chinese firm's name."""
_LEGAL_ENGLISH = re.compile(r"(?:(?:co|company)?(?:ltd|limited)|incorporated|inc|llc|gmbh|corporation|corp|company)$")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_NO_NAME = re.compile(r"^(?:样例|筹|有限合伙|普通合伙|特殊普通合伙|简称.*|原.*|集团|.{1,8}(?:省|市|县|自治[区州]))?$")
_ADMINISTRATION = re.compile(r"(?:管理委员会|管委会)$")
_ZONES = (
    (re.compile(r"(?:国家级?)?高新技术产业(?:开发|园)区|国家级?高新区"), "高新区"),
    (re.compile(r"(?:国家级?)?经济技术开发区|国家级?经开区"), "经开区"),
)
SHORTEST = 3
"""What is shorter names too many: 甲, 中心. Such a name keeps its legal form."""


def name_key(name: str | None) -> str:
    """A name as it is compared: NFKC, lower case, no spaces or punctuation; "" for none."""
    return label_key(name or "")


def firm_core(name: str | None) -> str:
    """A firm's name without its legal form: 甲科技有限公司 and 甲科技股份有限公司 are one firm."""
    return LEGAL_FORM.sub("", name_key(unicodedata.normalize("NFKC", name or "")))


@lru_cache(maxsize=1 << 18)
def organisation_cores(name: str, *, bracketed: bool = True) -> frozenset[str]:
    """Every core under which an organisation may be named: of its name as a whole, without brackets, and, where
    ``bracketed``, of what stands in them: 清控创新基地（长治高新区） is also 长治高新区.
    """
    text = unicodedata.normalize("NFKC", name)
    inside = [part for part in _BRACKETS.findall(text) if not _NO_NAME.match(part.strip())]
    bare = _BRACKETS.sub("", text)
    whole = _BRACKETS.sub(lambda found: "" if _NO_NAME.match(found.group(1).strip()) else found.group(1), text)
    parts = [bare, whole, *(inside if bracketed else ())]
    return frozenset(core for core in map(_core, parts) if len(core) >= SHORTEST)


def _core(text: str) -> str:
    key = _ADMINISTRATION.sub("", label_key(text))
    for pattern, short in _ZONES:
        key = pattern.sub(short, key)
    core = _LEGAL_ENGLISH.sub("", LEGAL_FORM.sub("", key))
    return core if len(core) >= SHORTEST else key
