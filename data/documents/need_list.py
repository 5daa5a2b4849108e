"""赛道赛命题: what lead enterprises ask of small ones (题目): needs, and the lead enterprises not known yet."""

from __future__ import annotations

from data.document import Document, Reading, Told
from data.documents._blocks import Line
from data.documents._labels import as_line
from data.documents._origin import find_contest, origin
from data.documents._rows import Rows, columns_of, given_id, make_id, take_contacts
from data.documents._supply import Supply, lists_of
from data.edition import Contest

_ANCHORS = frozenset({"needs.title"})
_WINNERS = frozenset({"projects.name", "awards.award"})


class _Needs(Supply):
    """One list of needs; lead enterprises of the track contests of the edition are known by the contest's name."""

    def read(self, document: Document, told: Told) -> Reading:
        """Needs of all rows, each lead enterprise once."""
        self.needs = Rows("needs", self.source)
        self.contest: Contest | None = None
        found = origin(document.source, self.sheet.titles, self.titles[-2:], told)
        self.origin = found
        self.reading.problems += found.problems
        self.contest = find_contest(found.known, found.contest) if found.contest else None
        self._made: set[str] = set()
        for line in self.sheet.lines:
            self._line(line)
        if len(self.needs):
            self.reading.tables.append(("needs", self.needs.table()))
        return self.done()

    def _line(self, line: Line) -> None:
        if line.broken:
            self.needs.refuse(*line.broken)
            return
        need = columns_of(line.cells, "needs")
        track = find_contest(self.origin.known, as_line(line.beside.get("赛区"))) or self.contest
        name = as_line(line.cells.get("institution.name")) or (track.lead_enterprise if track else "")
        title = as_line(need.get("title"))
        beside = dict(line.beside)
        owner = given_id(need, "institution_id", beside) or self._owner(name)
        number = given_id(need, "need_id", beside) or (make_id(("need",), name or owner, title) if title else "")
        self.reading.contacts += take_contacts(line.cells.items(), owner, self.source)
        if track and track.theme and not need.get("sectors"):
            need["sectors"] = track.theme
        self.needs.add({"need_id": number, "institution_id": owner, **need}, beside)

    def _owner(self, name: str) -> str:
        """Id of a lead enterprise, which is made when none of its name is known."""
        number, known = self.id_of("lead", name)
        if number and not known and number not in self._made:
            self._made.add(number)
            values = {"institution_id": number, "name": name, "kind": "lead_enterprise", "roles": "demand"}
            self.institutions.add(values)
        return number


class _NeedList:
    name = "need_list"
    rank = 22
    zh = "赛道赛命题清单"
    en = "list of needs of lead enterprises"

    def claim(self, document: Document) -> tuple[int, ...]:
        """Lists with a column of titles of needs, and none of names or awards of projects."""
        return tuple(
            place
            for place in lists_of(document, "need", _ANCHORS)
            if not lists_of(Document("", "", (document.grids[place],)), "list", _WINNERS)
        )

    def read(self, document: Document, told: Told) -> Reading:
        """Needs and lead enterprises."""
        whole = Reading()
        for grid in document.grids:
            whole.add(_Needs(document, grid, told, "need", _ANCHORS).read(document, told))
        return whole


KIND = _NeedList()
