"""The papers around projects and institutions: awards, intellectual property, needs, judging."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from data.sample.entities import AS_OF, Row, SampleInstitution, SampleProject, Stems, day_between, join, keep, marked
from data.sample.pools import Pools, fill
from data.tables import AWARDS, IP, JUDGING, NEEDS

_PRIZES = ("一等奖", "二等奖", "三等奖", "优胜奖")
_WEIGHTS = (10, 20, 30, 40)
_ENDINGS = {
    "软件著作权": "软件 V1.{}",
    "发明专利": "的方法（{}）",
    "实用新型": "装置（{}）",
    "外观设计": "外观（{}）",
}
_THEMES = {"物联网", "区块链", "生物医药", "新材料", "智能装备"}


def _award(project: SampleProject, contest: str, kind: str, award: str, at: date) -> Row:
    row: Row = dict.fromkeys(AWARDS.names, "")
    edition = "2021" if project.past else "2022"
    row.update(project_id=project.id, programme="创客中国", edition=edition, contest=contest, contest_kind=kind)
    row.update(award=award, status="已公布", published_at=at.isoformat())
    return row


def _first_award(rng: Random, project: SampleProject) -> Row:
    """The award that made the project visible."""
    prize = rng.choices(_PRIZES, _WEIGHTS)[0]
    number = "第六届" if project.past else "第七届"
    if project.contest == "境外":
        return _award(project, f"{number}国际中小企业创新创业大赛", "境外区域赛", prize, project.listed)
    if project.past and rng.random() < 0.2:
        row = _award(project, "“创新之光”中小企业技术创新优秀成果", "成果征集", "优秀成果", project.listed)
        row["programme"] = "创新之光"
        return row
    if project.past and rng.random() < 0.15:
        row = _award(project, "“科创中国”系列榜单", "榜单", rng.choice(["先导技术榜", "新锐企业榜"]), project.listed)
        row["programme"] = "科创中国"
        return row
    contest = f"{number}“创客中国”{project.contest}中小企业创新创业大赛"
    return _award(project, contest, "区域赛", prize, project.listed)


def build_awards(rng: Random, pools: Pools, projects: list[SampleProject]) -> list[Row]:
    """One to three awards a project; a few are still under public notice or disputed."""
    rows: list[Row] = []
    for project in projects:
        own = [_first_award(rng, project)]
        theme = pools.fields[project.topic.field].theme
        if theme and not project.past and rng.random() < 0.14:
            kind = "专题赛" if theme in _THEMES else "赛道赛"
            middle = "中小企业创新创业大赛" if kind == "专题赛" else "产业链赛道赛"
            later = min(project.listed + timedelta(days=rng.randint(3, 25)), AS_OF)
            contest = f"第七届“创客中国”{theme}{middle}"
            own.append(_award(project, contest, kind, rng.choices(_PRIZES, _WEIGHTS)[0], later))
        if not project.past and project.listed < date(2022, 9, 1) and rng.random() < 0.4:
            own.append(_award(project, "第七届“创客中国”全国总决赛", "总决赛", "500强", date(2022, 10, 21)))
        draw = rng.random()
        if draw < 0.05 and not project.past:
            for row in own:
                row["status"] = "公示中" if draw < 0.038 else "有异议"
        rows.extend(own)
    return rows


def build_ip(rng: Random, projects: list[SampleProject], stems: Stems) -> list[Row]:
    """Up to five rights a project; near-duplicates repeat the numbers of the project they copy."""
    rows: list[Row] = []
    of: dict[str, list[Row]] = {}
    serial = 0
    for project in projects:
        own: list[Row] = []
        for source in of.get(project.twin, [])[:2]:
            own.append({**source, "project_id": project.id})
        count = 0 if own or rng.random() < 0.25 else rng.choice([1, 2, 2, 3, 4, 5])
        for place in range(count):
            serial += 1
            own.append(_right(rng, project, place, serial, stems))
        of[project.id] = own
        rows.extend(own)
    return rows


def _right(rng: Random, project: SampleProject, place: int, serial: int, stems: Stems) -> Row:
    row: Row = dict.fromkeys(IP.names, "")
    soft = "software" in project.traits
    kind = rng.choice(["软件著作权", "发明专利"] if soft else ["发明专利", "实用新型", "实用新型", "外观设计"])
    title = project.topic.names[place % len(project.topic.names)]
    title = ("" if kind == "软件著作权" else "一种") + title + _ENDINGS[kind].format(place + 1)
    granted = day_between(rng, date(2016, 3, 1), project.listed - timedelta(days=20))
    holder = project.row["applicant"] if rng.random() > 0.06 else marked(f"{stems.take()}大学")
    row.update(project_id=project.id, kind=kind, title=title, number=f"样例-{granted.year}-{serial:05d}", holder=holder)
    row["granted_at"] = keep(rng, 0.9, granted.isoformat())
    row["status"] = rng.choices(["有效", "审中", "失效", ""], [80, 9, 3, 8])[0]
    return row


def build_needs(rng: Random, pools: Pools, institutions: list[SampleInstitution]) -> list[Row]:
    """The challenges of the lead enterprises: each goes to the enterprise whose focus is nearest."""
    leads = [institution for institution in institutions if institution.channel == "challenge"]
    load = {lead.id: 0 for lead in leads}
    topics = {topic.id: topic for topic in pools.topics}
    rows: list[Row] = []
    for number, need in enumerate(pools.needs, start=1):
        topic = topics[need["topic"]]

        def distance(lead: SampleInstitution, topic: object = topic, field: str = topic.field) -> tuple[int, int, str]:
            far = 0 if topic in lead.focus else 1 if any(t.field == field for t in lead.focus) else 2
            return (load[lead.id] // 4, far + load[lead.id], lead.id)

        owner = min(leads, key=distance)
        load[owner.id] += 1
        row: Row = dict.fromkeys(NEEDS.names, "")
        opened = day_between(rng, max(date(2022, 4, 1), owner.listed), date(2022, 10, 20))
        row.update(need_id=f"SAMPLE-N{number:03d}", institution_id=owner.id, title=need["title"])
        row.update(text=fill(rng, need["text"]), kind=need["kind"], opened_at=opened.isoformat())
        labels = pools.fields[topic.field].labels()
        row["sectors"] = keep(rng, 0.6, join(rng.sample(labels, 1)))
        row["closed_at"] = keep(rng, 0.3, (opened + timedelta(days=rng.randint(120, 300))).isoformat())
        rows.append(row)
    return rows


def build_judging(rng: Random, projects: list[SampleProject], institutions: list[SampleInstitution]) -> list[Row]:
    """Which institutions sat in judgement on which projects."""
    rows: list[Row] = []
    current = [project for project in projects if not project.past]
    for institution in institutions:
        if "judge" not in institution.row["roles"].split(";"):
            continue
        near = [project for project in current if project.contest == institution.contest]
        for project in rng.sample(near, min(len(near), rng.randint(3, 8))):
            at = project.listed - timedelta(days=rng.randint(6, 15))
            row: Row = dict.fromkeys(JUDGING.names, "")
            row.update(institution_id=institution.id, project_id=project.id, edition="2022", at=at.isoformat())
            rows.append(row)
    return rows
