"""Reports of the benchmark on real investments: cuts that are kept and resumed, tables, JSON, the page."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tiny_export import AS_OF, tiny_export

from evaluation import crunchbase
from evaluation.comparisons import OUTSIDE
from evaluation.crunchbase import main, report
from evaluation.crunchbase_cut import Cut, keep_cut, load_cut, measure_cut
from evaluation.crunchbase_report import Report, family_of, report_of
from evaluation.crunchbase_tables import cut
from evaluation.crunchbase_tasks import TASKS
from evaluation.crunchbase_text import as_json, as_text
from evaluation.figures import Axis, intervals
from evaluation.page import as_html
from evaluation.significance import Interval

EARLIER = date(2010, 7, 1)


def cut_of(task: str, as_of: date = AS_OF) -> Cut:
    return measure_cut(cut(tiny_export(), as_of, task), "key", None, None, lambda name: None)


@pytest.fixture(scope="module", params=TASKS)
def told(request: pytest.FixtureRequest) -> Report:
    return report_of([cut_of(request.param, EARLIER), cut_of(request.param)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, export = tmp_path_factory.mktemp("export"), tiny_export()
    for name, rows in (("edges", export.edges), ("companies", export.companies), ("investors", export.investors)):
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path


def test_pooling_keeps_every_query_and_every_declared_comparison(told: Report) -> None:
    assert told.queries == sum(len(found.queries) for found in told.cuts) and len(told.cuts) == 2
    assert [claim.theirs for claim in told.claims] == family_of(told.task)
    assert not set(OUTSIDE) & set(family_of(told.task))
    assert told.seen == ["2010-07-01"]
    for part in told.strata:
        assert part.queries <= told.queries


def test_the_union_recalls_at_least_what_its_best_part_does(told: Report) -> None:
    union = told.retrieval["union of all"]
    for name, found in told.retrieval.items():
        if name not in ("random", "history family alone"):
            assert union["Recall@50"] >= found["Recall@50"] - 1e-12, name
    assert {name for name in told.retrieval if name.startswith("term: ")} >= {"term: history_home"}


def test_text_json_and_page_tell_the_same(told: Report) -> None:
    text, found, page = as_text(told), json.loads(as_json(told)), as_html(told)
    for result in told.results:
        assert result.name in text and result.name in page
        assert found["methods"][result.name]["nDCG@10"][0] == pytest.approx(result.scores["nDCG@10"].mean)
        assert str(result.scores["nDCG@10"]) in text and str(result.scores["nDCG@10"]) in page
    assert set(found["cuts"]) == {"2010-07-01", "2011-07-01"}
    assert "CC-BY" in text and "CC-BY" in found["attribution"] and "CC-BY" in page
    assert "constants were chosen on 2010-07-01" in text


def test_the_page_asks_for_nothing_and_escapes_everything(told: Report) -> None:
    evil = '<script>alert("x")</script>&'
    first = told.results[0]
    changed = replace(
        told,
        results=[*told.results, replace(first, name=evil)],
        exposure={**told.exposure, evil: told.exposure[first.name]},
        retrieval={evil: told.retrieval[first.name], **told.retrieval},
        strata=[replace(part, name=evil) for part in told.strata],
        claims=[replace(claim, theirs=evil) for claim in told.claims],
        cuts=[replace(found, methods={**found.methods, evil: found.methods[first.name]}) for found in told.cuts],
    )
    page = as_html(changed)
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "default-src 'none'" in page and page.count("<svg") >= 4
    loads = re.findall(r"""(?:src|href|action|data|poster)\s*=|url\(|@import|<link|<img|<iframe|<object""", page)
    assert not loads
    assert re.findall(r"https?://[^\s<\"]+", page) == ["https://www.crunchbase.com),"]  # the attribution, as text


def test_a_cut_that_is_kept_is_taken_only_with_its_key(tmp_path: Path) -> None:
    found, file = cut_of("cold"), tmp_path / "deep" / "cold.json"
    assert load_cut(file, "key") is None
    keep_cut(file, found)
    assert load_cut(file, "key") == found and load_cut(file, "other") is None
    file.write_text(file.read_text("utf-8")[:-40], encoding="utf-8")  # as if it had been cut off
    assert load_cut(file, "key") is None


def test_an_interrupted_run_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []

    def stopping(benchmark, key, out, settings, step):  # type: ignore[no-untyped-def]
        if len(asked) == 1 and benchmark.as_of == AS_OF:
            asked.append(AS_OF)
            raise KeyboardInterrupt
        asked.append(benchmark.as_of)
        return measure_cut(benchmark, key, None, settings, step)

    monkeypatch.setattr(crunchbase, "measure_cut", stopping)
    with pytest.raises(KeyboardInterrupt):
        report(folder, [EARLIER, AS_OF], "warm", tmp_path)
    assert [file.name for file in tmp_path.glob("*.json")] == ["warm-2010-07-01.json"]
    whole = report(folder, [EARLIER, AS_OF], "warm", tmp_path)
    assert asked == [EARLIER, AS_OF, AS_OF]
    assert as_text(report(folder, [AS_OF, EARLIER], "warm", tmp_path)) == as_text(whole) and len(asked) == 3


def test_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    dates = ["--as-of", "2010-07-01", "--as-of", "2011-07-01"]
    assert main([str(folder), "--task", "deals", *dates, "--html", str(page)]) == 0
    shown = capsys.readouterr().out
    assert "nDCG@10 by cut" in shown and "organisation" in shown
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_figures() -> None:
    assert Axis(0.0, 0.37, 0, 100).ticks() == [0.0, 0.1, 0.2, 0.3]
    assert Axis(-0.02, 0.05, 0, 100).ticks() == [-0.02, 0.0, 0.02, 0.04]
    assert Axis(0.0, 3.0, 0.0, 60.0).at(1.0) == 20.0
    drawn = intervals({"a<b": Interval(0.1, 0.0, 0.2)}, "t")
    assert "a&lt;b" in drawn and "a<b" not in drawn
