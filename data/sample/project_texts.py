"""What an entrant writes: the text columns of a sample project."""

from __future__ import annotations

from random import Random
from typing import Any

from data.sample.entities import ROUNDS, SampleProject
from data.sample.pools import Pools, fill, pick


def _one(phrases: dict[str, Any], rng: Random, kind: str, **values: object) -> str:
    return pick(rng, phrases["boilerplate"][kind], **values)


def _asks(rng: Random, pools: Pools, project: SampleProject) -> list[str]:
    """Sentences that state needs, or only let them be felt."""
    phrases = pools.project
    asks: list[str] = []
    for service in project.services:
        mode = rng.choices(["implied", "stated", "silent"], [0.55, 0.3, 0.15])[0]
        if mode != "silent":
            asks.append(pick(rng, phrases["needs"][service][mode]))
    for facility in project.facilities:
        mode = rng.choices(["implied", "stated", "silent"], [0.45, 0.3, 0.25])[0]
        if mode != "silent":
            asks.append(pick(rng, phrases["facility"][facility][mode], space=rng.choice([200, 400, 600, 1200, 2000])))
    return asks


def _circumstances(rng: Random, pools: Pools, project: SampleProject) -> list[str]:
    """Sentences on stage, money and place, each present or not."""
    phrases = pools.project
    found: list[str] = []
    if rng.random() < 0.6:
        found.append(pick(rng, phrases["stage"][project.stage]))
    draw = rng.random()
    if draw < 0.3:
        found.append(_one(phrases, rng, "money", funds=project.funds, round=ROUNDS[project.round]))
    elif draw < 0.45:
        found.append(_one(phrases, rng, "money_hidden"))
    if project.row["country"] != "中国":
        found.append(_one(phrases, rng, "overseas", region=project.wants[0]))
    elif project.wants and rng.random() < 0.6:
        found.append(_one(phrases, rng, "region", region=project.wants[0]))
    return found


def _technology(rng: Random, pools: Pools, project: SampleProject) -> list[str]:
    """Two or three sentences on the technology, in any order, with or without a lead."""
    count = 2 if project.past else rng.choice([2, 2, 3])
    sentences = [fill(rng, text) for text in rng.sample(project.topic.tech, count)]
    leads = pools.project["frames"]["lead"]
    sentences[0] = rng.choice(leads) + sentences[0]
    return sentences


def write_texts(rng: Random, pools: Pools, project: SampleProject, routes: list[str]) -> None:
    """Fill the text columns of a project's row; some stay empty, as in real filings."""
    row, phrases = project.row, pools.project
    tech = _technology(rng, pools, project)
    uses = [fill(rng, text) for text in rng.sample(project.topic.use, len(project.topic.use))]
    extra = _circumstances(rng, pools, project) + _asks(rng, pools, project) + routes
    rng.shuffle(extra)
    columns: dict[str, list[str]] = {"summary": [tech[0]], "innovation": [], "technology": [], "application": []}
    if rng.random() < 0.3:
        columns["summary"].insert(0, pick(rng, phrases["frames"]["gap"]))
    columns[rng.choice(["technology", "technology", "innovation", "summary"])].extend(tech[1:])
    if rng.random() < (0.2 if project.past else 0.45):
        columns["innovation"].append(pick(rng, phrases["frames"]["compare"]))
    columns[rng.choice(["summary", "application"])].append(uses[0])
    if rng.random() < 0.5 and not project.past:
        columns["application"].append(_one(phrases, rng, "traction"))
    for sentence in extra:
        columns[rng.choice(["summary", "application", "application", "innovation"])].append(sentence)
    if rng.random() < 0.2:
        columns["application"].append(_one(phrases, rng, "close"))
    for name, sentences in columns.items():
        row[name] = "".join(sentences)
    row["evaluation"] = ""
    if rng.random() < (0.35 if project.past else 0.6):
        row["evaluation"] = "".join(fill(rng, text) for text in rng.sample(phrases["boilerplate"]["proof"], 2))
    if rng.random() < 0.65:
        founded = row["founded_at"][:4] or "2019"
        row["profile"] = _one(phrases, rng, "team", founded=founded)
