"""A synthetic market of any size for the bench: the sample market's sentences recombined, with other figures.

Nothing in it is real. Topics, places, amounts and exclusions are dealt as in the sample (:mod:`data.sample`); texts
are filled up to about 400 characters with further sentences of the topic's industry, and figures with a unit are
redrawn, so that texts of one topic share much of their wording and seldom all of a sentence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from data.sample.entities import AS_OF, Row, Stems
from data.sample.institutions import InstitutionWriter
from data.sample.pools import Pools, Topic, fill, load_pools, pick
from data.sample.projects import ProjectWriter
from data.tables import TABLES

TEXT_CHARACTERS = 400
KINDS = ("venture_capital", "venture_capital", "government_fund", "bank")
DEALS_EACH = 3
"""Past deals of an institution, on average."""
PROJECT_TEXTS = ("summary", "innovation", "technology", "application", "evaluation", "profile")

_FIGURE = re.compile(r"\d+(?=(?:\.\d+)?\s*(?:%|％|微米|毫米|纳米|小时|吨|℃|台|次|件|公里|kW|kWh|MPa|N\b|g/W|米))")


class _Stems(Stems):
    """Stems that are dealt again when all were given."""

    def take(self) -> str:
        """The next stem."""
        stem = self._stems.pop()
        self._stems.insert(0, stem)
        return stem


def write_market(folder: Path, n_projects: int, n_institutions: int, seed: int = 7) -> None:
    """Write projects, institutions and outcomes as CSV files of the interchange; the same bytes for the same seed.

    All institutions supply the channel ``financing``; all projects may be ranked there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pools = load_pools()
    institutions = list(_institutions(Random(f"bench-institutions-{seed}"), pools, n_institutions))
    projects = list(_projects(Random(f"bench-projects-{seed}"), pools, n_projects))
    outcomes = _outcomes(Random(f"bench-outcomes-{seed}"), projects, institutions)
    for name, rows in (("projects", projects), ("institutions", institutions), ("outcomes", outcomes)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, TABLES[name].names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _projects(rng: Random, pools: Pools, count: int) -> Iterator[Row]:
    writer = ProjectWriter(rng, pools, _Stems(rng))
    for number in range(count):
        topic = rng.choice(pools.topics)
        project = writer.write(number + 1, topic, rng.choice(pools.places), past=False, overseas=rng.random() < 0.03)
        row = project.row
        row["project_id"] = f"P{number:06d}"
        row.update(consent="financing;placement;services", state="active", confidentiality="public")
        for sentence in _more(rng, pools, topic, TEXT_CHARACTERS - sum(len(row[name]) for name in PROJECT_TEXTS)):
            row[rng.choice(("technology", "innovation", "application"))] += sentence
        row.update({name: _redrawn(rng, row[name]) for name in ("summary", "innovation", "technology", "evaluation")})
        yield row


def _more(rng: Random, pools: Pools, topic: Topic, characters: int) -> Iterator[str]:
    """Further sentences from the topic's industry, until so many characters are reached."""
    around = [sentence for other in pools.by_field(topic.field) for sentence in (*other.tech, *other.use)]
    lead = pools.project["frames"]["lead"]
    while characters > 0:
        sentence = rng.choice(lead) + fill(rng, rng.choice(around))
        characters -= len(sentence)
        yield sentence


def _redrawn(rng: Random, text: str) -> str:
    """The text with other figures of the same number of digits."""
    return _FIGURE.sub(lambda found: str(rng.randrange(10 ** (len(found[0]) - 1), 10 ** len(found[0]))), text)


def _institutions(rng: Random, pools: Pools, count: int) -> Iterator[Row]:
    writer = InstitutionWriter(rng, pools, _Stems(rng))
    for number in range(count):
        kind, topic = KINDS[number % len(KINDS)], rng.choice(pools.topics)
        institution = writer.write(number + 1, kind, topic, rng.choice(pools.places))
        row = institution.row
        row["institution_id"], row["roles"] = f"I{number:06d}", "match"
        while len(row["profile"]) < TEXT_CHARACTERS:
            near = rng.choice(pools.by_field(rng.choice(institution.focus).field))
            row["profile"] += pick(rng, pools.institution["more"]["financing"], focus=pick(rng, near.say))
        yield row


def _outcomes(rng: Random, projects: Sequence[Row], institutions: Sequence[Row]) -> list[Row]:
    """Deals of the two years before, of institutions with projects of any topic."""
    found: list[Row] = []
    for institution in institutions:
        for _ in range(rng.randrange(2 * DEALS_EACH + 1)):
            row: Row = dict.fromkeys(TABLES["outcomes"].names, "")
            day = AS_OF - timedelta(days=rng.randrange(30, 730))
            row.update(
                project_id=rng.choice(projects)["project_id"],
                institution_id=institution["institution_id"],
                channel="financing",
                event=rng.choice(("delivered", "signed", "met")),
                at=day.isoformat(),
            )
            found.append(row)
    distinct = {(row["project_id"], row["institution_id"], row["event"], row["at"]): row for row in found}
    return list(distinct.values())


def as_of() -> date:
    """The date on which the market is matched."""
    return AS_OF
