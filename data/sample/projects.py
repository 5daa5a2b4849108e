"""The projects of the sample market: entrants of the 2022 contests, and earlier ones with a history."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from data.sample.entities import (
    AS_OF,
    FACILITIES,
    MARK,
    ROUNDS,
    SERVICES,
    STAGES,
    Row,
    SampleProject,
    Stems,
    day_between,
    join,
    keep,
    marked,
    split_sentences,
)
from data.sample.pools import Place, Pools, Topic
from data.sample.project_texts import write_texts
from data.tables import PROJECTS

CURRENT = 260
PAST = 50
TWINS = 11
OVERSEAS = (
    ("德国", "慕尼黑"),
    ("新加坡", "新加坡"),
    ("以色列", "特拉维夫"),
    ("日本", "大阪"),
    ("韩国", "大田"),
    ("英国", "剑桥"),
    ("加拿大", "滑铁卢"),
    ("马来西亚", "槟城"),
)
_FUNDS = {
    "seed": (50, 300),
    "angel": (200, 800),
    "pre-a": (500, 1500),
    "a": (1000, 3000),
    "b": (3000, 8000),
    "c+": (8000, 20000),
    "debt": (200, 1500),
}
_ROUND_OF = {
    "lab": ("seed", "seed", "angel"),
    "prototype": ("seed", "angel", "angel"),
    "pilot": ("angel", "pre-a", "a", "debt"),
    "market": ("pre-a", "a", "a", "b", "debt", "debt"),
    "growth": ("b", "b", "c+", "debt"),
}
_CONSENT = (
    ("financing;placement;services", 44),
    ("financing;placement;services;challenge", 20),
    ("financing;services", 8),
    ("placement;services", 6),
    ("financing", 5),
    ("none", 4),
    ("", 13),
)
_NAME_FRAMES = ("{}", "{}", "{}", "{}研发及产业化", "{}关键技术与应用", "“{s}”{}", "新型{}", "{}项目", "{}及其装备")
_OTHER_WORDS = (
    ("采用", "使用"),
    ("达到", "达"),
    ("小于", "低于"),
    ("目前", "现"),
    ("提高", "提升"),
    ("用于", "应用于"),
    ("我们", "团队"),
    ("方案如下：", ""),
    ("约", "大约"),
    ("降到", "下降至"),
    ("需要", "亟需"),
    ("已", "已经"),
)
_MACROS = ("长三角", "粤港澳大湾区", "京津冀", "成渝", "中部", "西部", "东北")


def _stage(rng: Random, maker: bool) -> str:
    weights = (0.35, 0.42, 0.2, 0.03, 0) if maker else (0.04, 0.12, 0.26, 0.36, 0.22)
    return rng.choices(STAGES, weights)[0]


def _services(rng: Random, maker: bool, topic: Topic) -> tuple[str, ...]:
    weights = dict.fromkeys(SERVICES, 1.0)
    weights["testing"] = 0.3 if "software" in topic.traits else 2.5
    weights["industrial_design"] = 0.2 if "software" in topic.traits else 1.0
    weights.update(mentoring=3.0 if maker else 0.3, legal=1.5, ip=2.0, tech_transfer=1.8 if maker else 0.6)
    weights.update(finance_accounting=0.3 if maker else 1.4, digital=0.1 if maker else 1.0)
    chosen: dict[str, None] = {}
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        chosen.setdefault(rng.choices(list(weights), list(weights.values()))[0])
    return tuple(chosen)


def _sectors(rng: Random, pools: Pools, topic: Topic) -> str:
    """Labels of mixed vocabularies, mostly right, often missing."""
    if rng.random() < 0.36:
        return ""
    field = pools.fields[topic.field]
    if rng.random() < 0.09:
        others = [other for key, other in sorted(pools.fields.items()) if key != topic.field and key not in field.near]
        wrong = [label for other in others for label in other.labels() if label not in field.labels()]
        return rng.choice(wrong)
    return join(rng.sample(field.labels(), rng.choice([1, 1, 1, 2])))


def _applicant(rng: Random, kind: str, stem: str, place: str) -> str:
    if kind == "maker_team":
        return marked(f"{stem}{rng.choice(['创客团队', '团队', '工作室', '项目组'])}")
    if kind == "university":
        return marked(f"{stem}{rng.choice(['理工学院', '科技大学', '工业大学'])}")
    if kind == "institute":
        return marked(f"{stem}{rng.choice(['应用技术研究院', '产业技术研究所'])}")
    return f"{place}{stem}{rng.choice(['科技', '技术', '智能科技', '新科技', '创新技术'])}{MARK}有限公司"


def _dates(rng: Random, row: Row, listed: date, maker: bool) -> None:
    row["listed_at"] = listed.isoformat()
    row["updated_at"] = keep(rng, 0.6, min(listed + timedelta(days=rng.choice([0, 0, 0, 3, 9])), AS_OF).isoformat())
    founded = day_between(rng, date(2011, 3, 1), listed - timedelta(days=400))
    row["founded_at"] = "" if maker else keep(rng, 0.6, founded.isoformat())


def _place(row: Row, rng: Random, place: Place) -> None:
    row.update(country="中国", province=place.province, city=place.city, district=keep(rng, 0.55, place.district))


def _structured(rng: Random, project: SampleProject) -> None:
    """The columns that repeat the truth, where the entrant filled them in."""
    row = project.row
    row["stage"] = keep(rng, 0.62, project.stage)
    row["funding_round"] = keep(rng, 0.6, rng.choice([project.round, ROUNDS[project.round]]))
    row["funding_sought"] = keep(rng, 0.58, str(project.funds * 10_000))
    row["space_m2"] = keep(rng, 0.5, str(rng.choice([80, 150, 300, 500, 800, 1500, 3000])))
    facilities = [facility for facility in project.facilities if rng.random() < 0.6]
    row["facilities"] = join(facilities)
    wanted = [rng.choice([code, SERVICES[code]]) for code in project.services if rng.random() < 0.55]
    row["services_wanted"] = join(wanted)
    row["regions_wanted"] = keep(rng, 0.7, join(project.wants))
    row["confidentiality"] = rng.choices(["public", "teaser", "closed"], [88, 9, 3])[0]
    row["state"] = rng.choices(["active", "withdrawn", "disqualified"], [96, 3, 1])[0]


class ProjectWriter:
    """Writes one project after the other from one stream of random numbers."""

    def __init__(self, rng: Random, pools: Pools, stems: Stems) -> None:
        self.rng, self.pools, self.stems = rng, pools, stems

    def write(self, number: int, topic: Topic, place: Place, *, past: bool, overseas: bool) -> SampleProject:
        """A project on a topic, in a place."""
        rng = self.rng
        kind = rng.choices(["enterprise", "maker_team", "university", "institute"], [70, 24, 3, 3])[0]
        maker = kind != "enterprise"
        row: Row = dict.fromkeys(PROJECTS.names, "")
        _place(row, rng, place)
        if overseas:
            row["country"], row["city"] = rng.choice(OVERSEAS)
            row["province"] = row["district"] = ""
        stem = self.stems.take()
        row["project_id"] = f"SAMPLE-P{number:04d}"
        row["name"] = rng.choice(_NAME_FRAMES).replace("{}", rng.choice(topic.names)).replace("{s}", stem)
        row["applicant"] = _applicant(rng, kind, stem, row["city"] if overseas else place.short)
        row["applicant_kind"], row["group"] = keep(rng, 0.9, kind), "创客组" if maker else "企业组"
        row["sectors"] = _sectors(rng, self.pools, topic)
        row["keywords"] = keep(rng, 0.45, join([rng.choice(topic.names), self.pools.fields[topic.field].name]))
        first, last = (date(2020, 10, 8), date(2022, 2, 25)) if past else (date(2022, 6, 6), date(2022, 11, 18))
        listed = day_between(rng, first, last)
        _dates(rng, row, listed, maker)
        row["consent"] = rng.choices([c for c, _ in _CONSENT], [w for _, w in _CONSENT])[0]
        return self._finish(row, topic, place, maker=maker, listed=listed, past=past)

    def _finish(self, row: Row, topic: Topic, place: Place, *, maker: bool, listed: date, past: bool) -> SampleProject:
        rng = self.rng
        stage = _stage(rng, maker)
        round_ = rng.choice(_ROUND_OF[stage])
        low, high = _FUNDS[round_]
        routes = [(trait, text) for trait, text in topic.route if rng.random() < 0.5]
        traits = topic.traits | {trait for trait, _ in routes}
        facilities = tuple(f for f in FACILITIES if f in traits and rng.random() < 0.6)
        if not facilities and rng.random() < 0.4:
            facilities = ("office",)
        wants: tuple[str, ...] = (rng.choice([rng.choice(_MACROS), place.province, rng.choice(place.macros)]),)
        if row["country"] == "中国" and rng.random() < 0.5:
            wants = ()
        agreed = frozenset(row["consent"].split(";")) - {"none", ""}
        project = SampleProject(
            row,
            topic,
            traits,
            stage,
            round_,
            rng.randrange(low, high + 1, 50),
            place.contest if row["country"] == "中国" else "境外",
            place.macros if row["country"] == "中国" else (),
            wants,
            _services(rng, maker, topic),
            facilities,
            agreed if row["consent"] or not past else frozenset({"financing", "services"}),
            listed,
            past,
        )
        _structured(rng, project)
        write_texts(rng, self.pools, project, [text for _, text in routes])
        return project


def _alias(rng: Random, name: str) -> str:
    short = name.replace("研发及产业化", "").replace("项目", "").replace("关键技术与应用", "").replace("新型", "")
    return rng.choice([f"{short}的产业化应用", f"基于自主技术的{short}", f"{short}（二期）", f"国产{short}"])


def _retell(rng: Random, text: str, *, first: bool) -> str:
    """The text as somebody fills it in again for another form: shorter, reordered, some words changed."""
    sentences = split_sentences(text)
    rng.shuffle(sentences)
    kept = [sentence for sentence in sentences if rng.random() < 0.75]
    told = "".join(kept or sentences[: 1 if first else 0])
    for old, new in _OTHER_WORDS:
        if rng.random() < 0.7:
            told = told.replace(old, new)
    return told


def _twin(rng: Random, number: int, source: SampleProject) -> SampleProject:
    """The same project under another name, as a merged list of several contests has it."""
    row = dict(source.row)
    row["project_id"] = f"SAMPLE-P{number:04d}"
    row["name"] = _alias(rng, row["name"])
    row["applicant"] = row["applicant"].replace("有限公司", rng.choice(["", "股份有限公司"]))
    for column in ("keywords", "services_wanted", "stage", "funding_round", "regions_wanted", "profile", "sectors"):
        row[column] = keep(rng, 0.6, row[column])
    for column in ("summary", "innovation", "technology", "application", "evaluation"):
        row[column] = _retell(rng, row[column], first=column == "summary")
    listed = min(source.listed + timedelta(days=rng.randint(5, 40)), date(2022, 11, 29))
    row["listed_at"], row["updated_at"] = listed.isoformat(), ""
    twin = SampleProject(**{name: getattr(source, name) for name in SampleProject.__slots__})
    twin.row, twin.listed, twin.twin = row, listed, source.id
    return twin


def build_projects(rng: Random, pools: Pools, stems: Stems) -> list[SampleProject]:
    """All projects: earlier ones first, then the current ones, then near-duplicates of some of these."""
    writer = ProjectWriter(rng, pools, stems)
    deck: list[Topic] = []
    projects: list[SampleProject] = []
    for index in range(PAST + CURRENT):
        if not deck:
            deck = list(pools.topics)
            rng.shuffle(deck)
        past = index < PAST
        turn = index - PAST
        even = past or turn < 4 * len(pools.contests)
        place = rng.choice(pools.at(pools.contests[turn % len(pools.contests)]) if even else pools.places)
        overseas = not even and turn % 14 == 0
        projects.append(writer.write(index + 1, deck.pop(), place, past=past, overseas=overseas))
    for source in rng.sample([p for p in projects if not p.past and len(p.row["summary"]) > 110], TWINS):
        projects.append(_twin(rng, len(projects) + 1, source))
    return projects
