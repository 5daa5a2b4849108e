"""``duijie check``: verdicts of the programmes' rules on what is stored."""

from __future__ import annotations

from datetime import date

import click

from app.exports import write
from app.options import DateType, format_option, out_option, say, settings_option, store_option
from app.system import open_system
from data.problem import Problem
from data.store import Store, open_store
from matcher.checking import checks, count_verdicts, run_checks, verdict_table
from matcher.duplicates.finding import find_duplicates
from matcher.ledger import read_ledger

FEW = 5_000
"""Up to so many projects similar texts are looked for unasked: that takes seconds."""


def similar_pairs(store: Store, wanted: bool | None) -> list[tuple[str, str]]:
    """Pairs of projects whose texts, rights or names are so alike that they may be one (``duijie duplicates``).

    ``wanted`` None: only where that is quick; what is left out is told.
    """
    tables = store.shown("projects", "ip")
    count = tables["projects"].num_rows
    if wanted is None and count > FEW:
        say(f"未查文本相似（{count} 个项目），可加 --similar / similar texts not looked for: --similar")
    if wanted is False or (wanted is None and count > FEW):
        return []
    found = find_duplicates(tables["projects"], tables["ip"]).table
    return list(zip(found.column("project_id_a").to_pylist(), found.column("project_id_b").to_pylist(), strict=True))


def summary(problems: list[Problem]) -> list[str]:
    """What was found, one line a check and a total."""
    counts = count_verdicts(problems)
    lines = []
    for name, check in checks().items():
        own = counts.get(name)
        if own:
            told = f"{own['error']:>5} {own['warning']:>5} {own['info']:>5}"
            lines.append(f"{told}  {check.label_zh} / {check.label_en}")
    failed = sum(own["error"] for own in counts.values())
    head = "违反 / 提醒 / 未知或备注    failed / to look at / unknown or remarks"
    total = "没有违反的规则 / no rule is broken" if not failed else f"违反规则 {failed} 处 / {failed} breaches"
    return [*([head] if lines else []), *lines, total]


@click.command("check")
@store_option
@settings_option
@click.option(
    "--as-of", type=DateType(), help="按该日所知核对，默认今天 / check as of DATE (YYYY-MM-DD), default today"
)
@click.option(
    "--similar/--no-similar",
    default=None,
    help=f"查找文本相似的项目，默认不超过 {FEW} 个项目时查 / look for similar texts; default: up to {FEW} projects",
)
@format_option
@out_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    store: str,
    settings: str | None,
    as_of: date | None,
    similar: bool | None,
    form: str,
    out: str | None,
) -> None:
    """按各届赛事通知的规则核对库中数据。Check what is stored against the rules of the notices.

    Each verdict cites the sentence it rests on: error = broken, warning = to look at, info = a fact is missing.
    Projects that are merely alike give warnings, for a person to decide. Exit code 1 when a rule is broken.
    """
    system = open_system(open_store(store).path, settings)
    pairs = similar_pairs(system.store, similar)
    problems = run_checks(read_ledger(system.store, as_of or date.today(), pairs))
    write({"problems": verdict_table(problems)}, form, out)
    for line in summary(problems):
        say(line)
    if any(problem.severity == "error" for problem in problems):
        ctx.exit(1)
