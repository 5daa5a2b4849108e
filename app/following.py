"""Follow-up as it is listed: with names as they may be shown, places, and filters by owner and region."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.masking import MASK, PERSONAL, mask_project
from data.cases import LADDER
from data.followup import ACTION, CLOSED, NOT_CALLED, Plan, followups
from data.problem import DuijieError
from data.reference.regions import regions
from data.store import Store
from matcher.gate import let_go

LABELS = {
    "scheduled": ("待回访", "Scheduled"),
    "not_called": ("未回访", "Not called back"),
    "complete": ("已完成全部回访", "All call-backs made"),
    "closed": ("已结束", "Closed"),
    "": ("未指派", "Nobody in charge"),
}
"""Follow-up states, and what stands for an owner nobody named, in words."""
PLACES = ("province", "city", "district")
GROUPINGS = (*PLACES, "owner", "channel", "institution_id")
SHOWN = (
    *(
        "project_id",
        "project",
        "institution_id",
        "institution",
        "channel",
        *PLACES,
        "owner",
        "state",
        "due",
        "due_from",
    ),
    *("overdue_days", "next_step", "rung", "introduced_at", "last_contact", "attempts"),
)


def follow_up_list(store: Store, as_of: date, plan: Plan | None = None, *, everything: bool = False) -> pd.DataFrame:
    """Every case as :func:`data.followup.followups` gives it, with ``project``, ``institution`` and the place's names
    (``province`` in full, ``city``, ``district``; "" where unknown); longest overdue first inside each place and owner.

    Cases of projects that are let go today (:func:`matcher.gate.let_go`; ``let_go`` says why) are left out. With
    ``everything`` they stand among the others as closed, by their ids alone: nobody calls back, nobody reads a name.
    """
    tables = store.shown("projects", "outcomes")
    found = followups(tables["outcomes"], store.journal(ACTION), as_of, plan, store.merges())
    found["let_go"] = _let_go(tables["projects"], found)
    found = found if everything else found[found["let_go"] == ""].reset_index(drop=True)
    projects = _named_projects(tables["projects"], set(found["project_id"]))
    names = store.current("institutions").select(["institution_id", "name"]).to_pandas()
    found = found.merge(projects, on="project_id", how="left")
    found["institution"] = found["institution_id"].map(names.set_index("institution_id")["name"]).fillna("")
    for name in ("project", "institution", *PLACES):
        found[name] = found[name].fillna("").astype(str)
    found["next_step"] = [PERSONAL.sub(MASK, text) for text in found["next_step"]]
    gone = found["let_go"] != ""
    found.loc[gone, ["project", *PLACES, "next_step", "due_from"]] = ""
    found.loc[gone, "state"], found.loc[gone, "due"], found.loc[gone, "overdue_days"] = CLOSED, pd.NaT, 0
    found["rung"] = [LADDER[rung] for rung in found["rung"]]
    order = [*PLACES, "owner", "due", "project_id", "institution_id", "channel"]
    return found.sort_values(order, ignore_index=True, kind="stable")


def _let_go(projects: pa.Table, found: pd.DataFrame) -> list[str]:
    """Why the project of each case is let go in the channel of the case; "" where it is not."""
    wanted = pa.array(found["project_id"].unique().tolist(), pa.string())
    mine = projects.filter(pc.is_in(projects.column("project_id"), value_set=wanted))
    ids = mine.column("project_id").to_pylist()
    told = {name: dict(zip(ids, let_go(mine, name), strict=True)) for name in found["channel"].unique()}
    return [told[name].get(key, "") for key, name in zip(found["project_id"], found["channel"], strict=True)]


def _named_projects(projects: pa.Table, wanted: set[str]) -> pd.DataFrame:
    """Id, shown name and place of the projects that have cases."""
    columns = ["project_id", "name", "applicant", "country", *PLACES, "sectors", "confidentiality"]
    rows = []
    mine = pc.is_in(projects.column("project_id"), value_set=pa.array(sorted(wanted), pa.string()))
    for row in projects.filter(mine).select(columns).to_pylist():
        place = regions().resolve(row["country"], row["province"], row["city"], row["district"])
        name = mask_project(row).row(row)["name"]
        province = regions().label(place.province_code) if place else ""
        spot = (province, place.city, place.district, place.code) if place else ("", "", "", "")
        rows.append((row["project_id"], name, *spot))
    return pd.DataFrame(rows, columns=["project_id", "project", *PLACES, "place"])


def in_region(found: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows whose project lies in a place: a province, city or county, or a contest or macro-region by name.

    Raises
    ------
    DuijieError
        ``region.unknown`` when no place is called so.
    """
    place = regions().resolve("", region)
    codes = (place.code,) if place else regions().find(region)[-1:]
    if not codes:
        raise DuijieError("region.unknown", f"没有名为“{region[:30]}”的地区 / no such region", "浙江, 杭州市, 上党区")
    inside = {code: regions().covers(codes[0], regions().place(code)) for code in found["place"].dropna().unique()}
    return found[found["place"].map(inside).eq(True)]


def of_owner(found: pd.DataFrame, owner: str) -> pd.DataFrame:
    """Rows somebody is in charge of; ``""`` for those nobody is."""
    return found[found["owner"] == owner]


def overdue(found: pd.DataFrame) -> pd.DataFrame:
    """Rows whose call-back is past due: 未回访, which says nothing of how the case stands."""
    return found[found["state"] == NOT_CALLED]


def counted(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Cases by place, owner, channel or institution: ``cases``, ``open``, ``not_called`` and ``longest`` (days)."""
    late = found["state"] == NOT_CALLED
    still_open = (found["case_state"] == "open") & (found["let_go"] == "")
    marked = found.assign(open=still_open, not_called=late)
    keys = list(PLACES[: PLACES.index(by) + 1]) if by in PLACES else [by]
    grouped = marked.groupby(keys, sort=True, dropna=False)
    table = grouped.agg(
        cases=("open", "size"),
        open=("open", "sum"),
        not_called=("not_called", "sum"),
        longest=("overdue_days", "max"),
    ).reset_index()
    return table.sort_values(["not_called", "longest", *keys], ascending=[False, False] + [True] * len(keys))
