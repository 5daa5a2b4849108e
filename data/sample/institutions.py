"""The institutions of the sample market: money, places, services, and lead enterprises with needs."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

from data.sample.entities import (
    FACILITIES,
    ROUNDS,
    SERVICES,
    STAGE_NAMES,
    STAGES,
    Row,
    SampleInstitution,
    Stems,
    day_between,
    join,
    keep,
    marked,
)
from data.sample.pools import Place, Pools, Topic, fill, pick
from data.tables import INSTITUTIONS

KINDS: dict[str, tuple[str, int]] = {
    "venture_capital": ("financing", 28),
    "government_fund": ("financing", 16),
    "bank": ("financing", 14),
    "park": ("placement", 20),
    "incubator": ("placement", 16),
    "zone": ("placement", 16),
    "service_platform": ("services", 14),
    "ip_agency": ("services", 7),
    "law": ("services", 7),
    "accounting": ("services", 6),
    "hr": ("services", 6),
    "mentor": ("services", 7),
    "technology_manager": ("services", 6),
    "research_institute": ("services", 8),
    "lead_enterprise": ("challenge", 12),
}
_NAMES = {
    "venture_capital": ("创业投资", "创投", "资本"),
    "government_fund": ("产业引导基金", "科技成果转化基金", "中小企业发展子基金"),
    "bank": ("银行科技支行", "商业银行科创中心"),
    "park": ("产业园", "科技园", "智造园"),
    "incubator": ("孵化器", "众创空间", "大学科技园"),
    "zone": ("高新区产业服务中心", "经开区招商服务中心", "中外中小企业合作区"),
    "service_platform": ("中小企业公共服务平台", "技术服务中心", "产业服务平台"),
    "ip_agency": ("知识产权代理事务所", "知识产权运营中心"),
    "law": ("律师事务所科创部", "法律服务团队"),
    "accounting": ("会计师事务所", "财税顾问"),
    "hr": ("人力资源服务", "人才发展中心"),
    "mentor": ("创业导师工作室", "导师团"),
    "technology_manager": ("技术转移中心", "技术经理人工作站"),
    "research_institute": ("产业技术研究院", "新型研发中心"),
    "lead_enterprise": ("集团开放创新中心", "股份采购与创新部"),
}
_SERVICE_OF = {
    "ip_agency": ("ip",),
    "law": ("legal", "compliance"),
    "accounting": ("finance_accounting", "policy"),
    "hr": ("hr",),
    "mentor": ("mentoring", "market"),
    "technology_manager": ("tech_transfer", "ip"),
    "research_institute": ("tech_transfer", "testing", "standardisation"),
}
_PLATFORM: tuple[tuple[str, ...], ...] = (
    ("testing", "standardisation"),
    ("digital",),
    ("industrial_design", "digital"),
    ("testing", "compliance"),
    ("policy", "market"),
    ("testing",),
    ("market", "compliance"),
)
_EARLY, _LATE = ("seed", "angel", "pre-a"), ("a", "b", "c+")


def _money(rng: Random, kind: str) -> tuple[tuple[str, ...], tuple[str, ...], int, int]:
    """Stages, rounds, smallest and largest ticket (10,000 CNY) of a financing institution."""
    if kind == "bank":
        return STAGES[2:], ("debt",), rng.choice([50, 100, 200]), rng.choice([500, 1000, 2000])
    if kind == "venture_capital" and rng.random() < 0.45:
        return STAGES[2:], _LATE, rng.choice([1000, 1500, 2000]), rng.choice([5000, 8000, 15000])
    if kind == "venture_capital":
        return STAGES[:3], _EARLY, rng.choice([100, 200, 300]), rng.choice([1000, 1500, 2000])
    return STAGES[1:4], ("angel", "pre-a", "a"), rng.choice([100, 300, 500]), rng.choice([2000, 3000])


def _focus(rng: Random, pools: Pools, topic: Topic, served: Counter[str]) -> tuple[Topic, ...]:
    """A topic with one or two of its industry, least served first; at times one of a neighbouring industry."""
    same = [other for other in pools.by_field(topic.field) if other is not topic]
    same.sort(key=lambda other: (served[other.id], rng.random()))
    near = [other for field in pools.fields[topic.field].near for other in pools.by_field(field)]
    chosen = [topic, *same[: rng.choice([1, 1, 2])]]
    if near and rng.random() < 0.35:
        chosen.append(rng.choice(near))
    served.update(other.id for other in chosen)
    return tuple(chosen)


def _services(rng: Random, kind: str) -> tuple[str, ...]:
    if kind == "service_platform":
        return rng.choice(_PLATFORM)
    offered = _SERVICE_OF.get(kind, ())
    return offered if rng.random() < 0.5 else offered[:1]


def _acts(rng: Random, kind: str, place: Place) -> tuple[tuple[str, ...], bool]:
    """Where it acts, and whether it acts nowhere else."""
    channel = KINDS[kind][0]
    if channel == "placement":
        return (place.contest,), True
    local = place.contest if rng.random() < 0.5 else place.macros[0]
    if kind in ("government_fund", "bank"):
        return (local,), rng.random() < 0.6
    return ((local,), rng.random() < 0.15) if rng.random() < 0.5 else ((), False)


def _exclusions(rng: Random, pools: Pools, kind: str, focus: tuple[Topic, ...]) -> list[dict[str, Any]]:
    """Things it rules out: never what its own first topic is, rather what its neighbours are."""
    channel = KINDS[kind][0]
    entries = [entry for entry in pools.institution["exclude"] if entry["channel"] == channel]
    entries = [e for e in entries if kind in e.get("kinds", [kind]) and e["trait"] not in focus[0].traits]
    fields = {topic.field for topic in focus}
    fields |= {near for field in sorted(fields) for near in pools.fields[field].near}
    around = {trait for topic in pools.topics if topic.field in fields for trait in topic.traits}
    around |= {trait for topic in pools.topics if topic.field in fields for trait, _ in topic.route}
    close = [entry for entry in entries if entry["trait"] in around]
    share = {"financing": 0.5, "placement": 0.55, "services": 0.4}.get(channel, 0.0)
    if rng.random() >= share or not entries:
        return []
    return rng.sample(close or entries, min(len(close or entries), rng.choice([1, 1, 2])))


class InstitutionWriter:
    """Writes one institution after the other from one stream of random numbers."""

    def __init__(self, rng: Random, pools: Pools, stems: Stems) -> None:
        self.rng, self.pools, self.stems = rng, pools, stems
        self.phrases = pools.institution
        self.served = {channel: Counter[str]() for channel, _ in KINDS.values()}

    def write(self, number: int, kind: str, topic: Topic, place: Place) -> SampleInstitution:
        """An institution of a kind, around a topic, in a place."""
        rng = self.rng
        channel = KINDS[kind][0]
        focus = _focus(rng, self.pools, topic, self.served[channel])
        stages, rounds, low, high = _money(rng, kind) if channel == "financing" else ((), (), 0, 0)
        acts, only = _acts(rng, kind, place)
        own = [f for f in FACILITIES if any(f in t.traits for t in focus)]
        facilities = [f for f in FACILITIES if rng.random() < (0.8 if f in own else 0.3)]
        excluded = _exclusions(rng, self.pools, kind, focus)
        barred = frozenset(entry["trait"] for entry in excluded)
        listed = day_between(rng, date(2019, 9, 1), date(2020, 12, 20))
        if rng.random() < 0.15:
            listed = day_between(rng, date(2021, 2, 1), date(2022, 10, 10))
        near = frozenset(n for t in focus for n in self.pools.fields[t.field].near)
        institution = SampleInstitution(
            self._row(number, kind, place, listed),
            channel,
            focus,
            frozenset(t.field for t in focus),
            near,
            frozenset(stages),
            frozenset(rounds),
            low,
            high,
            place.contest,
            acts,
            only,
            frozenset(_services(rng, kind)),
            frozenset(facilities) - barred if channel == "placement" else frozenset(),
            barred,
            rng.lognormvariate(0, 0.7),
            listed,
        )
        self._structured(institution)
        texts = [pick(rng, entry["texts"]) for entry in excluded]
        institution.row["profile"] = self._profile(institution, texts)
        return institution

    def _row(self, number: int, kind: str, place: Place, listed: date) -> Row:
        rng = self.rng
        row: Row = dict.fromkeys(INSTITUTIONS.names, "")
        ending = rng.choice(_NAMES[kind])
        row["institution_id"], row["kind"] = f"SAMPLE-I{number:03d}", kind
        front = place.short if kind in ("government_fund", "bank", "park", "zone", "service_platform") else ""
        row["name"] = marked(f"{front}{self.stems.take()}{ending}")
        row.update(country="中国", province=place.province, city=place.city, district=keep(rng, 0.5, place.district))
        row["founded_at"] = keep(rng, 0.5, day_between(rng, date(2004, 1, 1), date(2019, 6, 30)).isoformat())
        row["listed_at"] = listed.isoformat()
        row["verified"] = rng.choices(["true", "false", ""], [85, 7, 8])[0]
        return row

    def _structured(self, institution: SampleInstitution) -> None:
        """The columns that repeat the truth, where the institution filled them in."""
        rng, row = self.rng, institution.row
        labels = [rng.choice(self.pools.fields[topic.field].labels()) for topic in institution.focus]
        row["sectors"] = keep(rng, 0.62, join(list(dict.fromkeys(labels))))
        row["stages"] = keep(rng, 0.58, join([s for s in STAGES if s in institution.stages]))
        row["rounds"] = keep(rng, 0.55, join([r for r in ROUNDS if r in institution.rounds]))
        if institution.high and rng.random() < 0.6:
            row["ticket_min"], row["ticket_max"] = str(institution.low * 10_000), str(institution.high * 10_000)
        row["regions"] = keep(rng, 0.6, join(institution.acts))
        names = [rng.choice([s, SERVICES[s]]) for s in SERVICES if s in institution.services]
        row["services"] = keep(rng, 0.7, join(names))
        offered = [f for f in FACILITIES if f in institution.facilities]
        if institution.channel == "placement":
            row["facilities"] = keep(rng, 0.65, join(offered + ["office"] * (rng.random() < 0.5)))
            row["capacity"] = keep(rng, 0.7, str(rng.randint(3, 25)))
            row["capacity_m2"] = keep(rng, 0.6, str(rng.choice([800, 2000, 5000, 12000, 30000])))
        row["attention"] = keep(rng, 0.7, str(rng.choice([5, 8, 10, 15, 20, 30])))
        judge = institution.kind in ("venture_capital", "government_fund", "mentor", "research_institute")
        roles = ["match"] * (rng.random() < 0.95) + ["judge"] * (judge and rng.random() < 0.45)
        row["roles"] = join(roles + ["demand"] * (institution.channel == "challenge"))

    def _say(self, institution: SampleInstitution) -> str:
        """Its focus in its own words."""
        rng = self.rng
        phrases = [pick(rng, topic.say) for topic in institution.focus]
        return "、".join(phrases[:-1]) + rng.choice(["和", "以及", "、"]) + phrases[-1] if phrases[1:] else phrases[0]

    def _terms(self, institution: SampleInstitution) -> list[str]:
        rng, terms = self.rng, self.phrases["terms"]
        found: list[str] = []
        if institution.high and rng.random() < 0.65:
            pool = terms["loan" if institution.kind == "bank" else "ticket"]
            found.append(pick(rng, pool, low=institution.low, high=institution.high))
        if institution.stages and rng.random() < 0.45:
            names = "、".join(STAGE_NAMES[s] for s in STAGES if s in institution.stages)
            found.append(pick(rng, terms["stage"], stages=names))
        elif institution.rounds and "debt" not in institution.rounds and rng.random() < 0.7:
            found.append(
                pick(rng, terms["round"], rounds="、".join(ROUNDS[r] for r in ROUNDS if r in institution.rounds))
            )
        if institution.acts and institution.channel != "placement" and rng.random() < 0.75:
            pool = terms["region_only" if institution.only and institution.channel == "financing" else "region_like"]
            found.append(pick(rng, pool, region=institution.acts[0]))
        if institution.facilities and rng.random() < 0.8:
            words = [rng.choice(self.phrases["facility_words"][f]) for f in FACILITIES if f in institution.facilities]
            found.append(pick(rng, terms["facility"], facilities="、".join(words)))
        if institution.channel == "placement" and rng.random() < 0.4:
            found.append(pick(rng, terms["space"], space=rng.choice([2000, 6000, 15000, 40000])))
        return found

    def _praise(self, institution: SampleInstitution) -> list[str]:
        """What such institutions always write about themselves."""
        rng, pools = self.rng, self.phrases["boilerplate"]
        name = "equity" if institution.channel == "financing" else institution.channel
        pool = pools["bank" if institution.kind == "bank" else name]
        if institution.kind in ("service_platform", "research_institute"):
            pool = pool + pools["lab"]
        return [fill(rng, text) for text in rng.sample(pool, min(len(pool), rng.choice([5, 5, 6, 7])))]

    def _profile(self, institution: SampleInstitution, exclusions: list[str]) -> str:
        rng, phrases = self.rng, self.phrases
        words = [rng.choice(phrases["service_words"][s]) for s in SERVICES if s in institution.services]
        focus = self._say(institution)
        opening = pick(rng, phrases["open"][institution.kind], focus=focus, services="、".join(words))
        rest = self._terms(institution) + exclusions + self._praise(institution)
        for topic in institution.focus:
            if rng.random() < 0.9:
                rest.append(pick(rng, phrases["more"][institution.channel], focus=pick(rng, topic.say)))
        if rng.random() < 0.4:
            rest.append(pick(rng, phrases["boilerplate"]["decoy"]))
        rng.shuffle(rest)
        return opening + "".join(rest)


def build_institutions(rng: Random, pools: Pools, stems: Stems) -> list[SampleInstitution]:
    """All institutions, grouped by kind; topics and regions are dealt evenly within a channel."""
    writer = InstitutionWriter(rng, pools, stems)
    institutions: list[SampleInstitution] = []
    seats = {channel: rng.randrange(len(pools.contests)) for channel in writer.served}
    asked = {need["topic"] for need in pools.needs}
    for kind, (channel, count) in KINDS.items():
        open_topics = [topic for topic in pools.topics if channel != "challenge" or topic.id in asked]
        for _ in range(count):
            served = writer.served[channel]
            topic = min(open_topics, key=lambda t: (served[t.id], rng.random()))
            place = rng.choice(pools.at(pools.contests[seats[channel] % len(pools.contests)]))
            seats[channel] += 1
            institutions.append(writer.write(len(institutions) + 1, kind, topic, place))
    return institutions
