"""Growth cases 培育成长案例: proposed by the three criteria of the notice, confirmed by a person, told as allowed.

A proposal rests on evidence: dated events, awards, or a sentence of the entrant. What the entrant says of itself is
marked as self-declared; an event with a source and a published award count as checked. A case is told with its name
only when the project is public and agreed to every channel that is told of; it is anonymous while nobody was asked, and
not told at all when it refused, withdrew, is closed or still under public notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.masking import Mask, mask_project
from app.reports.facts import Facts
from data.cases import LADDER
from data.consents import agreed, said_no
from data.merging import Merges
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from data.store import Store
from matcher.gate import held_back

ACTION = "growth_case"
"""Name of the action in the journal."""
FAST, POTENTIAL, NOVEL = "fast", "potential", "novel"
CRITERIA = {FAST: ("成长快", "grows fast"), POTENTIAL: ("潜力大", "great potential"), NOVEL: ("模式新", "new model")}
NAMED, ANONYMOUS, WITHHELD = "named", "anonymous", "withheld"
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a criterion holds. ``channel`` is "" where none is told of; ``checked``: more than the entrant's own word.

    ``vague_zh`` and ``vague_en`` say the same without dates and sums, for a case that is told anonymously.
    """

    criterion: str
    zh: str
    en: str
    vague_zh: str
    vague_en: str
    checked: bool
    channel: str = ""


@dataclass(frozen=True)
class GrowthCase:
    """A proposed project with the evidence of every criterion; ``shown``: how it may be told; ``by``: who confirmed."""

    project_id: str
    row: Mapping[str, Any]
    evidence: tuple[Evidence, ...]
    shown: str
    by: str = ""

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria that hold, in the order of the notice."""
        held = {one.criterion for one in self.evidence}
        return tuple(name for name in CRITERIA if name in held)


@cache
def rules() -> dict[str, Any]:
    """Thresholds and words of ``growth.toml``."""
    return tomllib.loads((resources.files("app.reports") / "growth.toml").read_text(encoding="utf-8"))


def propose(facts: Facts) -> list[GrowthCase]:
    """Every project of the scope that meets a criterion as of the last day, by id."""
    found: dict[str, list[Evidence]] = {}
    sourced = _sourced(facts)
    for project_id, one in (*_fast(facts, sourced), *_many_intents(facts, sourced), *_awarded(facts), *_novel(facts)):
        found.setdefault(project_id, []).append(one)
    members = set(facts.projects["project_id"])
    ids = sorted(set(found) & members)
    table = facts.view.projects
    table = table.filter(pc.is_in(table.column("project_id"), value_set=pa.array(ids, pa.string())))
    held = held_back(table, facts.view.awards)
    rows = zip(table.to_pylist(), held, strict=True)
    cases = ((row, tuple(found[key := row["project_id"]]), why or facts.gone.get(key, "")) for row, why in rows)
    return [GrowthCase(row["project_id"], row, own, _shown(row, own, why)) for row, own, why in cases]


def _shown(row: Mapping[str, Any], evidence: Iterable[Evidence], held: str) -> str:
    """How a case may be told. Evidence of a channel that is not agreed to makes it anonymous, as no answer does."""
    told, channels = row["consent"], {one.channel for one in evidence if one.channel}
    given = agreed(told)
    everywhere = all(said_no(told, name) for name in vocabulary("channels").codes)
    if held or everywhere or any(said_no(told, name) for name in channels):
        return WITHHELD
    return NAMED if given and channels <= given and row["confidentiality"] == "public" else ANONYMOUS


def _sourced(facts: Facts) -> set[tuple[str, str, str]]:
    """Cases of which a signing, a delivery or an intent is told with a source."""
    table = facts.view.outcomes
    kept = table.filter(pc.is_in(table.column("event"), value_set=pa.array(LADDER[4:])))
    kept = kept.filter(pc.is_valid(kept.column("source")))
    columns = [kept.column(name).to_pylist() for name in ("project_id", "institution_id", "channel")]
    return set(zip(*columns, strict=True))


def _fast(facts: Facts, sourced: set[tuple[str, str, str]]) -> Iterable[tuple[str, Evidence]]:
    """Signed in the period and soon after the introduction."""
    begun, signed = facts.rungs["introduced"], facts.rungs["signed"]
    took = (signed - begun).astype(np.int64)
    for at in np.flatnonzero(facts.within(signed) & (took <= rules()[FAST]["days"])):
        row = facts.cases.iloc[int(at)]
        channel, days = str(row["channel"]), int(took[at])
        zh, en = vocabulary("channels").label(channel), vocabulary("channels").label(channel, "en")
        key = (row["project_id"], row["institution_id"], channel)
        yield (
            row["project_id"],
            Evidence(
                FAST,
                f"{zh}：{begun[at]} 引荐，{signed[at]} 签约，历时 {days} 天。",
                f"{en}: introduced {begun[at]}, signed {signed[at]}, {days} days.",
                f"{zh}：引荐后 {rules()[FAST]['days']} 天内签约。",
                f"{en}: signed within {rules()[FAST]['days']} days of the introduction.",
                key in sourced,
                channel,
            ),
        )


def _many_intents(facts: Facts, sourced: set[tuple[str, str, str]]) -> Iterable[tuple[str, Evidence]]:
    """Several institutions came to an intent."""
    reached = facts.cases[~np.isnat(facts.rungs["intent"])]
    for project_id, rows in reached.groupby("project_id", sort=True):
        count, least = int(rows["institution_id"].nunique()), rules()[POTENTIAL]["institutions"]
        if count < least:
            continue
        keys = rows[["project_id", "institution_id", "channel"]].itertuples(index=False, name=None)
        checked = all(key in sourced for key in keys)
        for channel in rows["channel"].unique():
            zh, en = f"{count} 家机构达成意向或更进一步。", f"{count} institutions came to an intent or further."
            vague = (f"{least} 家以上机构达成意向。", f"At least {least} institutions came to an intent.")
            yield str(project_id), Evidence(POTENTIAL, zh, en, *vague, checked, str(channel))


def _awarded(facts: Facts) -> Iterable[tuple[str, Evidence]]:
    """A published award of the level that the rule names."""
    level = rules()[POTENTIAL]["level"]
    frame = facts.awards[facts.awards["confirmed"].to_numpy(bool) & (facts.awards["level"] == level).to_numpy(bool)]
    for row in frame.to_dict("records"):
        told = " ".join(str(row[name]) for name in ("programme", "edition", "award") if row[name])
        zh, en = f"获{level}级奖项：{told}。", f"National award: {told}."
        published = row["status"] == "已公布"  # an award without a status is the entrant's word
        yield row["project_id"], Evidence(POTENTIAL, zh, en, f"获{level}级奖项。", "Holds a national award.", published)


def _novel(facts: Facts) -> Iterable[tuple[str, Evidence]]:
    """The entrant's own words; a sentence about plans is no evidence."""
    rule = rules()[NOVEL]
    wanted = re.compile("|".join(map(re.escape, rule["words"])))
    planned = re.compile("|".join(map(re.escape, rule["not_words"])))
    table = facts.view.projects.select(["project_id", *rule["columns"]])
    members = pa.array(facts.projects["project_id"].tolist(), pa.string())
    table = table.filter(pc.is_in(table.column("project_id"), value_set=members))
    hits = [
        pc.fill_null(pc.match_substring_regex(table.column(name), wanted.pattern), False) for name in rule["columns"]
    ]
    any_hit = hits[0]
    for hit in hits[1:]:
        any_hit = pc.or_(any_hit, hit)
    for row in table.filter(any_hit).to_pylist():
        text = "\n".join(row[name] for name in rule["columns"] if row[name])
        sentences = (part.strip() for part in _SENTENCE.findall(text))
        found = next((one for one in sentences if wanted.search(one) and not planned.search(one)), None)
        if found:
            yield row["project_id"], Evidence(NOVEL, f"“{found}”", f"“{found}”", f"“{found}”", f"“{found}”", False)


def confirmations(entries: Iterable[Mapping[str, Any]], merges: Merges) -> dict[str, dict[str, str]]:
    """Who confirmed which criteria of which project, after journal entries in their order."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        payload = entry["payload"]
        project_id = merges.get(payload["project_id"], payload["project_id"])
        if payload["kind"] == "withdraw":
            found.pop(project_id, None)
        else:
            found.setdefault(project_id, {}).update(dict.fromkeys(payload["criteria"], payload["by"]))
    return found


def confirmed(cases: Iterable[GrowthCase], told: Mapping[str, Mapping[str, str]]) -> list[GrowthCase]:
    """The proposed cases that a person confirmed, each with the confirmed criteria only."""
    found = []
    for case in cases:
        names = told.get(case.project_id, {})
        kept = tuple(one for one in case.evidence if one.criterion in names)
        if kept:
            by = "、".join(dict.fromkeys(names[one.criterion] for one in kept))
            found.append(replace(case, evidence=kept, by=by))
    return found


def confirm(store: Store, case: GrowthCase, *, by: str, actor: str, on: date) -> None:
    """Write into the journal that ``by`` confirms every criterion that holds for a proposed case.

    Raises
    ------
    DuijieError
        ``growth.by`` without the name of a person.
    """
    if not by.strip():
        raise DuijieError("growth.by", "须写明确认人 / who confirms?", "--by NAME")
    payload = {"kind": "confirm", "project_id": case.project_id, "criteria": list(case.criteria), "by": by.strip()}
    store.append(actor, ACTION, {**payload, "on": on.isoformat()})


def withdraw(store: Store, project_id: str, *, by: str, actor: str, on: date) -> None:
    """Take every confirmation of a project back.

    Raises
    ------
    DuijieError
        ``growth.unconfirmed`` when nobody confirmed it.
    """
    if project_id not in confirmations(store.journal(ACTION), store.merges()):
        raise DuijieError("growth.unconfirmed", f"{project_id} 未经确认 / was not confirmed", "duijie report proposals")
    store.append(actor, ACTION, {"kind": "withdraw", "project_id": project_id, "by": by, "on": on.isoformat()})


def told_as(case: GrowthCase, language: str) -> tuple[str, list[tuple[str, str, bool]]]:
    """Name and evidence of a case as they may be told: criterion, sentence, and whether it was checked.

    An anonymous case has sector and province for a name and no dates; a sentence that would name it is left out.
    """
    anonymous = case.shown != NAMED
    row = {**case.row, "confidentiality": "teaser"} if anonymous else case.row
    mask: Mask = mask_project(row)
    lines = []
    for one in case.evidence:
        zh, en = (one.vague_zh, one.vague_en) if anonymous else (one.zh, one.en)
        text = mask.text(en if language == "en" else zh)
        if text is not None:
            lines.append((CRITERIA[one.criterion][language == "en"], text, one.checked))
    return str(mask.row(row)["name"]), list(dict.fromkeys(lines))
