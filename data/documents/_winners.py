"""Rows of one list of winners -> rows of projects and awards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from data.awarded import contest_core
from data.document import Document, Reading, Told
from data.documents._blocks import Line, Sheet, note_problems
from data.documents._labels import as_line
from data.documents._origin import (
    Origin,
    award_in,
    award_names,
    find_contest,
    group_in,
    level_of,
    missing,
    origin,
)
from data.documents._rows import RAW, Rows, columns_of, contacts_left_out, given_id, make_id, take_contacts
from data.edition import Contest
from data.problem import Problem, Severity
from data.raw import Grid
from data.reference.regions import regions
from data.reference.vocabularies import vocabulary

ANCHORS = frozenset({"projects.name", "projects.applicant"})
_PLACE = "名次"
_LIST_WORDS = ("500强", "50强")
_SHORT = 24  # characters of a heading; a longer one is a sentence, and may name several awards
_DOWN = ("awards.award", "projects.group")


@dataclass
class _Context:
    """What headings say about the rows under them."""

    group: str = ""
    award: str = ""
    contest: Contest | None = None


class WinnerRows:
    """One grid that holds a list."""

    def __init__(self, document: Document, grid: Grid, sheet: Sheet, around: Sequence[str], told: Told) -> None:
        self.grid = grid
        self.source = f"{document.source}“{grid.name}”" if grid.name not in ("", document.stem) else document.source
        self.sheet, self.around = sheet, around
        names = (grid.name, document.stem)
        self.origin: Origin = origin(document.source, sheet.titles, names, told, around, " ".join(sheet.notes))
        self.titles = (*map(as_line, self.sheet.titles), *names, told.contest)
        self.projects, self.awards = Rows("projects", self.source), Rows("awards", self.source)
        self.reading = Reading()
        self.unmapped: dict[str, int] = {}
        self.from_contest = 0
        self.last: dict[str, Any] = {}
        self._under: tuple[str, ...] = ()
        self.filled = 0
        self._origins: dict[tuple[str, ...], Origin] = {}
        self._contexts: dict[tuple[str, ...], _Context] = {}

    @cached_property
    def title_award(self) -> str:
        """The award of the edition that a title, the sheet or the file names; else that of the other sheets."""
        names = award_names(self.origin.known)
        own = next((award for text in self.titles if (award := award_in(text, names, common=False))), "")
        others = {award for text in self.around if (award := award_in(as_line(text), names, common=False))}
        return own or (others.pop() if len(others) == 1 else "")

    @cached_property
    def common_award(self) -> str:
        """The common name of an award in a title."""
        return next((award for text in self.titles if (award := award_in(text, ()))), "")

    @cached_property
    def listed_as(self) -> str:
        """获奖 and the like, where a title says no more than that."""
        return next((word for word in ("入选", "入围", "获奖") if any(word in text for text in self.titles)), "")

    def context(self, headings: tuple[str, ...]) -> _Context:
        """What the headings above a row say; a group ends the award of the group before."""
        if headings not in self._contexts:
            held = _Context()
            for heading in headings:
                group, award = group_in(heading), ""
                if len(heading) <= _SHORT:
                    award = award_in(heading, award_names(self.origin.known))
                if group:
                    held.group, held.award = group, award
                elif award:
                    held.award = award
                if "赛" in heading and heading not in self.titles:
                    held.contest = find_contest(self.origin.known, heading) or held.contest
            self._contexts[headings] = held
        return self._contexts[headings]

    def read(self) -> Reading:
        reading = self.reading
        reading.problems += self.origin.problems
        for line in self.sheet.lines:
            self._line(line)
        reading.rows = len(self.sheet.lines)
        reading.tables = [("projects", self.projects.table()), ("awards", self.awards.table())]
        reading.problems += [*self._remarks(), *contacts_left_out(self.source, reading.contacts)]
        return reading

    def _line(self, line: Line) -> None:
        if line.broken:
            self.projects.refuse(*line.broken)
            self.awards.refuse(*line.broken)
            return
        cells, context = dict(line.cells), self.context(line.headings)
        self._fill_down(cells, line.headings)
        project, award = columns_of(cells, "projects"), columns_of(cells, "awards")
        self._complete(project, cells, context)
        here = self._origin_of(award)
        told = self._award(award, project, here, context)
        project_id = given_id(project, "project_id", line.beside) or self._id(project, told, here)
        reading = self.reading
        reading.contacts += take_contacts(cells.items(), project_id, self.source)
        self.projects.add({"project_id": project_id, **project}, line.beside)
        if not as_line(project.get("name")):
            message = "没有项目名称，获奖无处可记 / no project name, the award belongs to nothing"
            self.awards.refuse("award.no_project", message, "补上项目名称 / fill in the name of the project")
            return
        raw = {f"{RAW}{_PLACE if name == 'place' else name}": value for name, value in award.items()}
        raw = {name: value for name, value in raw.items() if as_line(value) != told.get(name.removeprefix(RAW))}
        self.awards.add({"project_id": project_id, **told}, raw)
        self._level(told)

    def _fill_down(self, cells: dict[str, Any], headings: tuple[str, ...]) -> None:
        """In a CSV, cells once merged are empty below the first: an award or a group holds on until the next one or
        the next heading.
        """
        if headings != self._under:
            self._under = headings
            self.last.clear()
        for target in _DOWN:
            if target not in self.sheet.targets:
                continue
            if as_line(cells.get(target)):
                self.last[target] = cells[target]
            elif target in self.last:
                cells[target] = self.last[target]
                self.filled += 1

    def _complete(self, project: dict[str, Any], cells: dict[str, Any], context: _Context) -> None:
        """Name, group and entrant of a row that does not hold them in columns of their own."""
        if "projects.name" not in self.sheet.targets and project.get("applicant"):
            project["name"] = project["applicant"]
        award = as_line(cells.get("awards.award"))
        title = next((group for text in self.titles if (group := group_in(text))), "")
        group = project.get("group") or context.group or group_in(award) or title
        if group:
            project["group"] = group
        if not project.get("applicant") and vocabulary("groups").resolve(as_line(group)) == "创客组":
            person = next((value for key, value in cells.items() if key.startswith("@person\t")), None)
            if person:  # the entrant of the maker group is a person or a team
                project["applicant"] = person

    def _origin_of(self, award: dict[str, Any]) -> Origin:
        """Origin of a row: its own columns count before the title."""
        programme, edition = as_line(award.get("programme")), as_line(award.get("edition"))
        if not programme and not edition:
            return self.origin
        key = (programme, edition, as_line(award.get("contest")))
        if key not in self._origins:
            mine = self.origin
            text = " ".join([programme or mine.programme, edition or mine.edition, key[2]])
            found = origin(self.source, [text], [], Told(programme or mine.programme, edition or mine.edition))
            self._origins[key] = replace(found, contest=found.contest or mine.contest)
        return self._origins[key]

    def _award(self, award: dict[str, Any], project: dict[str, Any], here: Origin, context: _Context) -> dict[str, Any]:
        """The award of a row: programme, edition, contest, kind, name, status and day."""
        text = self._award_text(award, context)
        national = any(word in text for word in _LIST_WORDS)
        contest, name = self._contest(award, here, context, national)
        self._place(project, contest)
        return {
            "programme": here.programme,
            "edition": here.edition,
            "contest": name,
            "contest_kind": award.get("contest_kind") or (contest.kind if contest else "总决赛" if national else ""),
            "award": text,
            "status": award.get("status") or self.origin.status,
            "published_at": award.get("published_at") or self.origin.published_at,
        }

    def _award_text(self, award: dict[str, Any], context: _Context) -> str:
        """Name of the award: the row's, the heading's, the title's; else the place; else that the project is listed."""
        text, place = as_line(award.get("award")), as_line(award.get("place"))
        if text.isdigit():
            text, place = "", place or text
        if place and not place.isdigit():
            text = text or place
        placed = f"第{place}名" if place.isdigit() else ""
        return text or context.award or self.title_award or placed or self.common_award or self.listed_as

    def _contest(
        self, award: dict[str, Any], here: Origin, context: _Context, national: bool
    ) -> tuple[Contest | None, str]:
        """The contest of a row and its name; a list of the 500 or 50 belongs to the national final."""
        known, told = here.known, as_line(award.get("contest"))
        if national and known:
            final = known.contests_of("总决赛")
            return (final[0], final[0].name) if final else (None, told or here.contest)
        named = find_contest(known, told) or context.contest
        if named:
            return named, named.name
        if here.contest:
            return find_contest(known, here.contest), here.contest
        return None, told

    def _place(self, project: dict[str, Any], contest: Contest | None) -> None:
        """A regional contest takes entrants of its region only: its region, where the list tells none."""
        if contest is None or not contest.region or any(project.get(name) for name in ("province", "city", "country")):
            return
        place = regions().place(contest.region)
        if place is not None:
            project["province"] = regions().label(place.province_code)
            if not contest.region.endswith("0000"):
                project["city"] = regions().label(place.city_code)
            self.from_contest += 1

    def _id(self, project: dict[str, Any], told: dict[str, Any], here: Origin) -> str:
        known = here.known
        core = contest_core(told["contest"]) if told["contest_kind"] != "总决赛" else "总决赛"
        start = known.id if known else f"{told['programme']}-{told['edition']}"
        name, applicant = as_line(project.get("name")), as_line(project.get("applicant"))
        parts = (told["programme"], told["edition"], core, name, applicant)
        return make_id((start, core), *parts) if name else ""

    def _level(self, told: dict[str, Any]) -> None:
        names = ("programme", "edition", "contest", "contest_kind", "award")
        if told["award"] and not level_of(*(as_line(told[name]) for name in names)):
            self.unmapped[told["award"]] = self.unmapped.get(told["award"], 0) + 1

    def _remarks(self) -> list[Problem]:
        found: list[Problem] = []
        for award, count in sorted(self.unmapped.items()):
            message = f"{self.source}：奖项“{award[:40]}”（{count} 行）未对应到市／省／国级别，按原文保留 / "
            message += f"the award {award[:40]} ({count} rows) has no step on the ladder, kept as written"
            hint = "在届次文件的 awards 中加上 / add it to the awards of the edition's file"
            severity: Severity = "warning" if self.origin.known else "info"
            found.append(Problem("awards", 0, "award", "award.unmapped", severity, message, hint))
        if self.filled:
            message = f"{self.source}：{self.filled} 个空的奖项或组别沿用上一行 / "
            message += f"{self.filled} empty awards or groups taken from the row above"
            found.append(Problem("awards", 0, "award", "cell.filled_down", "warning", message, "核对 / check them"))
        if self.from_contest:
            message = f"{self.source}：{self.from_contest} 行未写地区，按赛事所在地区 / "
            message += f"{self.from_contest} places taken from the regional contest"
            found.append(Problem("projects", 0, "province", "place.from_contest", "info", message, ""))
        return found + note_problems(self.source, self.sheet.notes)


def is_complete(one: WinnerRows) -> bool:
    """Whether columns of the list tell programme and edition where its title does not."""
    told = one.sheet.targets
    return bool(
        ("awards.programme" in told or one.origin.programme) and ("awards.edition" in told or one.origin.edition)
    )


def refused(one: WinnerRows) -> Reading:
    """A list of which nobody says the programme or the edition: its rows count as read and are rejected."""
    count = len(one.sheet.lines)
    return Reading(count, problems=[missing(one.source, one.origin)], refused={"projects": count, "awards": count})
