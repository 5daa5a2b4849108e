"""``duijie import``: files into the store, all or nothing."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc

from app.options import new_store_option, say, settings_option
from app.system import open_system
from data.contacts import write_contacts
from data.document import Told
from data.intake import Intake, read_paths
from data.problem import SEVERITIES, DuijieError, Problem
from data.reference.vocabularies import label_key, vocabulary
from data.store import Change, Store
from data.tables import TABLES

SHOWN = 20
"""Problems shown on the terminal; all of them are kept: ``duijie export problems``."""


def declare_consent(tables: dict[str, pa.Table], declared: list[str]) -> int:
    """Fill empty consent with what the organizer declares; gives how many rows that was."""
    projects = tables.get("projects")
    if projects is None or not declared:
        return 0
    told = projects.column("consent")
    filled = [value or declared for value in told.to_pylist()]
    at = projects.schema.get_field_index("consent")
    tables["projects"] = projects.set_column(
        at, projects.schema.field(at), pa.array(filled, projects.schema.field(at).type)
    )
    return int(pc.sum(pc.fill_null(pc.equal(pc.list_value_length(told), 0), True)).as_py() or 0)


def present_columns(intake: Intake) -> dict[str, set[str]]:
    """Columns of each table that the files fill; a known row keeps what it holds in the others."""
    return {name: set(table.column_names) - set(intake.unused.get(name, ())) for name, table in intake.tables.items()}


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


def is_blocked(intake: Intake, strict: bool) -> bool:
    """Whether nothing of the files may be kept: a file of a table is unusable, or anything is wrong and ``strict``.

    A document that cannot be read (a problem of no table) stops itself only.
    """
    errors = [p for p in intake.problems if p.severity == "error"]
    whole = [p for p in errors if p.row == 0 and p.table]
    return bool(whole) or (strict and bool(errors))


def known_institutions(store: Store) -> dict[str, str]:
    """Ids of the stored institutions by the key of their names; lists name them without an id."""
    held = store.current("institutions")
    return {
        label_key(name): number
        for name, number in zip(held["name"].to_pylist(), held["institution_id"].to_pylist(), strict=True)
    }


def keep_contacts(store: Store, contacts: pa.Table) -> int:
    """Keep the contacts of stored projects and institutions, apart from all tables; the number that are new.

    Those of a row that was rejected belong to nobody and are dropped.
    """
    if not contacts.num_rows:
        return 0
    known = [store.current(name).column(TABLES[name].key[0]) for name in ("projects", "institutions")]
    mine = pc.is_in(contacts.column("subject_id"), value_set=pa.concat_arrays([c.combine_chunks() for c in known]))
    kept = contacts.filter(mine)
    return write_contacts(store, kept, "import") if kept.num_rows else 0


def keep(store: Store, intake: Intake, tables: dict[str, pa.Table], note: dict[str, Any]) -> list[Change]:
    """Write the rows, then the contacts; an import that is stopped between the two may be repeated."""
    changes = store.write(
        tables,
        list(intake.problems),
        actor="import",
        note=note,
        present=present_columns(intake),
        extras=intake.extras,
    )
    added = keep_contacts(store, intake.contacts)
    if intake.contacts.num_rows:
        say(
            f"联系方式：新存 {added} 项，不入各表 / contacts: {added} new, kept apart from the tables (duijie contacts)"
        )
    return changes


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


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@new_store_option
@settings_option
@click.option("--strict", is_flag=True, help="有任何错误就什么也不导入 / keep nothing if anything is wrong")
@click.option("--preview", is_flag=True, help="只说明会改变什么 / only tell what would change")
@click.option("--consent", metavar="CHANNELS", help="声明已获参赛者同意的渠道，逗号分隔 / declared consent")
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
    filled = declare_consent(tables, declared)
    show_problems(intake.problems)
    show_read(intake, preview)
    if is_blocked(intake, strict):
        say("什么也没有导入 / nothing was imported")
        ctx.exit(1)
    note: dict[str, Any] = {"files": dict(intake.sources), "consent": declared, "consent_filled": filled}
    if preview:
        changes = system.store.preview(tables, present_columns(intake))
    else:
        changes = keep(system.store, intake, tables, note)
    for change in changes:
        say(f"{change.table}: " + ", ".join(f"{k} {v}" for k, v in dataclasses.asdict(change).items() if k != "table"))
    if preview:
        say("预览，未写入 / preview, nothing was written")
    if any(intake.rejected.values()) or any(p.severity == "error" for p in intake.problems):
        ctx.exit(1)
