"""``duijie import``: files into the store, all or nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from app.importing import Declaration, answered_projects, declare_consent, is_blocked, keep, known_institutions
from app.options import new_store_option, say, settings_option
from app.system import open_system
from data.document import Told
from data.intake import Intake, read_paths
from data.problem import SEVERITIES, DuijieError, Problem
from data.reference.vocabularies import vocabulary
from data.store import Change, Store

SHOWN = 20
"""Problems shown on the terminal; all of them are kept: ``duijie export problems``."""


def parse_consent(text: str | None) -> list[str]:
    """Channel names out of ``financing,placement``."""
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    known = vocabulary("channels")
    for name in names:
        if known.resolve(name) is None:
            raise DuijieError(
                "consent.unknown", f"没有这个渠道 / no channel {name!r}", f"some of {', '.join(known.codes)}"
            )
    return [str(known.resolve(name)) for name in names]


def show_problems(problems: list[Problem]) -> None:
    """The first problems of each code, and how many there are."""
    for problem in sorted(problems, key=lambda p: (SEVERITIES.index(p.severity), p.table, p.row))[:SHOWN]:
        place = (
            f"{problem.table} 第{problem.row}行 {problem.column}".strip()
            if problem.row
            else f"{problem.table} {problem.column}"
        )
        say(
            f"  [{problem.severity} {problem.code}] {place}: {problem.message}"
            + (f"（{problem.hint}）" if problem.hint else "")
        )
    if len(problems) > SHOWN:
        say(f"  … 共 {len(problems)} 条，全部见 / all {len(problems)}: duijie export problems")
    counts = Counter((p.severity, p.code) for p in problems)
    if counts:
        say("  " + ", ".join(f"{code} ×{count}" for (_, code), count in sorted(counts.items())))


def show_read(intake: Intake, preview: bool) -> None:
    """What each list or form was taken for (with ``preview`` its first rows as read), and the rows of each table."""
    for document in intake.documents:
        counts = ", ".join(f"{name} {count}" for name, count in document.tables.items())
        say(f"{document.source}: {document.zh} / {document.en}, {document.rows} 行 rows → {counts}")
        if preview:
            for line in document.first:
                say(f"    {line}")
    for name, count in intake.read.items():
        refused = intake.rejected.get(name, 0)
        say(f"{name}: 读入 read {count}, 接受 accepted {count - refused}, 拒绝 rejected {refused}")


def show_declaration(told: Declaration) -> None:
    """How many projects got the declared consent, and how many keep an answer of their own."""
    say(
        f"对接意愿：按声明填写 {told.filled} 项，另有 {told.answered} 项已有答复、保持不变 / "
        f"consent: {told.filled} filled as declared, {told.answered} keep the answer they gave"
    )


def show_change(change: Change) -> None:
    """What happens to the rows of one table, and whether cells of known rows are emptied."""
    say(f"{change.table}: added {change.added}, changed {change.changed}, unchanged {change.unchanged}")
    if change.cleared:
        say(
            f"  其中清空已有的值 {change.cleared} 个：文件有这些列而单元格为空 / "
            f"{change.cleared} stored values are cleared: the file has the columns, with empty cells"
        )


def write(store: Store, intake: Intake, tables: dict[str, pa.Table], note: dict[str, Any]) -> list[Change]:
    """Keep rows and contacts, and tell how many contacts are new."""
    changes, contacts = keep(store, intake, tables, note)
    if intake.contacts.num_rows:
        say(
            f"联系方式：新存 {contacts} 项，不入各表 / "
            f"contacts: {contacts} new, kept apart from the tables (duijie contacts)"
        )
    return changes


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@new_store_option
@settings_option
@click.option("--strict", is_flag=True, help="有任何错误就什么也不导入 / keep nothing if anything is wrong")
@click.option("--preview", is_flag=True, help="只说明会改变什么 / only tell what would change")
@click.option(
    "--consent",
    metavar="CHANNELS",
    help="声明已获参赛者同意的渠道，逗号分隔；不改已有答复 / declared consent; answers given stay",
)
@click.option(
    "--programme", default="", metavar="NAME", help="名单或表格未写明的赛事系列 / programme of lists and forms"
)
@click.option("--edition", default="", metavar="NAME", help="未写明的届次或年份 / their edition or year")
@click.option("--contest", default="", metavar="NAME", help="未写明的赛事 / their contest")
@click.pass_context
def COMMAND(
    ctx: click.Context,
    paths: tuple[Path, ...],
    store: str,
    settings: str | None,
    strict: bool,
    preview: bool,
    consent: str | None,
    programme: str,
    edition: str,
    contest: str,
) -> None:
    """导入文件或文件夹（projects、institutions、outcomes …）。Import a folder, or files named as the tables.

    其他文件按内容识别：获奖名单、申报表、榜单、命题清单。Any other file is recognised by its content.
    """
    system = open_system(store, settings)
    declared = parse_consent(consent)
    told = Told(programme, edition, contest, lambda: known_institutions(system.store))
    intake = read_paths(list(paths), told=told)
    tables = dict(intake.tables)
    consent_told = declare_consent(tables, declared, answered_projects(system.store) if declared else ())
    show_problems(intake.problems)
    show_read(intake, preview)
    if is_blocked(intake, strict):
        say("什么也没有导入 / nothing was imported")
        ctx.exit(1)
    note: dict[str, Any] = {"files": dict(intake.sources), "consent": declared, "consent_filled": consent_told.filled}
    if declared:
        show_declaration(consent_told)
    changes = system.store.preview(tables, intake.present) if preview else write(system.store, intake, tables, note)
    for change in changes:
        show_change(change)
    if preview:
        say("预览，未写入 / preview, nothing was written")
    if any(intake.rejected.values()) or any(p.severity == "error" for p in intake.problems):
        ctx.exit(1)
