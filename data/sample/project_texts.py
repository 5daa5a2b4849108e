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
        kind = "money_debt" if project.round == "debt" else "money"
        found.append(_one(phrases, rng, kind, funds=project.funds, round=ROUNDS[project.round]))
    elif draw < 0.45:
        found.append(_one(phrases, rng, "money_hidden"))
    if project.row["country"] != "中国":
        found.append(_one(phrases, rng, "overseas", region=project.wants[0]))
    elif project.wants and rng.random() < 0.6:
        found.append(_one(phrases, rng, "region", region=project.wants[0]))
    return found


def _technology(rng: Random, pools: Pools, project: SampleProject) -> list[str]:
    """Two to four sentences on the technology, in any order, some with a lead."""
    count = 2 if project.past else rng.choice([3, 3, 4])
    leads = pools.project["frames"]["lead"]
    return [rng.choice(leads) + fill(rng, text) for text in rng.sample(project.topic.tech, count)]


def _application(rng: Random, pools: Pools, project: SampleProject) -> list[str]:
    """Where it is used: deliveries only where the product exists."""
    phrases, topic = pools.project, project.topic
    plan = _one(phrases, rng, "plan", clients=topic.clients)
    if project.stage in ("lab", "prototype"):
        return [plan] + [_one(phrases, rng, "early")] * (rng.random() < 0.5)
    uses = [fill(rng, text) for text in rng.sample(topic.use, len(topic.use) if rng.random() < 0.35 else 1)]
    late = [_one(phrases, rng, "late")] if rng.random() < (0.25 if project.past else 0.7) else []
    return uses + late + [plan] * (rng.random() < 0.25)


def _appraisal(rng: Random, pools: Pools, project: SampleProject) -> str:
    """Certificates and what others say; often nothing."""
    if rng.random() >= (0.35 if project.past else 0.7):
        return ""
    proofs = rng.sample(pools.project["boilerplate"]["proof"], rng.choice([2, 3, 4]))
    return "".join(fill(rng, text) for text in proofs)


def write_texts(rng: Random, pools: Pools, project: SampleProject, routes: list[str]) -> None:
    """Fill the text columns of a project's row; some stay empty, as in real filings."""
    row, phrases = project.row, pools.project
    tech, uses = _technology(rng, pools, project), _application(rng, pools, project)
    extra = _circumstances(rng, pools, project) + _asks(rng, pools, project) + [fill(rng, text) for text in routes]
    more = 0.2 if project.past else 0.72
    columns: dict[str, list[str]] = {"summary": [tech[0]], "innovation": [], "technology": [], "application": []}
    if rng.random() < more:
        columns["summary"].insert(0, pick(rng, phrases["frames"]["gap"]))
    columns[rng.choice(["technology", "technology", "innovation", "summary"])].extend(tech[1:])
    if rng.random() < more:
        columns["innovation"].append(pick(rng, phrases["frames"]["compare"]))
    columns[rng.choice(["summary", "application"])].append(uses[0])
    columns["application"].extend(uses[1:])
    extra += [pick(rng, phrases["frames"]["effect"])] * (rng.random() < more)
    extra += [_one(phrases, rng, "team2")] * (rng.random() < more)
    rng.shuffle(extra)
    for sentence in extra:
        columns[rng.choice(["summary", "application", "application", "innovation"])].append(sentence)
    if rng.random() < 0.2:
        columns["application"].append(_one(phrases, rng, "close"))
    row.update({name: "".join(sentences) for name, sentences in columns.items()})
    row["evaluation"] = _appraisal(rng, pools, project)
    if rng.random() < (0.5 if project.past else 0.72):
        founded = row["founded_at"][:4] or "2019"
        two = [fill(rng, text, founded=founded) for text in rng.sample(phrases["boilerplate"]["team"], 2)]
        row["profile"] = "".join(two) if len("".join(two)) <= 100 and rng.random() < 0.6 else two[0]
