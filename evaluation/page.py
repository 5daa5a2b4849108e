"""A report as one HTML file with figures: nothing is loaded from anywhere, every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from evaluation.crunchbase_cut import MAIN, MEASURES, UNION
from evaluation.crunchbase_rank import DEPTH
from evaluation.crunchbase_report import Report
from evaluation.crunchbase_text import heading, notes, shown_in_strata, signed
from evaluation.figures import intervals, lines, scatter

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans SC", sans-serif; color: #1f2933; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e7eb; }
th:first-child, td:first-child { text-align: left; } tr.ours { background: #e8f5ef; font-weight: 600; }
svg { width: 100%; max-width: 760px; font: 12px system-ui, sans-serif; } footer { color: #52606d; font-size: 13px; }
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], marked: Sequence[str] = ()) -> str:
    """A table of escaped cells; rows whose first cell is ``marked`` stand out."""
    ours = ' class="ours"'
    body = "".join(
        f"<tr{ours if row[0] in marked else ''}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{body}</table>"


def as_html(report: Report) -> str:
    """The page."""
    title = f"Real investors: {report.task}"
    sections = [_accuracy(report), _comparisons(report), _exposure(report), _strata(report), _retrieval(report)]
    if len(report.cuts) > 1:
        sections.insert(2, _cuts(report))
    told = "".join(f"<li>{escape(note)}</li>" for note in notes(report))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{escape(title)}</h1><p>{escape(heading(report))}</p>{''.join(sections)}"
        f"<footer><ul>{told}</ul></footer></body></html>\n"
    )


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _accuracy(report: Report) -> str:
    rows = [
        [result.name, *(str(result.scores[name]) for name in MEASURES), signed(result.gain)]
        for result in report.results
    ]
    head = ["method", *MEASURES, f"{MAIN} - bar"]
    figure = intervals({result.name: result.scores[MAIN] for result in report.results}, MAIN, [report.ours])
    return _section(f"Accuracy: {MAIN} with 95 % intervals", figure, table(head, rows, [report.ours]))


def _comparisons(report: Report) -> str:
    figure = intervals(
        {f"- {claim.theirs}": claim.difference for claim in report.claims},
        f"difference in {MAIN}",
        [f"- {claim.theirs}" for claim in report.claims if claim.verdict == "better"],
        zero=True,
    )
    rows = [
        [claim.theirs, signed(claim.difference), f"{claim.relative:+.0%}", f"{claim.p:.4f}", claim.verdict]
        for claim in report.claims
    ]
    head = ["against", f"difference in {MAIN}", "relative", "p (Holm)", "verdict"]
    return _section(f"{report.ours} against each baseline", figure, table(head, rows))


def _exposure(report: Report) -> str:
    means = {result.name: result.scores[MAIN].mean for result in report.results}
    points = {name: (told["largest"], means[name]) for name, told in report.exposure.items()}
    figure = scatter(points, "exposure and accuracy", "largest share of lists one item takes", MAIN, [report.ours])
    rows = [
        [name, f"{means[name]:.3f}", f"{told['coverage']:.3f}", f"{told['gini']:.3f}", f"{told['largest']:.3f}"]
        for name, told in report.exposure.items()
    ]
    head = ["method", MAIN, "coverage@10", "Gini@10", "largest share@10"]
    return _section("Exposure beside accuracy", figure, table(head, rows, [report.ours]))


def _strata(report: Report) -> str:
    if not report.strata:
        return ""
    methods = shown_in_strata(report)
    rows = [[part.name, str(part.queries), *(str(part.scores[name]) for name in methods)] for part in report.strata]
    figure = intervals(
        {f"{part.name} ({part.queries})": part.scores[report.ours] for part in report.strata},
        f"{MAIN} of {report.ours} by stratum",
    )
    return _section(f"Strata: {MAIN} of {report.ours}", figure, table(["stratum", "queries", *methods], rows))


def _retrieval(report: Report) -> str:
    rows = [
        [name, f"{told['Recall@50']:.3f}", f"{told[f'Recall@{DEPTH}']:.3f}"] for name, told in report.retrieval.items()
    ]
    told = report.retrieval[UNION]
    size = f"The union holds {told['size@50']:.0f} and {told[f'size@{DEPTH}']:.0f} items a query."
    head = ["retriever", "Recall@50", f"Recall@{DEPTH}"]
    return _section("Single retrievers and their union", table(head, rows, [UNION]), f"<p>{escape(size)}</p>")


def _cuts(report: Report) -> str:
    names = list(dict.fromkeys(["popularity", *shown_in_strata(report)]))
    series = {name: [float(cut.scores(name).mean()) for cut in report.cuts] for name in names}
    dates = [cut.as_of for cut in report.cuts]
    rows = [
        [result.name, *(f"{cut.scores(result.name).mean():.3f}" for cut in report.cuts)] for result in report.results
    ]
    return _section(
        "Rolling origin", lines(series, dates, f"{MAIN} by cut"), table(["method", *dates], rows, [report.ours])
    )
