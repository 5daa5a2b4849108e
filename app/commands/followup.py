"""``duijie followup``: who asks how an introduction goes on, what comes next, and which call-backs are past due."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pyarrow as pa

from app.calendar import calendar_of, changes_of, revisions
from app.commands.outcome import EventType, tell
from app.exports import write
from app.following import GROUPINGS, LABELS, SHOWN, counted, follow_up_list, in_region, of_owner, overdue
from app.options import DateType, channel_option, format_option, out_option, say, store_option
from app.system import call_back_plan
from data.cases import KEY
from data.entry import check_event, enter_event
from data.followup import CONTACTED, EVENT, NOT_CALLED, NOT_REACHED, VOID
from data.followup_entry import call_back, set_followup
from data.problem import DuijieError
from data.store import Store, open_store

NOBODY = "-"
"""Stands for "nobody is in charge" in ``--owner``."""
DATES = ("due", "introduced_at", "last_contact")


def selected(
    store: Store, as_of: date | None, region: str | None, owner: str | None, everything: bool = False
) -> pd.DataFrame:
    """The follow-up list of a date, of a region and an owner; ``everything``: with the cases that are let go."""
    found = follow_up_list(store, as_of or date.today(), call_back_plan(), everything=everything)
    if region:
        found = in_region(found, region)
    return of_owner(found, "" if owner == NOBODY else owner) if owner is not None else found


def as_table(frame: pd.DataFrame) -> pa.Table:
    """A list as a table; dates without a time of day."""
    shown = frame.copy()
    for name in DATES:
        if name in shown:
            days = [None if pd.isna(day) else day.date() for day in shown[name]]
            shown[name] = pd.Series(days, index=shown.index, dtype=pd.ArrowDtype(pa.date32()))
    return pa.Table.from_pandas(shown, preserve_index=False).replace_schema_metadata(None)


def selection(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that choose rows of the list."""
    for option in (
        click.option("--owner", help=f"负责人；“{NOBODY}”为未指派 / in charge; “{NOBODY}”: nobody"),
        click.option("--region", help="省、市或县区 / province, city or county"),
        click.option("--as-of", type=DateType(), help="按该日，默认今天 / as of DATE (YYYY-MM-DD), default today"),
    ):
        command = option(command)
    return command


def case_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Arguments and options that name one case."""
    for option in (
        channel_option(required=True),
        store_option,
        click.argument("institution_id"),
        click.argument("project_id"),
    ):
        command = option(command)
    return command


@click.group("followup")
def COMMAND() -> None:
    """回访与跟踪：负责人、下一步、到期日。Follow-up of introductions: owner, next step, due date.

    A call-back that is past due (未回访) counts neither as a success nor as a failure.
    """


@COMMAND.command("list")
@store_option
@selection
@click.option("--overdue", "late", is_flag=True, help="只列未回访 / only those past due")
@click.option("--by", type=click.Choice(GROUPINGS), help="汇总 / count by place, owner, channel or institution")
@click.option(
    "--all", "everything", is_flag=True, help="也列已撤回、取消资格等，仅编号 / also withdrawn ones, by id only"
)
@format_option
@out_option
def list_command(
    store: str,
    as_of: date | None,
    region: str | None,
    owner: str | None,
    late: bool,
    by: str | None,
    everything: bool,
    form: str,
    out: str | None,
) -> None:
    """列出回访任务，按地区与负责人排序。List call-backs by place and owner, the longest overdue first.

    A project that was withdrawn, disqualified, closed or that refused the channel needs no call-back and is left out.
    """
    found = selected(open_store(store), as_of, region, owner, everything)
    counts = Counter(found["state"])
    rows = overdue(found) if late else found
    table = as_table(counted(found, by) if by else rows[list(SHOWN)])
    write({"followup": table}, form, out)
    told = "；".join(f"{LABELS[state][0]} {LABELS[state][1]} {count}" for state, count in sorted(counts.items()))
    say(told or "没有对接 / no introductions")


@COMMAND.command("set")
@case_arguments
@click.option("--owner", help="负责人，空为取消 / in charge; empty takes it away")
@click.option("--next-step", help="下一步 / what comes next")
@click.option("--due", type=DateType(), help="到期日 / due date; it holds until the next contact")
@click.option("--plan-due", is_flag=True, help="恢复计划日期 / the plan's date instead of one's own")
def set_command(
    project_id: str,
    institution_id: str,
    store: str,
    channel: str,
    owner: str | None,
    next_step: str | None,
    due: date | None,
    plan_due: bool,
) -> None:
    """指定负责人、下一步与到期日。Say who is in charge, what comes next and when."""
    if due and plan_due:
        raise DuijieError("followup.due", "--due 与 --plan-due 不能并用 / only one of the two")
    file, case = open_store(store), dict(zip(KEY, (project_id, institution_id, channel), strict=True))
    own = "" if plan_due else due
    set_followup(file, case, actor=getpass.getuser(), today=date.today(), owner=owner, next_step=next_step, due=own)
    show(file, case)


@COMMAND.command("done")
@case_arguments
@click.option("--result", type=click.Choice([CONTACTED, NOT_REACHED, VOID]), help="已联系、未联系上、撤销 / result")
@click.option("--event", type=EventType(), help="得知的新进展 / the case went on: the event is recorded as well")
@click.option("--on", type=DateType(), help="回访日，默认今天 / the day of the call, default today")
@click.option("--reason", help="进展为谢绝或撤回时的理由 / why it was declined or withdrawn")
@click.option("--note", default="", help="备注，不写联系方式 / remark, without contact data")
@click.pass_context
def done_command(
    ctx: click.Context,
    project_id: str,
    institution_id: str,
    store: str,
    channel: str,
    result: str | None,
    event: str | None,
    on: date | None,
    reason: str | None,
    note: str,
) -> None:
    """登记一次回访。Enter a call-back; a second entry of one day replaces the first, `--result void` removes it."""
    if (result is None) == (event is None):
        raise DuijieError("followup.result", "须给出 --result 或 --event 之一 / give one of --result and --event")
    file, case = open_store(store), dict(zip(KEY, (project_id, institution_id, channel), strict=True))
    actor, today = getpass.getuser(), date.today()
    cells = {**case, "event": event, "at": on or today, "reason": reason, "source": "回访 / call-back"}
    if event and not (checked := check_event(file, cells, today)).accepted:
        tell(checked)
        ctx.exit(1)
    call_back(file, case, EVENT if event else str(result), actor=actor, today=today, on=on, note=note)
    if event:
        tell(enter_event(file, cells, actor=actor, today=today))
    show(file, case)


def show(store: Store, case: dict[str, str]) -> None:
    """Where the follow-up of one case stands today."""
    found = follow_up_list(store, date.today(), call_back_plan(), everything=True)
    shown = store.merges().get(case["project_id"], case["project_id"])
    keys = (shown, case["institution_id"], case["channel"])
    row = found[(found[KEY] == list(keys)).all(axis=1)].iloc[0]
    zh, en = LABELS[row["state"]]
    due = "" if pd.isna(row["due"]) else f" {row['due'].date()}"
    late = f"，逾期 {row['overdue_days']} 天 / days overdue" if row["state"] == NOT_CALLED else ""
    say(f"{' × '.join(keys)}: {zh} / {en}{due}{late}; {row['owner'] or LABELS[''][0]}; {row['next_step'] or '—'}")


@COMMAND.command("calendar")
@store_option
@selection
@click.option("--out", required=True, metavar="FILE.ics", help="写入或更新的日历 / the calendar to write or renew")
def calendar_command(store: str, as_of: date | None, region: str | None, owner: str | None, out: str) -> None:
    """导出日历（.ics）：每个对接一个全天事项。Export a calendar: one all-day event a case, without contact data."""
    file, path = open_store(store), Path(out)
    found = selected(file, as_of, region, owner, everything=True)
    before = revisions(path.read_bytes()) if path.exists() else {}
    day = as_of or date.today()
    path.write_bytes(calendar_of(found, day, changes_of(file), before))
    say(f"{out}: {len(revisions(path.read_bytes()))} 项 / events")
