"""``duijie evaluate``: how good is the ranking, on what, and how sure is that?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pandas as pd

from app.options import DateType, say, settings_option
from app.system import find_settings, limit_threads, open_system
from data.problem import DuijieError
from evaluation.crunchbase_tasks import TASKS
from evaluation.labelled_set import LENGTHS, NAMES, SETS, load_set
from evaluation.methods import METHODS, OURS, Row, compare, gain
from evaluation.results import ablation_result, as_json, duplicates_result, labelled_result, learned_result
from features.learned.cuts import HEADS
from matcher.settings import Settings


def as_frame(name: str, length: str, rows: list[Row]) -> pd.DataFrame:
    """Rows of a comparison as a table."""
    return pd.DataFrame(
        [
            {
                "set": name,
                "length": length,
                "method": row.method,
                "channel": row.score.channel,
                "side": row.score.side,
                "queries": len(row.score.ndcg),
                "ndcg10": round(row.interval.mean, 4),
                "low": round(row.interval.low, 4),
                "high": round(row.interval.high, 4),
                "ruled_out_in_top5": row.score.trapped,
                "ruled_out": row.score.traps,
            }
            for row in rows
        ]
    )


def show(frame: pd.DataFrame) -> str:
    """nDCG@10 of every method (rows) in every channel and side (columns), and ruled-out pairs in a top 5."""
    wide = frame.pivot_table(index="method", columns=["channel", "side"], values="ndcg10", sort=False)
    wide["mean"] = wide.mean(axis=1)
    traps = frame.groupby("method", sort=False)[["ruled_out_in_top5", "ruled_out"]].sum()
    wide["ruled out in top 5"] = [f"{a}/{b}" for a, b in traps.itertuples(index=False)]
    wide.columns = [" ".join(c).strip() if isinstance(c, tuple) else c for c in wide.columns]
    return wide.to_string(float_format=lambda value: f"{value:.3f}")


SHORT = {"challenge": "ch.", "financing": "fin.", "placement": "pl.", "services": "serv."}
ARROW = {"projects": "P→I", "institutions": "I→P"}


def to_markdown(frame: pd.DataFrame) -> str:
    """A table of strings as Markdown."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def as_markdown(frame: pd.DataFrame, differences: list[str]) -> str:
    """The table of one set and length as docs/benchmarks.md shows it, and the differences below it."""
    wide = frame.pivot_table(index="method", columns=["channel", "side"], values="ndcg10", sort=False)
    order = [(channel, side) for channel in SHORT for side in ARROW]
    traps = frame.groupby("method", sort=False)[["ruled_out_in_top5", "ruled_out"]].sum()
    titles = [*(f"{SHORT[channel]} {ARROW[side]}" for channel, side in order), "mean", "ruled out in top 5"]
    lines = [f"| method | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for method in wide.index:
        values = [float(wide.loc[method, cell]) for cell in order]
        hit, of = traps.loc[method]
        cells = [*(f"{value:.3f}" for value in values), f"{sum(values) / len(values):.3f}", f"{hit}/{of}"]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {line}" for line in differences)])


def labelled(names: tuple[str, ...], settings: Settings, out: str | None) -> None:
    """Compare all methods on labelled sets and print the tables."""
    system = open_system("", None).with_settings(**{k: getattr(settings, k) for k in ("encoder", "dtype", "weights")})
    encode = system.encode()
    if encode is None:
        raise DuijieError("encoder.unavailable", "比较需要编码器 / the comparison needs an encoder", "duijie doctor")
    limit_threads()
    frames, pages, results = [], [], []
    for name in names:
        for length in LENGTHS:
            rows = compare(load_set(SETS / name, length), settings, encode, say)
            frames.append(as_frame(name, length, rows))
            differences = []
            for method in METHODS[:-1]:
                difference = gain(rows, OURS, method)
                verdict = "" if difference.low > 0 or difference.high < 0 else "  no difference shown"
                differences.append(f"{OURS} - {method}: {difference}{verdict}")
            told = "\n".join(f"  {line}" for line in differences)
            click.echo(f"\n{name}, {length} texts: nDCG@10\n{show(frames[-1])}\n{told}")
            pages.append(f"### {name}, {length} texts\n\n{as_markdown(frames[-1], differences)}\n")
            results.append(labelled_result(name, length, rows))
    if out and out.endswith(".md"):
        Path(out).write_text("\n".join(pages), encoding="utf-8")
    elif out and out.endswith(".json"):
        Path(out).write_text(as_json(results) + "\n", encoding="utf-8")
    elif out:
        pd.concat(frames).to_csv(out, index=False)


@click.group("evaluate")
def COMMAND() -> None:
    """评测：标注集与真实投资人。Benchmarks: labelled sets, and real investors."""


@COMMAND.command("labelled")
@settings_option
@click.option("--set", "names", multiple=True, default=NAMES, show_default=True)
@click.option("--out", metavar="FILE.csv|FILE.md|FILE.json", help="也写成表 / also as a table")
def labelled_command(settings: str | None, names: tuple[str, ...], out: str | None) -> None:
    """Graded Chinese pairs, short and long: every method, every channel, both sides."""
    for name in names:
        if not (SETS / name / "judgements.csv").exists():
            raise DuijieError("set.unknown", f"没有 {name!r} 这个标注集 / no labelled set {name!r}", " ".join(NAMES))
    labelled(names, find_settings(settings), out)


@COMMAND.command("crunchbase")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--as-of",
    type=DateType(),
    multiple=True,
    default=[date(2011, 7, 1)],
    show_default="2011-07-01",
    help="可重复：滚动起点 / may be repeated: rolling origin",
)
@click.option(
    "--task",
    type=click.Choice(TASKS),
    default="cold",
    show_default=True,
    help="首次融资的公司、已融过资的公司、机构 / companies never funded, funded before, or organisations as queries",
)
@click.option(
    "--out", metavar="FOLDER", help="工作文件夹，中断后续跑 / working folder; an interrupted run goes on there"
)
@click.option("--settings", metavar="FILE", help="设置文件，默认为缺省值 / settings file; default: the defaults")
@click.option("--json", "as_json", is_flag=True)
@click.option("--html", metavar="FILE", help="也写成带图的单页 / also as one page with figures")
@click.option(
    "--tune", is_flag=True, help="在此前三年上调基线，输出 CSV / tune the baselines on the three years before"
)
@click.pass_context
def crunchbase_command(
    ctx: click.Context,
    path: Path,
    as_of: tuple[date, ...],
    task: str,
    out: str | None,
    settings: str | None,
    as_json: bool,
    html: str | None,
    tune: bool,
) -> None:
    """Real investors for companies, and companies for investors; PATH holds edges.csv, companies.csv, investors.csv."""
    from evaluation.crunchbase import main

    told = [str(path), "--task", task, *(part for day in as_of for part in ("--as-of", day.isoformat()))]
    for option, value in (("--out", out), ("--settings", settings), ("--html", html)):
        told += [option, value] if value else []
    ctx.exit(main([*told, *(["--json"] if as_json else []), *(["--tune"] if tune else [])]))


@COMMAND.command("duplicates")
@click.option("--records", type=click.IntRange(40), default=2400, show_default=True)
@click.option("--pairs", type=click.IntRange(1), default=300, show_default=True)
@click.option("--seed", type=int, default=11, show_default=True)
@click.option("--fit", is_flag=True, help="重新拟合权重 / learn the weights anew and print them")
@click.option("--json", "json_", is_flag=True)
def duplicates_command(records: int, pairs: int, seed: int, fit: bool, json_: bool) -> None:
    """Planted records of one project, renamed, reworded, from other groups and years, and traps."""
    from evaluation.duplicates import judge, main
    from evaluation.planted_duplicates import plant

    if json_ and not fit:
        click.echo(as_json(duplicates_result(judge(plant("report", seed, records, pairs)), seed)))
        return
    main(["--records", str(records), "--pairs", str(pairs), "--seed", str(seed), *(["--fit"] if fit else [])])


@COMMAND.command("ablation")
@settings_option
@click.option("--set", "name", type=click.Choice(NAMES), default="dev", show_default=True)
@click.option("--length", type=click.Choice(LENGTHS), default="short", show_default=True)
@click.option(
    "--crunchbase",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="改用真实投资数据 / on real investments instead: the folder of `evaluate crunchbase`",
)
@click.option("--task", type=click.Choice(TASKS), default="cold", show_default=True)
@click.option("--as-of", type=DateType(), default=date(2011, 7, 1), show_default="2011-07-01")
@click.option("--markdown", is_flag=True, help="输出为 Markdown 表 / as a Markdown table")
@click.option("--json", "json_", is_flag=True)
def ablation_command(
    settings: str | None,
    name: str,
    length: str,
    crunchbase: Path | None,
    task: str,
    as_of: date,
    markdown: bool,
    json_: bool,
) -> None:
    """各特征族的贡献。What each family of features gives: the whole ranker against itself without it."""
    from evaluation.ablation import ablate, ablate_investments, as_table

    told = find_settings(settings)
    limit_threads()
    if crunchbase is not None:
        from evaluation.crunchbase_rank import Ranker
        from evaluation.crunchbase_tables import read_benchmark

        whole, found = ablate_investments(Ranker(read_benchmark(crunchbase, as_of, task), {}), told)
    else:
        system = open_system("", None).with_settings(**{k: getattr(told, k) for k in ("encoder", "dtype", "weights")})
        whole, found = ablate(load_set(SETS / name, length), told, system.encode())
    if json_:
        on = [name, length] if crunchbase is None else [task, as_of.isoformat()]
        click.echo(as_json(ablation_result(on, whole, found)))
        return
    table = as_table(whole, found)
    click.echo(to_markdown(table) if markdown else table.to_string(index=False))


@COMMAND.command("learned")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--task", type=click.Choice(HEADS), default="cold", show_default=True)
@click.option("--as-of", type=DateType(), default=date(2010, 7, 1), show_default="2010-07-01")
@click.option("--json", "json_", is_flag=True)
def learned_command(path: Path, task: str, as_of: date, json_: bool) -> None:
    """学得的排序是否胜过透明排序。The learned ranker against the transparent one, on the two years before a date."""
    from app.commands.learn import as_text
    from evaluation.crunchbase_tables import CHANNEL, market_of, read_benchmark
    from evaluation.learning import trial

    limit_threads()
    told = trial(market_of(read_benchmark(path, as_of, task)), task)
    click.echo(as_json(learned_result(as_of, told)) if json_ else as_text(CHANNEL, told))


@COMMAND.command("document")
@click.option("--results", type=click.Path(file_okay=False, path_type=Path), default="docs/results", show_default=True)
@click.option("--out", type=click.Path(exists=True, file_okay=False, path_type=Path), default="docs", show_default=True)
def document_command(results: Path, out: Path) -> None:
    """把评测结果写进文档，并存一份在旁。Results into the marked places of the documents, and kept beside them."""
    from evaluation.documents.writing import write_documents

    for told in write_documents(results, out):
        say(str(told))


@COMMAND.command("scoreboard")
@click.option("--runs", type=click.IntRange(10), default=500, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def scoreboard_command(runs: int, seed: int) -> None:
    """模拟机构，真实水平已知。Simulated institutions of known skill: are equals ranked apart, is the order found?"""
    from evaluation.scoreboard_simulation import main

    main(["--runs", str(runs), "--seed", str(seed)])
