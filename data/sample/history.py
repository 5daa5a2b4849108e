"""What became of introductions: driven by a hidden fit and by chance. The fit itself is never exported."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from data.sample.entities import AS_OF, STAGES, Row, SampleInstitution, SampleProject, day_between
from data.tables import OUTCOMES

Supply = list[SampleInstitution]
STEPS = ("accepted", "met", "second_contact", "intent", "signed", "delivered")
_DAYS = {"accepted": (2, 14), "met": (5, 25), "second_contact": (7, 35), "intent": (10, 45), "signed": (12, 50)}
_DAYS["delivered"] = (10, 45)
_FLOORS = {
    "financing": (0.5, 1.2, 1.7, 2.3, 2.5, 1.6),
    "placement": (0.2, 0.7, 1.2, 1.6, 1.7, 1.0),
    "services": (0.5, 1.1, 1.7, 2.2, 2.3, 1.5),
    "challenge": (0.4, 0.9, 1.3, 1.8, 1.9, 1.3),
}
_PACE = {"financing": 1.0, "placement": 0.8, "services": 0.5, "challenge": 0.8}
_COUNTS = {"financing": (3, 5), "placement": (2, 4), "services": (3, 4), "challenge": (1, 1)}
_PROOFS = {
    "introduced": "对接台账",
    "accepted": "回执",
    "met": "会面记录",
    "second_contact": "尽调纪要",
    "intent": "意向书",
    "signed": "合同",
    "delivered": "到账凭证",
    "declined": "回执",
    "withdrawn": "项目方来函",
}
_PROOFS_OF = {
    ("placement", "second_contact"): "考察记录",
    ("placement", "delivered"): "入驻通知",
    ("services", "delivered"): "服务验收单",
    ("challenge", "delivered"): "验收报告",
}
_WITHDRAWN = ("项目方暂不考虑", "团队变动", "已有合作方", "多次未接通")
_WITHDRAWN_OF = {"financing": ("暂不融资",), "placement": ("团队不愿搬迁",), "services": ("需求已自行解决",)}
_SLOPE = 1.5
_NOISE = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a pair goes together, and what speaks most against it."""

    value: float
    against: str


def affinity(project: SampleProject, institution: SampleInstitution) -> float:
    """Nearness of the technology to the institution's focus: same topic, same industry, neighbour on the chain."""
    if project.topic in institution.focus:
        return 1.0
    if project.topic.field in institution.fields:
        return 0.5
    return 0.2 if project.topic.field in institution.near else 0.0


def _inside(project: SampleProject, institution: SampleInstitution) -> bool:
    spots = {project.contest, *project.macros, *project.wants}
    return not institution.acts or any(region in spots for region in institution.acts)


def _financing(project: SampleProject, institution: SampleInstitution) -> dict[str, float]:
    parts = {"融资方式不符": 0.0 if project.round in institution.rounds else -0.9}
    debt = project.round == "debt"
    if debt != (institution.kind == "bank"):
        parts["融资方式不符"] = -1.6
    gap = min(abs(STAGES.index(project.stage) - STAGES.index(stage)) for stage in institution.stages)
    parts["阶段不符"] = (0.7, -0.4, -1.2, -1.8, -2.4)[gap]
    parts["单笔规模不符"] = 0.6 if institution.low <= project.funds <= 2 * institution.high else -1.2
    inside = _inside(project, institution)
    parts["地域限制"] = 0.4 if inside else (-3.0 if institution.only else -0.4)
    return parts


def _placement(project: SampleProject, institution: SampleInstitution) -> dict[str, float]:
    needed = [facility for facility in project.facilities if facility != "office"]
    had = sum(facility in institution.facilities for facility in needed)
    home = institution.contest == project.contest
    return {
        "硬件条件不满足": 1.0 * had / len(needed) - 0.8 * (len(needed) - had) if needed else 0.3,
        "不愿搬迁": 1.3 if home else (0.9 if project.wants and _inside(project, institution) else -0.8),
    }


def _services(project: SampleProject, institution: SampleInstitution) -> dict[str, float]:
    met = any(service in institution.services for service in project.services)
    return {"暂无此项需求": 1.9 if met else -1.3, "距离较远": 0.3 if _inside(project, institution) else -0.2}


def fit(project: SampleProject, institution: SampleInstitution) -> Fit:
    """The hidden fit of a pair in the institution's channel."""
    weight = {"financing": 2.6, "placement": 1.8, "services": 1.1, "challenge": 4.0}[institution.channel]
    parts = {"方向不符": weight * affinity(project, institution)}
    if institution.channel == "financing":
        parts.update(_financing(project, institution))
    elif institution.channel == "placement":
        parts.update(_placement(project, institution))
    elif institution.channel == "services":
        parts.update(_services(project, institution))
    parts["明确不接受的类型"] = -4.0 if institution.excludes & project.traits else 0.0
    if not parts["方向不符"]:
        parts["方向不符"] = -0.5
    worst = min(parts, key=lambda name: parts[name])
    return Fit(sum(parts.values()), worst if parts[worst] < 0 else "")


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


class Chronicle:
    """Writes outcome rows pair by pair from one stream of random numbers."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.rows: list[Row] = []
        self.delivered: set[tuple[str, str]] = set()

    def _event(self, project: SampleProject, institution: SampleInstitution, event: str, at: date, reason: str) -> None:
        row: Row = dict.fromkeys(OUTCOMES.names, "")
        row.update(project_id=project.id, institution_id=institution.id, channel=institution.channel)
        proof = _PROOFS_OF.get((institution.channel, event), _PROOFS[event])
        row.update(event=event, at=at.isoformat(), reason=reason, source=proof)
        if event in ("signed", "delivered") and institution.channel == "financing":
            amount = min(max(project.funds, institution.low), institution.high)
            row["amount"] = str(round(amount * self.rng.uniform(0.6, 1.0) / 10) * 100_000)
            row["round"] = project.round
        self.rows.append(row)
        if event == "delivered":
            self.delivered.add((project.id, institution.id))

    def introduce(self, project: SampleProject, institution: SampleInstitution, at: date) -> None:
        """Tell how far an introduction came, up to :data:`AS_OF`."""
        rng = self.rng
        known = fit(project, institution)
        quality = known.value + rng.gauss(0, _NOISE) + 0.25 * math.log(institution.activity)
        self._event(project, institution, "introduced", at, "")
        for step, floor in zip(STEPS, _FLOORS[institution.channel], strict=True):
            low, high = _DAYS[step]
            at += timedelta(days=max(1, round(rng.randint(low, high) * _PACE[institution.channel])))
            if at > AS_OF:
                return
            if rng.random() >= _sigmoid(_SLOPE * (quality - floor)):
                self._end(project, institution, at, known.against)
                return
            self._event(project, institution, step, at, "")

    def _end(self, project: SampleProject, institution: SampleInstitution, at: date, against: str) -> None:
        draw = self.rng.random()
        reason = against or self.rng.choice(["估值未谈拢", "排期冲突", "团队暂缓", "内部评审未通过"])
        if draw < 0.62:
            self._event(project, institution, "declined", at, reason if self.rng.random() < 0.7 else "")
        elif draw < 0.67:
            # A stream of its own: what a project says when it leaves changes nothing else.
            told = Random(f"{project.id} {institution.id} withdrawn").choice(
                (*_WITHDRAWN, *_WITHDRAWN_OF.get(institution.channel, ()))
            )
            self._event(project, institution, "withdrawn", at, told)

    def past_deal(self, project: SampleProject, institution: SampleInstitution, at: date) -> None:
        """A deal from before: only its end is known."""
        if (project.id, institution.id) not in self.delivered:
            self._event(project, institution, "delivered", at, "")
            self.rows[-1]["source"] = "历史成交"


def _choose(
    rng: Random, project: SampleProject, supply: list[SampleInstitution], count: int
) -> list[SampleInstitution]:
    """Whom an organiser would introduce: roughly by industry, place and reputation, with little insight into fit."""
    keys = []
    for institution in supply:
        pull = 2.4 * affinity(project, institution) + 0.5 * (institution.contest == project.contest)
        pull += 0.6 * math.log(institution.activity)
        if institution.channel == "services":
            pull += 1.0 * any(service in institution.services for service in project.services)
        keys.append((pull - math.log(-math.log(max(rng.random(), 1e-12))), institution.id, institution))
    return [institution for _, _, institution in sorted(keys, key=lambda key: (-key[0], key[1]))[:count]]


def _introductions(rng: Random, chronicle: Chronicle, project: SampleProject, supply: Supply) -> None:
    few, many = _COUNTS[supply[0].channel]
    count = max(0, (many if project.past else few) + rng.choice([-1, 0, 0, 1, 1]))
    last = date(2022, 8, 31) if project.past else AS_OF - timedelta(days=8)
    for institution in _choose(rng, project, supply, count):
        first = max(project.listed + timedelta(days=5), date(2021, 1, 6), institution.listed)
        end = min(last, first + timedelta(days=300 if project.past else 90))
        if first <= end:
            chronicle.introduce(project, institution, day_between(rng, first, end))


def build_outcomes(rng: Random, projects: list[SampleProject], institutions: list[SampleInstitution]) -> list[Row]:
    """All outcome rows, ordered by date, then by ids."""
    chronicle = Chronicle(rng)
    for channel in _COUNTS:
        supply = [institution for institution in institutions if institution.channel == channel]
        for project in projects:
            open_ = project.row["state"] == "active" and not project.twin
            asked = channel in project.channels or (channel == "challenge" and "financing" in project.channels)
            if open_ and asked and not (channel == "challenge" and rng.random() < 0.6):
                _introductions(rng, chronicle, project, supply)
    _past_deals(rng, chronicle, [p for p in projects if p.past and p.row["consent"] != "none"], institutions)
    order = {event: rank for rank, event in enumerate(("introduced", *STEPS, "declined", "withdrawn"))}
    return sorted(chronicle.rows, key=lambda r: (r["at"], r["project_id"], r["institution_id"], order[r["event"]]))


def _past_deals(
    rng: Random, chronicle: Chronicle, past: list[SampleProject], institutions: list[SampleInstitution]
) -> None:
    for institution in institutions:
        chance = {"financing": 0.85, "placement": 0.3, "services": 0.3}.get(institution.channel, 0.0)
        if not chance:
            continue
        count = sum(rng.random() < chance * min(1.0, institution.activity / 2) for _ in range(3))
        if not count:
            continue
        ranked = sorted(past, key=lambda p: (-fit(p, institution).value - rng.gauss(0, _NOISE), p.id))
        for project in ranked[:count]:
            first = max(project.listed, date(2021, 1, 11), institution.listed)
            if fit(project, institution).value > 1.5 and first < date(2022, 11, 20):
                chronicle.past_deal(project, institution, day_between(rng, first, date(2022, 11, 20)))
