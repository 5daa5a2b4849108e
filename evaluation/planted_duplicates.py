"""Planted duplicates: records of invented projects, some of them the same project told twice, and traps that are not.

A project is a set of facts (object, method, part, scene, figures, brand). Records tell the facts in one of four
wordings. A second record of a project has another name, another order, other words, another group or another year; a
trap shares an applicant with its intro and patents, the slogans, the name or the topic with a record, and no facts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from data.problem import DuijieError
from data.tables import IP, PROJECTS

PHRASES = Path(__file__).parent / "planted"
BANKS = ("fit", "report")
KINDS = ("renamed", "reordered", "paraphrased", "other_group", "other_year", "bare")
"""How the second record of a true pair differs; ``bare``: a winners' list that gives no text."""
TRAPS = ("same_applicant", "same_slogans", "same_name", "same_topic", "same_patent")
KINDS_TOLD = ("core", "pain", "metric", "second", "detail", "use")
TEXT_OF = {"core": "summary", "pain": "summary", "metric": "technology", "second": "technology"}
Bank = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What a project is; ``figures`` are (name, value) of three metrics; ``object`` has two names, parted by ``|``."""

    object: str
    trait: str
    method: str
    part: str
    scene: str
    pain: str
    brand: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Record:
    """A record before it becomes a row: who applied, the facts, how they are told."""

    facts: Facts
    applicant: str
    intro: str
    patents: tuple[str, ...]
    wording: tuple[int, ...]
    slogans: tuple[str, ...]
    name: str
    maker: bool
    year: int


@dataclass(frozen=True)
class Planted:
    """Tables in the schemas of data.tables; true ``pairs`` and ``traps``, ids in order, with their kind."""

    projects: pa.Table
    ip: pa.Table
    pairs: Mapping[tuple[str, str], str]
    traps: Mapping[tuple[str, str], str]


def load_bank(name: str) -> Bank:
    """Phrases of ``fit`` or ``report``."""
    return tomllib.loads((PHRASES / f"{name}.toml").read_text("utf-8"))


def plant(bank: str = "report", seed: int = 11, records: int = 2400, pairs: int = 300) -> Planted:
    """A planted set of ``records`` rows with ``pairs`` true pairs and as many traps; repeatable.

    Raises
    ------
    DuijieError
        ``planted.size`` when there are not four records for each pair: two of it, two of a trap.
    """
    if records < 4 * pairs:
        raise DuijieError("planted.size", f"{records} records for {pairs} pairs", "at least four records for each pair")
    return Planter(load_bank(bank), Random(f"planted-{bank}-{seed}")).plant(records, pairs)


class Planter:
    """Draws records from one stream of random numbers."""

    def __init__(self, bank: Bank, rng: Random) -> None:
        self.bank, self.rng = bank, rng

    def plant(self, records: int, pairs: int) -> Planted:
        """All records, shuffled, so that neither order nor id tells what is a pair."""
        rng = self.rng
        originals = [self.record() for _ in range(records - 2 * pairs)]
        sources = rng.sample(originals, 2 * pairs)
        told: list[tuple[Record, str]] = [(record, "") for record in originals]
        links: list[tuple[int, int, str]] = []
        at = {id(record): row for row, record in enumerate(originals)}
        for turn, source in enumerate(sources):
            kinds = KINDS if turn < pairs else TRAPS
            kind = kinds[turn % len(kinds)]
            links.append((at[id(source)], len(told), kind))
            told.append((self.again(source, kind) if turn < pairs else self.trap(source, kind), kind))
        order = list(range(len(told)))
        rng.shuffle(order)
        ids = [f"PLANTED-{position:06d}" for position in order]
        rows = [self.row(key, record, kind) for key, (record, kind) in zip(ids, told, strict=True)]
        ip = [row for key, (record, _) in zip(ids, told, strict=True) for row in self.patents(key, record)]
        named = {(min(ids[a], ids[b]), max(ids[a], ids[b])): kind for a, b, kind in links}
        return Planted(
            pa.Table.from_pylist(sorted(rows, key=lambda row: str(row["project_id"])), schema=PROJECTS.schema),
            pa.Table.from_pylist(ip, schema=IP.schema),
            {pair: kind for pair, kind in named.items() if kind in KINDS},
            {pair: kind for pair, kind in named.items() if kind in TRAPS},
        )

    def record(self) -> Record:
        """A project nobody has told before."""
        rng, bank = self.rng, self.bank
        maker = rng.random() < 0.35
        facts = self.facts()
        applicant = self.applicant(maker, facts.brand)
        patents = tuple(str(rng.randrange(10**11, 10**12)) for _ in range(rng.choice([0, 0, 1, 1, 2, 3])))
        return Record(
            facts,
            applicant,
            rng.choice(bank["intro"]).format(
                a=applicant, n=rng.randint(2, 19), k=rng.randint(6, 98), f=rng.randint(8, 90) * 50
            ),
            patents,
            tuple(rng.randrange(4) for _ in KINDS_TOLD),
            tuple(rng.sample(bank["boilerplate"], rng.randint(1, 5))),
            self.name(facts, "names"),
            maker,
            rng.choice([2020, 2021, 2022]),
        )

    def facts(self) -> Facts:
        """Facts drawn at random."""
        rng, bank = self.rng, self.bank
        brand = rng.choice(bank["brands"])[:1] + rng.choice(bank["brands"])[1:]
        return Facts(
            rng.choice(bank["objects"]),
            rng.choice(bank["traits"]),
            self.term("methods"),
            self.term("parts"),
            rng.choice(bank["scenes"]),
            rng.choice(bank["pains"]),
            brand,
            tuple(self.figure(text) for text in rng.sample(bank["metrics"], 3)),
        )

    def term(self, name: str) -> str:
        """A technical term out of two halves: a thousand of them, so that most are rare, as in real texts."""
        first, second = (self.rng.choice(self.bank[name]).split("/")[half] for half in (0, 1))
        return f"{first}{second}"

    def figure(self, metric: str) -> tuple[str, str]:
        """Name and value with unit of a metric written ``name|unit|low|high|step``."""
        name, unit, low, high, step = metric.split("|")
        places = len(step.partition(".")[2])
        value = float(low) + self.rng.randrange(int((float(high) - float(low)) / float(step)) + 1) * float(step)
        return name, f"{value:.{places}f}{unit}"

    def applicant(self, maker: bool, brand: str) -> str:
        """A team or a company; half of the companies bear their brand."""
        rng, bank = self.rng, self.bank
        stem = brand if rng.random() < 0.5 else rng.choice(bank["brands"])[:1] + rng.choice(bank["brands"])[1:]
        place = rng.choice(bank["places"])
        return f"{place}{stem}{rng.choice(bank['teams'] if maker else bank['tails'])}"

    def name(self, facts: Facts, frames: str) -> str:
        """A name in one of the frames."""
        first, second = facts.object.split("|")
        frame = self.rng.choice(self.bank[frames])
        return str(frame.format(o=first, o2=second, t=facts.trait, m=facts.method, b=facts.brand))

    def again(self, source: Record, kind: str) -> Record:
        """The same project told again."""
        rng = self.rng
        told = replace(source, slogans=tuple(rng.sample(self.bank["boilerplate"], rng.randint(1, 5))))
        if kind == "renamed" or (kind != "bare" and rng.random() < 0.5):
            told = replace(told, name=self.name(source.facts, "renames"))
        if kind == "bare":
            told = replace(told, name=rng.choice([source.name, f"{source.name}项目", source.name]))
        if kind == "paraphrased":
            told = replace(told, wording=tuple((old + rng.randint(1, 3)) % 4 for old in source.wording))
        if kind == "other_group":
            applicant = self.applicant(not source.maker, source.facts.brand)
            intro = source.intro.replace(source.applicant, applicant)
            told = replace(told, maker=not source.maker, applicant=applicant, intro=intro)
        if kind == "other_year":
            figures = (self.figure(rng.choice(self.bank["metrics"])), *source.facts.figures[1:])
            told = replace(told, year=source.year + 1, facts=replace(source.facts, figures=figures))
        if rng.random() < 0.3:
            told = replace(told, patents=())
        if kind not in ("other_group",) and rng.random() < 0.4:
            told = replace(told, applicant=told.applicant.replace("有限公司", rng.choice(["", "有限责任公司"])))
        return told

    def trap(self, source: Record, kind: str) -> Record:
        """Another project that looks like one."""
        other = self.record()
        if kind == "same_applicant":
            return replace(other, applicant=source.applicant, intro=source.intro, slogans=source.slogans)
        if kind == "same_patent":
            return replace(other, applicant=source.applicant, intro=source.intro, patents=source.patents)
        if kind == "same_slogans":
            return replace(other, slogans=source.slogans, wording=source.wording)
        if kind == "same_name":
            return replace(other, name=source.name, facts=replace(other.facts, object=source.facts.object))
        topic = replace(
            other.facts,
            object=source.facts.object,
            method=source.facts.method,
            scene=source.facts.scene,
            figures=(source.facts.figures[0], *other.facts.figures[1:]),
        )
        return replace(other, facts=topic, name=self.name(topic, "names"))

    def row(self, key: str, record: Record, kind: str) -> dict[str, Any]:
        """A row of the projects' table; a bare one has no text."""
        rng = self.rng
        row: dict[str, Any] = {
            "project_id": key,
            "name": record.name,
            "applicant": record.applicant if rng.random() < 0.92 else None,
            "group": "创客组" if record.maker else "企业组",
        }
        if kind == "bare":
            return row | {"applicant": record.applicant}
        texts: dict[str, list[str]] = {"summary": [], "technology": [], "application": []}
        for told, sentence in self.sentences(record, kind).items():
            texts[TEXT_OF.get(told, "application")].append(sentence)
        for slogan in record.slogans:
            texts[rng.choice(["summary", "application"])].append(slogan)
        if kind in ("reordered", "paraphrased", "other_group"):
            for sentences in texts.values():
                rng.shuffle(sentences)
        row |= {column: "".join(sentences) for column, sentences in texts.items()}
        if rng.random() < 0.6:
            row["profile"] = record.intro
        return row

    def sentences(self, record: Record, kind: str) -> dict[str, str]:
        """One sentence of each kind; a retelling drops some and swaps words."""
        rng, bank, facts = self.rng, self.bank, record.facts
        first, second = facts.object.split("|")
        swap = kind in ("paraphrased", "other_year")
        told = {}
        for number, name in enumerate(KINDS_TOLD):
            if kind in KINDS and name != "core" and rng.random() < 0.25:
                continue
            figure = facts.figures[{"metric": 0, "second": 1}.get(name, 2)]
            told[name] = bank["wordings"][name][record.wording[number]].format(
                o=second if kind in ("renamed", "paraphrased") and rng.random() < 0.5 else first,
                m=facts.method,
                p=facts.part,
                s=facts.scene,
                x=facts.pain,
                b=facts.brand,
                k=figure[0],
                v=figure[1],
            )
            for old, new in bank["synonyms"] if swap else ():
                told[name] = told[name].replace(old, new) if rng.random() < 0.8 else told[name]
        return told

    def patents(self, key: str, record: Record) -> list[dict[str, Any]]:
        """Rows of the IP table; the same number is not always written the same way."""
        rng = self.rng
        forms = ("ZL{0}", "{0}", "CN{0}", "ZL {0}")
        return [
            {
                "project_id": key,
                "kind": "发明专利",
                "title": f"{record.facts.method}",
                "number": rng.choice(forms).format(n),
            }
            for n in record.patents
        ]
