"""What may be shown of a project: a ``teaser`` appears without name, applicant and place below the province.

Contact-like strings (phone, identity and mail patterns) in free text are masked for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)"  # mobile phone
    r"|(?<!\d)0\d{2,3}[-－—]\d{7,8}(?!\d)"  # fixed line
    r"|(?<!\d)\d{17}[\dXx](?![0-9A-Za-z])"  # identity card
    r"|[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"  # mail
)
MASK = "＊＊＊"
HIDDEN = ("name", "applicant", "city", "district", "founded_at")
SHORTEST = 2
"""Shorter hidden strings are not searched for in text: they would hide half of it."""


@dataclass(frozen=True)
class Mask:
    """How one project is shown; ``hidden`` strings never appear."""

    teaser: bool
    hidden: tuple[str, ...]

    def text(self, sentence: str | None) -> str | None:
        """A sentence as it may be shown; None when it names what is hidden."""
        if sentence is None:
            return None
        if self.teaser and any(word in sentence for word in self.hidden):
            return None
        return PERSONAL.sub(MASK, sentence)

    def row(self, project: Mapping[str, Any]) -> dict[str, Any]:
        """A project's row as it may be shown."""
        shown = {k: self.text(v) if isinstance(v, str) and k != "project_id" else v for k, v in project.items()}
        if self.teaser:
            shown.update(dict.fromkeys(HIDDEN))
            shown["name"] = teaser_name(project)
        return shown


def mask_project(project: Mapping[str, Any]) -> Mask:
    """The mask of a project by its confidentiality."""
    teaser = project.get("confidentiality") == "teaser"
    words = [str(project.get(name) or "") for name in ("name", "applicant", "city", "district")]
    return Mask(teaser, tuple(word for word in words if len(word) >= SHORTEST))


def teaser_name(project: Mapping[str, Any]) -> str:
    """Name under which a teaser appears: sector and province."""
    parts = [*(project.get("sectors") or [])[:1], project.get("province") or ""]
    return "匿名项目（" + " · ".join(part for part in parts if part) + "）" if any(parts) else "匿名项目"
