"""Fields of a form -> rows of projects, awards and rights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from data.document import Document, Reading, Told
from data.documents._fields import PARTS, Field, Form, chosen, split
from data.documents._labels import as_line
from data.documents._origin import Origin, award_in, award_names, level_of, missing, origin
from data.documents._rows import RAW, Rows, columns_of, contacts_left_out, given_id, make_id, take_contacts
from data.problem import Problem
from data.reference.vocabularies import label_key
from data.tables import PROJECTS, Kind

MOST_RIGHTS = 10  # 创新之光 附件3：请填写核心知识产权，不超过 10 项
_CHOSEN = {column.name for column in PROJECTS.columns if column.kind in (Kind.CODE, Kind.LIST)}
_TITLE = 40  # characters; a longer text that speaks of a prize may mean any prize
_WON = re.compile(r"入选|获奖|获评|评为|荣获|上榜")
_SECTION = re.compile(
    r"(?:^|\n)\s*(?:[（(]?[一二三四五六七八九\d]{1,2}[)）、.．]\s*)?"
    rf"({'|'.join(PARTS)})\s*[:：\n]"
)
_DAY = re.compile(r"20\d\d\s*[年/.-]\s*\d{1,2}(?:\s*[月/.-]\s*\d{1,2}\s*日?|\s*月)?")
APPLIED = "申报"
"""The award of a form that says no more than that its project was entered."""


def sections(text: str) -> dict[str, str]:
    """Parts of a text under the headings that the form proposes (技术路线：…); {} when it has none."""
    found = list(_SECTION.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[1]: text[match.end() : end].strip() for match, end in zip(found, ends, strict=False)}


class FormRows:
    """Collects the rows of one document's forms."""

    def __init__(self, document: Document, form: Form, told: Told, programme: str = "") -> None:
        self.source = document.source
        names = [grid.name for grid in document.grids[:1]]
        told_here = Told(told.programme or programme, told.edition, told.contest)
        self.origin: Origin = origin(self.source, [programme, *form.texts], [*names, document.stem], told_here)
        self.projects, self.awards = Rows("projects", self.source), Rows("awards", self.source)
        self.rights = Rows("ip", self.source)
        self.reading = Reading()
        words = award_names(self.origin.known)
        titles = [text for text in (*form.texts, document.stem) if len(text) <= _TITLE and _WON.search(text)]
        self.won = next((award for text in titles if (award := award_in(text, words, common=False))), "")

    def read(self, form: Form) -> Reading:
        """All projects of the form."""
        self.reading.problems += self.origin.problems
        for group in split(form):
            self._project(group)
        reading = self.reading
        made = [("projects", self.projects), ("awards", self.awards), ("ip", self.rights)]
        reading.tables = [(name, rows.table()) for name, rows in made if len(rows)]
        reading.problems += contacts_left_out(self.source, reading.contacts)
        return reading

    def _project(self, group: Sequence[Field]) -> None:
        cells, beside = self._cells(group)
        project = columns_of(cells, "projects")
        self._release(project, beside)
        for column in ("innovation", "application"):
            beside.update(sections(str(project.get(column, ""))))
        project.setdefault("name", project.get("applicant"))  # 新锐企业榜 is about the company itself
        name, applicant = as_line(project["name"]), as_line(project.get("applicant"))
        self._owner(applicant, as_line(beside.get("成果所有人")))
        project_id = given_id(project, "project_id", beside)
        project_id = project_id or (make_id(("form",), name, applicant) if name else "")
        self.projects.add({"project_id": project_id, **project}, beside)
        self.reading.rows += 1
        if name:
            self._award(project_id, columns_of(cells, "awards"))
        self._rights([item.value for item in group if item.target == "ip"], project_id)
        contacts = [(f"{item.target}\t{item.label}", item.value) for item in group if item.target.startswith("@")]
        self.reading.contacts += take_contacts(contacts, project_id, self.source)

    @staticmethod
    def _cells(group: Sequence[Field]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values by target, the first of each; a second one and what is no column of ours are kept beside."""
        cells: dict[str, Any] = {}
        beside: dict[str, Any] = {}
        for target, label, value in group:
            if target.startswith("+"):
                beside.setdefault(target[1:], value)
            elif "." not in target:
                continue
            elif target in cells:
                beside.setdefault(f"{label}（二）", value)
            else:
                column = target.partition(".")[2]
                cells[target] = chosen(value) if column in _CHOSEN else value
                if cells[target] != value:
                    beside[f"{RAW}{column}"] = value
        return cells, beside

    @staticmethod
    def _release(project: dict[str, Any], beside: dict[str, Any]) -> None:
        """成果首发性: the day of the first release, when the form tells one, is when the project became visible."""
        told = _DAY.search(str(beside.get("成果首发性", "")))
        if told and "listed_at" not in project:
            project["listed_at"] = re.sub(r"\s", "", told[0])

    def _owner(self, applicant: str, owner: str) -> None:
        """Whoever owns the result need not be the applicant; until that is cleared nobody is to be introduced (E16)."""
        if owner and label_key(owner) != label_key(applicant):
            message = (
                f"{self.source}：成果所有人“{owner[:40]}”不是申报单位 / the owner {owner[:40]} is not the applicant"
            )
            hint = "核对权属后再引荐 / clear who owns the result before any introduction"
            self.reading.problems.append(Problem("projects", 0, "applicant", "owner.differs", "warning", message, hint))

    def _award(self, project_id: str, told: dict[str, Any]) -> None:
        """The award of a project: what the form names, or that it was entered. Its status stays empty unless told."""
        here = self.origin
        if told.get("programme") or told.get("edition"):
            text = f"{told.get('programme') or here.programme} {told.get('edition') or here.edition}"
            here = origin(self.source, [text], [], Told(here.programme, here.edition, here.contest))
        award = as_line(told.get("award"))
        if not here.complete:
            if here.programme or award:
                self.reading.problems.append(missing(self.source, here))
                self.reading.refused["awards"] = self.reading.refused.get("awards", 0) + 1
            return
        award = award or self.won or APPLIED
        contest = as_line(told.get("contest")) or here.contest
        kinds = here.known.kinds if here.known else ()
        kind = kinds[0] if len(kinds) == 1 else ""
        values = {"programme": here.programme, "edition": here.edition, "contest": contest, "contest_kind": kind}
        status = here.status if self.won else ""
        self.awards.add({"project_id": project_id, **values, "award": award, "status": status})
        if award != APPLIED and not level_of(here.programme, here.edition, contest, kind, award):
            message = f"{self.source}：奖项“{award[:40]}”未对应到市／省／国级别，按原文保留 / "
            message += f"the award {award[:40]} has no step on the ladder, kept as written"
            hint = "在届次文件的 awards 中加上 / add it to the awards of the edition's file"
            self.reading.problems.append(Problem("awards", 0, "award", "award.unmapped", "warning", message, hint))

    def _rights(self, rights: list[dict[str, Any]], project_id: str) -> None:
        for right in rights:
            self.rights.add({"project_id": project_id, **right})
        if len(rights) > MOST_RIGHTS:
            message = f"知识产权 {len(rights)} 项，超过 {MOST_RIGHTS} 项，全部保留 / "
            message += f"{len(rights)} rights, more than {MOST_RIGHTS}, all are kept"
            hint = "请填写核心知识产权，不超过 10 项 / name the core rights, 10 at most"
            self.reading.problems.append(Problem("ip", 0, "", "ip.rows", "warning", f"{self.source}：{message}", hint))
