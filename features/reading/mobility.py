"""Whether a project would move, and where it has or plans a site, in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.reading.places import regions_named

STAY, ANY = "stay", "any"
_QUICK = re.compile(
    "迁|搬|落户|落地|设(?:立|厂|子|外|分|新)|新设|扎根|外地|异地|选址|建厂|留在|不出|离开|放到|设在|布点|relocat|move"
)
_STAY = re.compile(
    "(?:不|没有?|无|未|暂无|并无|毫无|拒绝|谢绝|尚无|不会|难以)[^,;。]{0,8}(?:外?迁|搬|移到|到外地|"
    "设外地|外地设|异地|离开|出省|设外省|挪|迁址)|"
    "(?:不|无)外?迁|扎根|立足本地|留在(?:本地|原)|(?:长期|一直|继续)留在|不出(?:福建|本省|省|市)|"
    "只在本地|(?:不|没)(?:会|想|打算)?(?:挪|搬|离开)|"
    "not (?:willing|planning|going) to (?:move|relocate)|no plans? to (?:move|relocate)"
)
_GO = re.compile(
    "(?:可以?|愿意?|同意|能|计划|打算|正在?|准备|拟|有意(?:向)?|考虑|希望|想|接受|已经?|将|也可|"
    "考虑)(?:[^,;。不]{0,14})"
    "(?:迁|搬|落户|落地|设立?|建厂|新设|建设|建|注册|放到|布局)|willing to (?:move|relocate)"
)
_ANYWHERE = re.compile(
    "(?:可|愿意?|能|接受|同意|考虑)[^,;。不]{0,6}(?:迁址|外迁|搬迁|整体搬|异地|全国(?:各地)?落)|"
    "哪里[^,;。]{0,6}(?:都|就)|落地不限|地点不限|选址未定"
)


def mobility(text: str) -> Iterator[str]:
    """``stay``, ``any``, or the codes of regions where the project of a folded sentence would settle."""
    if not _QUICK.search(text):
        return
    if _STAY.search(text):
        yield STAY
        return
    for match in _GO.finditer(text):
        clause = max(text.rfind(mark, 0, match.start()) for mark in ",;。:(") + 1
        stops = [stop for stop in (text.find(mark, match.end()) for mark in ",;。)") if stop >= 0]
        yield from regions_named(text[clause : min(stops, default=len(text))])
    if _ANYWHERE.search(text):
        yield ANY
