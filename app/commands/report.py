"""``duijie report``: the quarterly 赛事专报 and the ten-day summary, their growth cases, templates and deadlines."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from app.exports import write
from app.options import DateType, format_option, out_option, say, store_option
from app.reports.awards import contest_wordings, contests_named, placed_awards
from app.reports.deadlines import OVERDUE, contest_end, deadlines, keep_end, keep_written
from app.reports.document import write_document
from app.reports.facts import Facts, read_facts
from app.reports.growth import ACTION, WITHHELD, confirm, confirmations, confirmed, propose, withdraw
from app.reports.report import CONTEST, QUARTER, make_report
from app.reports.scope import Scope, resolve_scope
from app.reports.template import LANGUAGES, default_template, load_template
from app.reports.workbook import proposal_rows, write_workbook
from data.problem import DuijieError
from data.store import Store, open_store

WRITERS = {".docx": write_document, ".xlsx": write_workbook}
scope_option = click.option(
    "--scope",
    default="",
    metavar="NAME",
    help="省、市、赛事、届次或项目名，默认全国 / place, contest, programme; default all",
)
from_option = click.option("--from", "start", type=DateType(), required=True, help="起始日（含）/ first day")
to_option = click.option("--to", "end", type=DateType(), required=True, help="截止日（含）/ last day")
language_option = click.option(
    "--language", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="语言 / language"
)


def _scope(store: Store, name: str) -> Scope:
    """The scope of a name; contests that only the stored awards name count too."""
    if not name:
        return resolve_scope(name)
    placed = placed_awards(store.shown("projects", "awards")["awards"])
    return resolve_scope(name, contests_named(placed), wordings=contest_wordings(placed))


@click.group("report")
def COMMAND() -> None:
    """赛事专报、赛事总结与报送期限。Reports that organisers hand up, and when they are due.

    Every number bears the id of its figure; the annex tells definition, query, data and run. Figures of groups of fewer
    than five are hidden unless the report is the organizer's own (--organizer).
    """


def _writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of the two kinds of report."""
    options = [
        scope_option,
        from_option,
        to_option,
        click.option("--out", required=True, metavar="FILE", help="FILE.docx | FILE.xlsx"),
        store_option,
        click.option("--template", metavar="FILE", help="自己的模板 / your own template (duijie report template)"),
        language_option,
        click.option(
            "--organizer", is_flag=True, help="内部稿：显示小数字与提名 / own copy with small cells and proposals"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _write_report(
    kind: str,
    scope: str,
    start: date,
    end: date,
    out: str,
    store: str,
    template: str | None,
    language: str,
    organizer: bool,
) -> None:
    path = Path(out)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise DuijieError("report.format", f"不支持 / no such format: {path.name}", f"one of {', '.join(WRITERS)}")
    shape = load_template(kind, language, template)
    file = open_store(store)
    place = _scope(file, scope)
    if kind == CONTEST and place.kind not in ("contest", "edition"):
        raise DuijieError("report.contest", f"{place.zh} 不是赛事 / no contest", "--scope 赛事名 / NAME of a contest")
    facts = read_facts(file, place, start, end)
    known = contest_end(file, place) if kind == CONTEST else None
    ends = known[0] if known else end
    report = make_report(file, facts, kind, shape, written=date.today(), ends=ends, internal=organizer)
    content = writer(report)
    path.write_bytes(content)
    digest = keep_written(file, report, content, actor=getpass.getuser(), name=path.name)
    if end > date.today():
        say("注意：截止日未到，数字未完 / the period is not over: figures are incomplete")
    say(f"{path.name}: {place.zh} {start}–{end}, 数字 / figures {len(report.book)}, sha256 {digest[:12]}")
    if kind == CONTEST:
        return
    proposed = {case.project_id for case in report.proposals if case.shown != WITHHELD}
    waiting = len(proposed - {case.project_id for case in report.cases})
    say(f"待人工确认的案例 / growth cases to confirm: {waiting}（duijie report proposals）")


@COMMAND.command(QUARTER)
@_writing
def quarter_command(**options: Any) -> None:
    """编制赛事专报（季报）。Write the quarterly report: preparation, services and results, growth cases."""
    _write_report(QUARTER, **options)


@COMMAND.command(CONTEST)
@_writing
def contest_command(**options: Any) -> None:
    """编制赛事总结（赛事结束 10 天内）。Write the summary of a contest, due ten days after its end."""
    _write_report(CONTEST, **options)


@COMMAND.command("template")
@click.argument("kind", type=click.Choice([QUARTER, CONTEST]))
@language_option
@click.option("--out", metavar="FILE", help="写入文件而非标准输出 / write to a file")
def template_command(kind: str, language: str, out: str | None) -> None:
    """输出默认模板，供修改。Print the template that ships, to be edited and given with --template."""
    text = default_template(kind, language)
    if out:
        Path(out).write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@COMMAND.command("proposals")
@scope_option
@from_option
@to_option
@store_option
@language_option
@format_option
@out_option
def proposals_command(
    scope: str, start: date, end: date, store: str, language: str, form: str, out: str | None
) -> None:
    """列出提名的成长案例（仅供主办方）。Growth cases proposed by rule, for the organizer: evidence and state."""
    file = open_store(store)
    cases = propose(_facts(file, scope, start, end))
    done = {case.project_id for case in confirmed(cases, confirmations(file.journal(ACTION), file.merges()))}
    head, rows = proposal_rows(cases, done, language)
    write({"proposals": _strings(head, rows)}, form, out)
    open_cases = {row[0] for row in rows}
    say(f"提名 / proposed {len(open_cases)}, 已确认 / confirmed {len(done & open_cases)}")


def _facts(file: Store, scope: str, start: date, end: date) -> Facts:
    return read_facts(file, _scope(file, scope), start, end)


def _strings(head: Any, rows: Any) -> pa.Table:
    columns = [[None if row[at] is None else str(row[at]) for row in rows] for at in range(len(head))]
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(head, columns, strict=True)})


@COMMAND.command("confirm-case")
@click.argument("project_id")
@scope_option
@from_option
@to_option
@click.option("--by", required=True, metavar="NAME", help="确认人 / who confirms")
@click.option("--take-back", is_flag=True, help="撤销确认 / take the confirmation back")
@store_option
def confirm_command(project_id: str, scope: str, start: date, end: date, by: str, take_back: bool, store: str) -> None:
    """由人确认一个成长案例，此后才写入专报。Confirm a proposed growth case; only then it appears in a report."""
    file, actor, today = open_store(store), getpass.getuser(), date.today()
    if take_back:
        withdraw(file, project_id, by=by, actor=actor, on=today)
        say(f"{project_id}: 已撤销确认 / confirmation taken back")
        return
    found = next((one for one in propose(_facts(file, scope, start, end)) if one.project_id == project_id), None)
    if found is None:
        message = f"{project_id} 在此期间不符合任何一条标准 / meets no criterion in this period"
        raise DuijieError("growth.unproposed", message, "duijie report proposals")
    confirm(file, found, by=by, actor=actor, on=today)
    say(f"{project_id}: 已确认 / confirmed {', '.join(found.criteria)}; {found.shown}")


@COMMAND.command("ended")
@click.argument("contest")
@click.option("--on", "day", type=DateType(), required=True, help="结束日期 / the day on which it ended")
@store_option
def ended_command(contest: str, day: date, store: str) -> None:
    """记录赛事结束日期，总结期限由此起算。Enter when a contest ended; its summary is due ten days later."""
    file = open_store(store)
    scope = _scope(file, contest)
    if scope.kind != "contest":
        raise DuijieError("report.contest", f"{scope.zh} 不是赛事 / no contest", "duijie report deadlines")
    keep_end(file, scope, day, actor=getpass.getuser())
    say(f"{scope.zh}: {day} 结束 / ended")


@COMMAND.command("deadlines")
@click.option("--as-of", type=DateType(), help="默认今天 / default today")
@scope_option
@store_option
@format_option
@out_option
@click.option(
    "--grace",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="季报在季末后多少天内报送（通知未定）/ days after the quarter for its report; the notice names none",
)
@click.option("--fail", is_flag=True, help="有逾期则退出码为 1 / exit with 1 when a report is overdue")
@click.pass_context
def deadlines_command(
    ctx: click.Context, as_of: date | None, scope: str, store: str, form: str, out: str | None, grace: int, fail: bool
) -> None:
    """报送期限：每季度末，各赛事结束后 10 个自然日。When reports are due, and which were written."""
    file, day = open_store(store), as_of or date.today()
    found = deadlines(file, day, _scope(file, scope), grace=grace)
    head = ("kind", "scope", "from", "ends", "due", "days", "state", "provisional", "written", "digest")
    rows = [
        (
            *(one.kind, one.scope.zh, one.begins, one.ends, one.due, one.days(day), one.state),
            *("yes" if one.provisional else "", one.written, one.digest[:12]),
        )
        for one in found
    ]
    table = _strings(head, rows)
    table = table.set_column(head.index("days"), "days", pa.array([one.days(day) for one in found], pa.int64()))
    write({"deadlines": table}, form, out)
    late = sum(one.state == OVERDUE for one in found)
    say(f"{day}: 逾期 / overdue {late}, 共 / of {len(found)}")
    if fail and late:
        ctx.exit(1)
