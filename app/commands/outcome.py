"""``duijie outcome``: enter what became of an introduction, take it back, or list what was told of a case."""

from __future__ import annotations

import getpass
from datetime import date
from typing import Any

import click
import pyarrow as pa

from app.exports import write
from app.options import DateType, channel_option, format_option, out_option, say, store_option
from data.cases import AFTER, ENDS, EVENTS, LADDER, state_of
from data.declines import VOCABULARY, decline_code, decline_label
from data.entry import Entry, case_history, enter_event, retract_event
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from data.store import Store, open_store

REASONS = "、".join(vocabulary(VOCABULARY).label(code) for code in vocabulary(VOCABULARY).codes)


class EventType(click.ParamType):
    """An event by code, name or synonym: met, 会面, 已会面."""

    name = "EVENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = vocabulary("events").resolve(str(value))
        if code is None:
            self.fail(f"{value!r} is none of {', '.join(EVENTS)}", param, ctx)
        return code


def tell(entry: Entry) -> None:
    """What was wrong or odd with an entry, and what was kept."""
    for problem in entry.problems:
        hint = f"（{problem.hint}）" if problem.hint else ""
        say(f"  [{problem.severity} {problem.code}] {problem.column}: {problem.message}{hint}")
    if not entry.accepted:
        say("未写入 / nothing was written")
        return
    row = entry.rows.to_pylist()[0]
    kept = "已记录 / recorded" if entry.added or entry.changed else "已在库中 / known already"
    label = vocabulary("events").label(row["event"])
    say(f"{row['project_id']} × {row['institution_id']} {label} {row['event']} {row['at']}: {kept}")
    if row["event"] in ENDS:
        code = decline_code(row["reason"])
        say(f"理由 / reason: {decline_label(code) or '未说明'} / {decline_label(code, 'en') or 'not given'}")


def history_table(store: Store, case: dict[str, str]) -> pa.Table:
    """The history of a case as a table, with the code of every reason."""
    rows = [{**row, "reason_code": decline_code(row["reason"])} for row in case_history(store, case)]
    if not rows:
        raise DuijieError("case.unknown", f"没有这一对接 / nothing is known of {' × '.join(case.values())}")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("project_id", "action")),
            *(("event", pa.string()), ("at", pa.date32()), ("amount", pa.float64())),
            *((name, pa.string()) for name in ("round", "reason", "reason_code", "source", "note", "actor")),
            *(("told_at", pa.timestamp("us")), ("stands", pa.bool_())),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


@click.command("outcome", epilog=f"谢绝理由 / reasons: {REASONS}")
@click.argument("project_id")
@click.argument("institution_id")
@store_option
@channel_option(required=True)
@click.option("--event", type=EventType(), help=f"{' → '.join(LADDER)}; {', '.join((*ENDS, *AFTER))}")
@click.option("--at", type=DateType(), help="发生日期，默认今天 / when it happened, default today")
@click.option("--amount", help="金额，如 500万元 / sum, CNY unless it says otherwise")
@click.option("--round", "round_", help="轮次 / round")
@click.option("--reason", help="谢绝、撤回或撤销的理由 / why it was declined, withdrawn or is taken back")
@click.option("--source", help="依据，如文件名或来电人角色 / proof: a document, who said so")
@click.option("--retract", is_flag=True, help="撤销已录入的一条 / take an event back")
@click.option("--list", "listing", is_flag=True, help="列出该对接的全部记录与更正 / what was told, with corrections")
@format_option
@out_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    project_id: str,
    institution_id: str,
    store: str,
    channel: str,
    event: str | None,
    at: date | None,
    amount: str | None,
    round_: str | None,
    reason: str | None,
    source: str | None,
    retract: bool,
    listing: bool,
    form: str,
    out: str | None,
) -> None:
    """录入一次引荐的进展。Enter what became of an introduction; to correct an event, take it back and enter it anew."""
    file = open_store(store)
    case = {"project_id": project_id, "institution_id": institution_id, "channel": channel}
    if listing:
        write({"history": history_table(file, case)}, form, out)
        return
    if event is None:
        raise DuijieError("outcome.event", "未说明进展 / no event given", "--event " + "|".join(EVENTS))
    actor, today = getpass.getuser(), date.today()
    if retract:
        key = retract_event(file, {**case, "event": event}, actor=actor, reason=reason or "", at=at)
        say(f"{project_id} × {institution_id} {event} {key['at']}: 已撤销 / taken back")
    else:
        cells = {**case, "event": event, "at": at or today, "amount": amount, "round": round_}
        entry = enter_event(file, {**cells, "reason": reason, "source": source}, actor=actor, today=today)
        tell(entry)
        if not entry.accepted:
            ctx.exit(1)
    now = state_of(file.current("outcomes"), project_id, institution_id, channel, today)
    say(f"状态 / state: {now['state']}, {LADDER[now['rung']]}" if now else "状态 / state: —")
