"""The benchmarks page and the model card: their figures are those of the results kept beside them, and nothing else."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from tiny_export import AS_OF, tiny_export

from app.cli import main
from data.problem import DuijieError
from evaluation import results as results_module
from evaluation.ablation import Ablation
from evaluation.crunchbase_cut import measure_cut
from evaluation.crunchbase_report import report_of
from evaluation.crunchbase_tables import cut
from evaluation.crunchbase_text import as_json as report_as_json
from evaluation.documents.keeping import keep_results, needed
from evaluation.documents.sections import SECTIONS, shown
from evaluation.documents.table import Table, interval, short, verdict
from evaluation.documents.writing import DOCUMENTS, fill, places, rendered, write_documents
from evaluation.labelled_set import SIDES, Score
from evaluation.learning import Trial
from evaluation.methods import METHODS, OURS, Row
from evaluation.results import ablation_result, as_json, labelled_result, learned_result, read_results
from evaluation.significance import Interval, bootstrap_interval
from matcher.channel import channels

DOCS = Path(__file__).parents[1] / "docs"
EARLIER = date(2010, 7, 1)


def labelled_rows(seed: int) -> list[Row]:
    """Invented scores of every method, in every cell."""
    rng, rows = np.random.default_rng(seed), []
    for method in METHODS:
        for channel in sorted(channels()):
            for side in SIDES:
                ndcg = {f"q{at}": float(rng.random()) for at in range(5)}
                score = Score(channel, side, ndcg, int(rng.integers(4)), 4)
                rows.append(Row(method, score, bootstrap_interval(np.array(list(ndcg.values())), draws=50)))
    return rows


def crunchbase(*dates: date) -> str:
    cuts = [measure_cut(cut(tiny_export(), day, "warm"), "key", None, None, lambda name: None) for day in dates]
    return report_as_json(report_of(cuts))


def stage(name: str, cpu: float) -> dict[str, Any]:
    return {"name": name, "cpu": cpu, "wall": cpu, "peak": 100.0}


def bench() -> dict[str, Any]:
    ratio = {"cpu": 2.0, "wall": 2.0, "cpu without reading": 2.0}
    runs = {
        kind: {"stages": [stage("rank", cpu)]}
        for kind, cpu in (("duijie", 1), ("again", 1), ("plain", 2), ("retrieval", 1))
    }
    size = {
        **{"projects": 500, "institutions": 1000, "overlap": 0.5, "overlap of retrieval": 0.9, "rounds": [runs]},
        **{"ratios": ratio, "ratios of retrieval": ratio},
        "encoding": {
            **{"encoder": "static", "projects_texts": 5, "institutions_texts": 5},
            "stages": [stage("encode", 1.0)],
        },
    }
    row = {
        "encoder": "static",
        "dtype": "fp32",
        "texts": 10,
        "stages": [stage("encode", 1.0)],
        "ndcg": {"dev/short": 0.5},
    }
    return {"threads": 1, "sizes": [size], "encoders": [row]}


def probability(**told: Any) -> dict[str, Any]:
    return {"channel": "financing", "target": "accepted", **told}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small result of every kind, in files of any name."""
    path = tmp_path_factory.mktemp("results")
    part = Ablation("semantic", Interval(0.5, 0.4, 0.6), Interval(0.1, 0.05, 0.15), True)
    still = replace(part, family="history", moved=False)
    gain = Interval(0.0028, -0.0016, 0.0074)
    trial = Trial("cold", ("2009-07-01",), 1482, Interval(0.2, 0.1, 0.3), Interval(0.2, 0.1, 0.3), gain)
    skill = {"mean": 0.02, "low": 0.01, "high": 0.03}
    later = {"later": 84, "error": 0.1, "skill": skill, "bins": []}
    duplicate = {
        **{"kind": "duplicates", "records": 2400, "seed": 11, "pairs": 300, "traps": 300, "found": 294, "trapped": 1},
        **{"precision": 0.986, "recall": 0.967, "calibration_error": 0.04, "seconds": 12.0, "gib": 0.4},
    }
    refused = probability(none="满期对接不足 / too few cases", later=None)
    told: dict[str, Any] = {
        "a": [labelled_result("heldout", length, labelled_rows(at)) for at, length in enumerate(("short", "long"))],
        "b": ablation_result(["heldout", "short"], Interval(0.6, 0.5, 0.7), [part, still]),
        "c": ablation_result(["cold", "2011-07-01"], Interval(0.6, 0.5, 0.7), [part]),
        "d": learned_result(EARLIER, trial),
        "e": duplicate,
        "f": [probability(positives=100, cases=274, later=later), {**refused, "target": "delivered"}],
        "g": bench(),
    }
    for name, result in told.items():
        (path / f"{name}.json").write_text(json.dumps(result), encoding="utf-8")
    report = json.loads(crunchbase(AS_OF))
    report["strata"] = {
        "round: a": {"queries": 2, **{name: told["nDCG@10"] for name, told in report["methods"].items()}}
    }
    (path / "h.json").write_text(json.dumps(report), encoding="utf-8")
    (path / "i.json").write_text(crunchbase(EARLIER, date(2011, 1, 1)), encoding="utf-8")
    return path


PLACES = (
    *("labelled heldout short", "channels heldout", "ablation heldout short", "ablation cold 2011-07-01"),
    *(f"{name} warm {AS_OF}" for name in ("crunchbase", "retrieval", "strata")),
    *(f"summary {AS_OF}", "cuts warm", "learned", "duplicates 2400", "calibration", "matching 500 1000", "encoders"),
    *(f"figure best warm {AS_OF}: difference", "figure reading heldout: good", "figure cuts warm: of"),
    *("figure learned cold 2010-07-01: difference", "figure trial cold 2010-07-01: verdict"),
)
PROSE = ("# A page\n\nHand-written | words, 12.5 % of them *figures*.\n\n", "\n\nMore of it.\n")


def page(*sections: str) -> str:
    marked = "\n\n".join(f"Before.\n<!-- begin: {section} -->stale<!-- end -->\nAfter." for section in sections)
    return marked.join(PROSE)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_committed_documents_are_what_their_results_give(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    found = read_results(DOCS / "results")
    assert len(places(text)) > 20
    again, filled, left = fill(text, found)
    assert again == text
    assert filled > len(left)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_committed_documents_name_only_sections_there_are(name: str) -> None:
    for place in places((DOCS / name).read_text(encoding="utf-8")):
        assert place.section.split()[0] in {*SECTIONS, "figure"}
        assert rendered(place.section, {}) is None


def test_committed_tables_show_the_numbers_of_the_result_files() -> None:
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    kept = DOCS / "results"
    for task in ("cold", "warm"):
        told = json.loads((kept / f"crunchbase-{task}-2011-07-01.json").read_text(encoding="utf-8"))
        block = text.split(f"<!-- begin: crunchbase {task} 2011-07-01 -->")[1].split("<!-- end -->")[0]
        row = next(line for line in block.splitlines() if line.startswith("| **duijie**")).split(" | ")
        assert f"--task {task} --as-of 2011-07-01" in block
        for cell, name in zip(row[1:3], ("Recall@10", "nDCG@10"), strict=True):
            mean, low, high = told["methods"]["duijie"][name]
            assert cell == f"{mean:.3f} [{low:.3f}, {high:.3f}]"
    for length in ("short", "long"):
        told = json.loads((kept / f"labelled-heldout-{length}.json").read_text(encoding="utf-8"))
        block = text.split(f"<!-- begin: labelled heldout {length} -->")[1].split("<!-- end -->")[0]
        row = next(line for line in block.splitlines() if line.startswith("| **whole ranker**")).split(" | ")
        assert row[1:9] == [f"{cell[0]:.3f}" for cell in told["methods"]["whole ranker"]["ndcg10"]]


def test_nothing_that_is_published_names_a_path_of_a_machine_or_is_large() -> None:
    files = [*(DOCS / name for name in DOCUMENTS), *(DOCS / "results").iterdir()]
    for file in files:
        assert not re.search(r"(?<![\w.])/(work|home|root|tmp|Users)\b", file.read_text(encoding="utf-8")), file.name
    assert sum(file.stat().st_size for file in files[len(DOCUMENTS) :]) < 100_000


@pytest.mark.parametrize("section", PLACES)
def test_every_place_is_filled_from_a_small_result(section: str, folder: Path) -> None:
    text, filled, left = fill(page(section), read_results(folder))
    assert (filled, left) == (1, [])
    assert text.startswith(PROSE[0] + "Before.\n") and text.endswith("\nAfter." + PROSE[1])
    (place,) = places(text)
    written = text[place.start : place.stop]
    assert written and "stale" not in written
    if not section.startswith("figure"):
        command, head, rule = re.match(r"\n```sh\n(.+?)\n```\n\n(\|.+?\|)\n(\| --- .+?\|)\n", written, re.S).groups()  # type: ignore[union-attr]
        assert command.startswith(("duijie ", "python -m evaluation."))
        rows = [line for line in written.splitlines() if line.startswith("|")][2:]
        assert rows and {line.count(" | ") for line in (head, rule, *rows)} == {head.count(" | ")}


def test_tables_show_what_the_result_says(folder: Path) -> None:
    found = read_results(folder)
    told = found[f"crunchbase warm {AS_OF}"]
    table = SECTIONS["crunchbase"](found, "warm", AS_OF.isoformat())
    assert table is not None
    for row in table.rows:
        mean, low, high = told["methods"][row[0].strip("*")]["nDCG@10"]
        assert row[2] == f"{mean:.3f} [{low:.3f}, {high:.3f}]"
    assert [line.split(":")[0].split(" - ")[1] for line in table.below][: len(told["comparisons"])] == [
        claim["theirs"] for claim in told["comparisons"]
    ]
    ablation = SECTIONS["ablation"](found, "heldout", "short")
    assert ablation is not None
    assert ablation.rows[1:] == (
        ("semantic", "0.500 [0.400, 0.600]", "+0.100 [+0.050, +0.150]", "helps"),
        ("history", "0.500 [0.400, 0.600]", "", "says nothing here"),
    )


def test_counts_over_cells_are_those_of_the_cells(folder: Path) -> None:
    found = read_results(folder)
    cells = [row.score.mean for at in (0, 1) for row in labelled_rows(at) if row.method == OURS]
    words = [row.score for at in (0, 1) for row in labelled_rows(at) if row.method == OURS]
    text, _, _ = fill(page("figure reading heldout: good", "figure reading heldout: ruled out"), found)
    assert f"-->{sum(mean >= 0.8 for mean in cells)}<!-- end -->" in text
    assert f"-->{sum(score.trapped for score in words)} of {sum(score.traps for score in words)}<!-- end -->" in text


def test_the_same_results_give_the_same_bytes_and_so_do_those_that_are_kept(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "benchmarks.md").write_text(page(*PLACES), encoding="utf-8")
    (written,) = write_documents(folder, tmp_path)
    assert (written.filled, written.left) == (len(PLACES), ())
    first = (tmp_path / "benchmarks.md").read_bytes()
    kept = {file.name: file.read_bytes() for file in (tmp_path / "results").iterdir()}
    write_documents(tmp_path / "results", tmp_path)
    assert (tmp_path / "benchmarks.md").read_bytes() == first
    assert {file.name: file.read_bytes() for file in (tmp_path / "results").iterdir()} == kept
    assert sum(map(len, kept.values())) < sum(file.stat().st_size for file in folder.iterdir())


def test_a_place_without_its_result_stays_and_is_named(folder: Path, tmp_path: Path) -> None:
    only = tmp_path / "only"
    only.mkdir()
    (only / "d.json").write_bytes((folder / "d.json").read_bytes())
    (tmp_path / "model-card.md").write_text(page("learned", "labelled dev long"), encoding="utf-8")
    (written,) = write_documents(only, tmp_path)
    assert written.left == ("labelled dev long",) and "labelled dev long" in str(written)
    text = (tmp_path / "model-card.md").read_text(encoding="utf-8")
    assert "<!-- begin: labelled dev long -->stale<!-- end -->" in text and "1,482" in text


def test_a_later_result_takes_the_place_of_the_one_that_was_kept(folder: Path, tmp_path: Path) -> None:
    keep_results(read_results(folder), tmp_path / "results")
    (tmp_path / "new").mkdir()
    trial = Trial("cold", (), 50, None, None, None)
    (tmp_path / "new" / "x.json").write_text(as_json(learned_result(EARLIER, trial)), encoding="utf-8")
    (tmp_path / "benchmarks.md").write_text(page("learned", "duplicates 2400"), encoding="utf-8")
    write_documents(tmp_path / "new", tmp_path)
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "too few to tell" in text and "1,482" not in text and "0.986" in text


@pytest.mark.parametrize(
    "text",
    [
        "<!-- begin: learned -->",
        "<!-- end -->",
        "<!-- begin: learned --><!-- begin: cuts cold --><!-- end --><!-- end -->",
        "<!-- begin: learned --><!-- end --><!-- end -->",
    ],
)
def test_marks_that_do_not_pair_are_refused(text: str) -> None:
    with pytest.raises(DuijieError) as caught:
        places(text)
    assert caught.value.code == "document.mark"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("nonsense heldout", "document.section"),
        ("figure learned cold 2010-07-01: no such", "document.figure"),
        ("figure learned cold 2010-07-01: difference / 7", "document.figure"),
        ("figure learned cold 2010-07-01: dates", "document.figure"),
    ],
)
def test_a_place_that_asks_for_what_cannot_be_is_refused(section: str, code: str, folder: Path) -> None:
    with pytest.raises(DuijieError) as caught:
        fill(page(section), read_results(folder))
    assert caught.value.code == code


def test_files_that_are_no_results_are_refused(folder: Path, tmp_path: Path) -> None:
    for text in ("{", '{"a": 1}', "[1]", "3"):
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises(DuijieError, match=r"x\.json") as caught:
            read_results(tmp_path)
        assert caught.value.code == "results.unreadable"
    for name in ("x.json", "y.json"):
        (tmp_path / name).write_bytes((folder / "d.json").read_bytes())
    with pytest.raises(DuijieError) as caught:
        read_results(tmp_path)
    assert caught.value.code == "results.twice"
    with pytest.raises(DuijieError) as caught:
        read_results(tmp_path / "none")
    assert caught.value.code == "results.missing"


def test_numbers_are_put_as_in_the_rest_of_the_pages() -> None:
    assert interval([0.2316, 0.1689, 0.2849]) == "0.232 [0.169, 0.285]"
    assert interval([0.0028, -0.0016, 0.0074], signed=True) == "+0.0028 [-0.0016, +0.0074]"
    assert short("+0.023 [-0.007, +10.040]") == "+.023 [-.007, +10.040]"
    assert [verdict(told) for told in ([0.1, 0.0, 0.2], [0.1, 0.01, 0.2], [-0.1, -0.2, -0.01])] == [
        *("no difference shown", "better", "worse")
    ]


def test_all_tables_of_a_folder_can_be_shown_on_a_page(folder: Path) -> None:
    found = list(shown(read_results(folder)))
    titles = list(dict.fromkeys(title for title, _, _ in found))
    assert len(titles) == 8 and all(" / " in title for title in titles)
    assert [words for title, words, _ in found if "graded" in title] == ["heldout long", "heldout short"]
    assert all(isinstance(table, Table) and table.rows for _, _, table in found)


def test_what_is_kept_leaves_out_only_what_no_table_shows(folder: Path) -> None:
    found = read_results(folder)
    kept = {name: needed(result) for name, result in found.items()}
    assert fill(page(*PLACES), kept) == fill(page(*PLACES), found)
    assert "notes" in found[f"crunchbase warm {AS_OF}"] and "notes" not in kept[f"crunchbase warm {AS_OF}"]


def test_the_commands_write_results_that_the_documents_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export, source, out = tiny_export(), tmp_path / "export", tmp_path / "results"
    source.mkdir()
    out.mkdir()
    for name, rows in (("edges", export.edges), ("companies", export.companies), ("investors", export.investors)):
        with (source / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    monkeypatch.chdir(tmp_path)
    commands = {
        "learned": ["learned", str(source), "--json"],
        "duplicates": ["duplicates", "--records", "60", "--pairs", "6", "--json"],
        "ablation": ["ablation", "--crunchbase", str(source), "--as-of", AS_OF.isoformat(), "--json"],
    }
    for name, words in commands.items():
        done = CliRunner().invoke(main, ["evaluate", *words])
        assert done.exit_code == 0, done.output
        (out / f"{name}.json").write_text(done.stdout, encoding="utf-8")
    assert {name.split()[0] for name in read_results(out)} == set(commands)
    (tmp_path / "benchmarks.md").write_text(page("learned", "duplicates 60"), encoding="utf-8")
    done = CliRunner().invoke(main, ["evaluate", "document", "--results", str(out), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "too few to tell" in text and "| 60, seed 11 | 6 |" in text


def test_fractions_are_rounded_once_when_they_are_read() -> None:
    assert results_module.rounded({"a": [0.123456789, 3, "x"], "b": {"c": 1e-9}}) == {
        "a": [0.123457, 3, "x"],
        "b": {"c": 0.0},
    }
