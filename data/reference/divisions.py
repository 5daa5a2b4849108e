"""The administrative divisions of China as a flat table: code, name, short name, level, parent, coordinates.

Codes and coordinates (county seats, about 2020) come from the table that the package ``cpca`` carries (MIT licence,
names of 民政部); ``regions_added.csv`` adds the divisions made or renamed since. A missing coordinate is taken from
the division above. Only the data file of ``cpca`` is read: the package itself is never imported.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from importlib import resources, util
from pathlib import Path

from data.problem import DuijieError

MUNICIPALITIES = ("110000", "120000", "310000", "500000")
CORPS = "659000"
"""Division that stands for 新疆生产建设兵团: its cities are the 师市 under it."""

_PLACEHOLDERS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_NATIONS = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|"
    "柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|普米|塔吉克|怒|德昂|保安|裕固|独龙|鄂伦春|鄂温克|各"
)
_AUTONOMOUS = re.compile(rf"(?:(?:(?:{_NATIONS})族)+|蒙古|哈萨克|柯尔克孜)(?:自治州|自治县|自治旗)$")
_ENDINGS = (
    re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$"),
    re.compile(r"(?:市|地区|盟|林区|自治州)$"),
    re.compile(r"(?:新区|市|区|县|自治县|左旗|右旗|旗)$"),
)


@dataclass(frozen=True, slots=True)
class Division:
    """One division. ``level``: 0 province, 1 city, 2 district or county; ``parent`` is '' for a province."""

    code: str
    name: str
    short: str
    level: int
    parent: str
    lon: float
    lat: float


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a CSV of this package."""
    with (resources.files("data.reference") / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def short_name(name: str, level: int) -> str:
    """Name without 省, 市, 区 and the like; the full name where one character or none would be left."""
    bare = _AUTONOMOUS.sub("", name)
    if bare == name:
        bare = _ENDINGS[level].sub("", name)
    return bare if len(bare) > 1 else name


def _source_rows() -> list[dict[str, str]]:
    spec = util.find_spec("cpca")
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    path = Path(folder) / "resources" / "adcodes.csv" if folder else None
    if path is None or not path.is_file():
        raise DuijieError(
            "regions.missing",
            "缺少 cpca 包的行政区划表 / the table of divisions of the package cpca is missing",
            "pip install cpca",
        )
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return rows + read_table("regions_added.csv")


def _level(code: str) -> int:
    """Level of a code. Counties directly under a province (429004 仙桃, 659001 石河子) count as cities."""
    if code.endswith("0000") or code == CORPS:
        return 0
    return 1 if code.endswith("00") or code[2:4] == "90" else 2


def _parent(code: str, level: int) -> str:
    if level == 0:
        return "650000" if code == CORPS else ""
    if level == 1:
        return CORPS if code.startswith(CORPS[:4]) else code[:2] + "0000"
    if code[:2] + "0000" in MUNICIPALITIES:  # 500229 stands under 500200 (县): its city is 重庆 all the same
        return code[:2] + "0100"
    return code[:4] + "00"


def load_divisions() -> dict[str, Division]:
    """All divisions by six-digit code, parents before children; takes about 20 ms.

    Raises
    ------
    DuijieError
        ``regions.missing`` when the package that carries the table is not installed.
    """
    rows = {row["adcode"][:6]: row for row in _source_rows()}
    found: dict[str, Division] = {}
    for level in (0, 1, 2):
        for code in sorted(code for code in rows if _level(code) == level):
            name, parent = rows[code]["name"], _parent(code, level)
            if code[:2] + "0000" in MUNICIPALITIES and level == 1:
                name = rows[parent]["name"]
            if code == CORPS:
                name = "新疆生产建设兵团"
            if name in _PLACEHOLDERS or (code[:2] + "0000" in MUNICIPALITIES and level == 1 and code[2:4] != "01"):
                continue
            above = found.get(parent)
            lon = float(rows[code]["longitude"] or (above.lon if above else "nan"))
            lat = float(rows[code]["latitude"] or (above.lat if above else "nan"))
            found[code] = Division(code, name, short_name(name, level), level, parent, lon, lat)
    return found
