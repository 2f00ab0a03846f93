"""Two results folders compared: nothing that differs is missed, and nothing that is the same is called different."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regularization.analysis.catalogue import TABLES, key_of
from regularization.analysis.comparing import verdict
from regularization.analysis.comparing.tables import NotComparableError, Tolerance
from regularization.system.files import sha256
from studies import ROOT, program

EXACT = Tolerance()


def runs(n: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    named = {"run_id": [f"run{k}" for k in range(n)], "cohort": [f"s{k // 10}" for k in range(n)], "status": "ok"}
    return pd.DataFrame({**named, "seed": np.arange(n), "risk": rng.random(n), "test_accuracy": np.nan})


CELLS = {"experiment": "a", "setting": "a", "method": "a", "lam": [0.0, 3.0], "p": "0", "metric": "risk"}
JOB = {"experiment": "linear_regression", "cohort": ["s0"], "digest": "d", "code": "c"}
JOB |= {"torch": "2.0", "threads": 1, "wall_seconds": 1.0, "finished": "then"}
GIVEN = {"cells": pd.DataFrame({**CELLS, "mean": [1.0, 2.0]}), "provenance": pd.DataFrame(JOB)}


def folder(path: Path, **changes: pd.DataFrame) -> Path:
    """A small results folder."""
    (path / "tables").mkdir(parents=True, exist_ok=True)
    for name, table in {"runs": runs(), **GIVEN, **changes}.items():
        table.to_parquet(path / "tables" / f"{name}.parquet", index=False)
    (path / "config.json").write_text(json.dumps({"device": "cpu", "study": [{"seeds": 4}]}))
    return path


def compared(tmp_path: Path, tolerance: Tolerance = EXACT, rows: int = 7, **changes) -> verdict.Verdict:
    return verdict.compare(folder(tmp_path / "a"), folder(tmp_path / "b", **changes), tolerance, rows=rows)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (runs().sample(frac=1, random_state=0), "rows in another order"),
        (runs().assign(cohort="all"), "20 rows from jobs of another name"),
        (runs().astype({"seed": "int32"}), "other type of seed: int64 | int32"),
    ],
)
def test_the_same_numbers_in_another_order_job_or_type_are_identical(tmp_path, table, words):
    assert compared(tmp_path).line == "IDENTICAL: all 2 tables have the same bytes."
    found = compared(tmp_path, runs=table)
    assert found.status == verdict.IDENTICAL
    assert found.line.startswith("IDENTICAL: all 2 tables have the same numbers to the last bit")
    assert words in verdict.words(found)


@pytest.mark.parametrize("order", ["the same", "another"])
@pytest.mark.parametrize("position", [0, 6, 7, 19])
def test_the_last_bit_of_one_number_is_found_wherever_it_stands(tmp_path, position, order):
    other = runs()
    other.loc[position, "risk"] = np.nextafter(other.loc[position, "risk"], 2)
    value = other.loc[position, "risk"]
    found = compared(tmp_path, runs=other if order == "the same" else other.iloc[::-1])
    assert found.status == verdict.DIFFERENT
    assert found.line == "DIFFERENT: runs."
    [difference] = found.compared[1].differences
    assert (difference.column, difference.count, difference.where) == ("risk", 1, f"run{position}")
    assert difference.values == (str(runs().loc[position, "risk"]), str(value))
    assert difference.largest_absolute == value - runs().loc[position, "risk"]
    assert f"risk: 1 of 20 differ, at most {difference.largest_relative:.1e} relative" in verdict.words(found)


def test_the_largest_difference_and_what_only_one_has_are_shown(tmp_path):
    other = runs()
    other["risk"] *= 1 + np.where(other["seed"] == 11, 0.5, 0.001)
    [difference] = compared(tmp_path, runs=other).compared[1].differences
    assert (difference.count, difference.where) == (20, "run11")
    assert difference.largest_relative == pytest.approx(0.5 / 1.5)
    found = compared(tmp_path, runs=runs(23).drop(columns="status").assign(extra=1), labels=pd.DataFrame({"item": [0]}))
    text = verdict.words(found)
    assert found.status == verdict.DIFFERENT
    assert "3 rows only in the second, such as run2" in text
    assert "columns only in the first: status" in text
    assert "columns only in the second: extra" in text
    assert "only in the second: labels" in text
    assert found.line == "DIFFERENT: runs, labels."


@pytest.mark.parametrize(("one", "other"), [(np.nan, 1.0), (np.inf, 1.0), (np.inf, -np.inf), (np.inf, np.nan)])
def test_what_is_no_number_differs_from_a_number_beyond_every_tolerance(tmp_path, one, other):
    tables_of = [runs(), runs()]
    for table, value in zip(tables_of, (one, other)):
        table.loc[3, "risk"] = value
    a, b = folder(tmp_path / "a", runs=tables_of[0]), folder(tmp_path / "b", runs=tables_of[1])
    found = verdict.compare(a, b, Tolerance(relative=0.5, absolute=1e9))
    assert found.status == verdict.DIFFERENT
    assert found.compared[1].differences[0].largest_relative == np.inf
    assert verdict.compare(a, a, EXACT).status == verdict.IDENTICAL


def test_numbers_and_words_about_them_follow_the_tolerance_and_verdicts_do_not(tmp_path):
    other = runs().assign(risk=lambda table: table["risk"] * (1 + 1e-7))
    assert compared(tmp_path / "exact", runs=other).status == verdict.DIFFERENT
    found = compared(tmp_path / "relative", Tolerance(relative=1e-6), runs=other)
    assert found.status == verdict.IDENTICAL
    assert found.line.startswith("WITHIN TOLERANCE: 1 of 2 tables differ, by at most 1.0e-07 relative")
    assert compared(tmp_path / "absolute", Tolerance(absolute=1e-6), runs=other).status == verdict.IDENTICAL
    assert compared(tmp_path / "tight", Tolerance(relative=1e-8), runs=other).status == verdict.DIFFERENT
    text = runs().assign(status="diverged")
    assert compared(tmp_path / "text", Tolerance(relative=1), runs=text).status == verdict.DIFFERENT
    claims = pd.DataFrame({"id": ["c01"], "effect": [1.0], "reason": ["it is 1.0"], "verdict": ["supported"]})
    close = claims.assign(effect=1.0000001, reason="it is 1.0000001")
    a, b = folder(tmp_path / "a", claims=claims), folder(tmp_path / "b", claims=close)
    assert verdict.compare(a, b, Tolerance(relative=1e-6)).status == verdict.IDENTICAL
    assert verdict.compare(a, b, EXACT).status == verdict.DIFFERENT
    c = folder(tmp_path / "c", claims=close.assign(verdict="inconclusive"))
    found = verdict.compare(a, c, Tolerance(relative=1e-6))
    assert found.status == verdict.DIFFERENT
    assert "verdict: 1 of 1 differ, at c01: supported | inconclusive" in verdict.words(found)


def test_provenance_and_analyses_environments_that_differ_are_said_and_make_nothing_different(tmp_path):
    other = {"cohort": ["s0", "s1"], "digest": ["d", "e"], "code": ["other", "c"], "torch": "2.1"}
    jobs = pd.DataFrame({**JOB, **other, "wall_seconds": 9.0, "finished": "now"})
    a, b = folder(tmp_path / "a"), folder(tmp_path / "b", provenance=jobs)
    (b / "config.json").write_text(json.dumps({"device": "cuda", "study": [{"seeds": 8}]}))
    for path, text in ((a, "[]"), (b, "[1]")):
        (path / "claims.json").write_text(text)
    found = verdict.compare(a, b, EXACT)
    text = verdict.words(found)
    assert found.status == verdict.IDENTICAL
    for line in (
        "  torch: 2.0 | 2.1",
        "  1 jobs have no counterpart: the runs were packed into other jobs, or differ",
        "  1 of 1 jobs with the same name had other code",
        '    device: "cpu" | "cuda"',
        "    study[0].seeds: 4 | 8",
        "Other files: 0 have the same bytes, 2 have other bytes",
    ):
        assert line in text.splitlines(), line
    assert "wall_seconds" not in text
    assert "threads" in text.partition("the same: ")[2].splitlines()[0]
    a, b, neither = (folder(tmp_path / name) for name in "abc")
    for path, statsmodels in ((a, "0.15.0"), (b, "0.16.0")):
        record = {"configuration": sha256(path / "config.json")[:16], "commit": "0123456789ab"}
        versions = {"python": "3.11.7", "statsmodels": statsmodels}
        (path / "environment.json").write_text(json.dumps({**record, "versions": versions}))
    found = verdict.compare(a, b, EXACT)
    lines = verdict.words(found).splitlines()
    assert found.status == verdict.IDENTICAL
    assert "  statsmodels of the analyses: 0.15.0 | 0.16.0" in lines
    assert not any("python of the analyses" in line or "another configuration" in line for line in lines)
    assert "commit and versions of the analyses" in verdict.words(verdict.compare(a, a, EXACT))
    lines = verdict.words(verdict.compare(a, neither, EXACT)).splitlines()
    assert "  statsmodels of the analyses: 0.15.0 | not recorded" in lines
    assert "of the analyses" not in verdict.words(verdict.compare(neither, neither, EXACT))
    a, b = folder(tmp_path / "a"), folder(tmp_path / "b")
    (b / "environment.json").write_text(json.dumps({"configuration": "of another study", "versions": {}}))
    [line] = [line for line in verdict.words(verdict.compare(a, b, EXACT)).splitlines() if "another config" in line]
    assert line.strip().startswith(f"{b}: its analyses were made with another configuration than its config.json")


def test_what_cannot_be_compared_is_refused_with_the_reason(tmp_path):
    a, b = folder(tmp_path / "a"), folder(tmp_path / "b", runs=runs().assign(run_id=lambda t: "x" + t["run_id"]))
    with pytest.raises(NotComparableError, match="have no run in common"):
        verdict.compare(a, b, EXACT)
    with pytest.raises(NotComparableError, match="nowhere has no tables"):
        verdict.compare(a, tmp_path / "nowhere", EXACT)
    twice = folder(tmp_path / "twice", runs=pd.concat([runs(), runs()]))
    with pytest.raises(NotComparableError, match="runs: the second has more than one row run"):
        verdict.compare(a, twice, EXACT)
    broken = Path(shutil.copytree(a, tmp_path / "broken"))
    (broken / "tables" / "cells.parquet").write_bytes(b"PAR1 no table")
    with pytest.raises(NotComparableError, match=r"cells: .*broken"):
        verdict.compare(a, broken, EXACT)


def test_the_script_ends_with_the_verdict_and_its_status(tmp_path):
    a = folder(tmp_path / "a")
    b = folder(tmp_path / "b", runs=runs().assign(risk=lambda table: table["risk"] * (1 + 1e-9)))
    for arguments, status, last in (
        ((a, a), 0, "IDENTICAL: "),
        ((a, b), 1, "DIFFERENT: runs."),
        ((a, b, "--relative", "1e-8"), 0, "WITHIN TOLERANCE: "),
        ((a, b, "--tables", "cells"), 0, "IDENTICAL: all 1 tables"),
    ):
        done = program("compare_results", *arguments)
        assert done.returncode == status, done.stderr
        assert done.stdout.splitlines()[-1].startswith(last)
    done = program("compare_results", a, tmp_path / "nowhere")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("NOT COMPARABLE: ")
    lacks = program("compare_results", a, b, "--tables", "cells", "theory")
    assert "has no table theory, but cells, runs" in lacks.stderr
    wrong = program("compare_results", a, b, "--relative", "-1")
    assert "-1 is not a number ≥ 0, such as 1e-6" in wrong.stderr
    assert "exit status:" in program("compare_results", "--help").stdout


def test_every_table_has_a_key():
    dictionary = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    headings = {line[3:] for line in dictionary.splitlines() if line.startswith("## ")}
    assert set(TABLES) <= headings, "a table that is not described"
    assert {name for name in headings if not key_of(name)} == {"Conventions", "provenance", "environment", "Benchmark"}


@pytest.mark.parametrize("order", ["the same", "another"])
def test_memory_stays_bounded_where_tables_do_not(tmp_path, order):
    """Two tables of 400,000 rows, a small part of them at a time: the peak is far from that of the whole tables."""
    n, parts = 40_000, 10
    for name, numbers in (("a", range(parts)), ("b", range(parts) if order == "the same" else reversed(range(parts)))):
        path = tmp_path / name / "tables" / "predictions_fashion_mnist.parquet"
        path.parent.mkdir(parents=True)
        schema = pa.schema([("run_id", "string"), ("item", "int64"), *((f"p{k}", "float64") for k in range(10))])
        with pq.ParquetWriter(path, schema, compression="snappy" if name == "a" else "none") as writer:
            for part in numbers:
                rng = np.random.default_rng(part)
                columns = {f"p{k}": rng.random(n) for k in range(10)}
                writer.write_table(pa.table({"run_id": [f"run{part}"] * n, "item": np.arange(n), **columns}, schema))

    def peak_mib(*arguments: object) -> float:
        measure = (
            "import resource, subprocess, sys; status = subprocess.call(sys.argv[1:]);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024); sys.exit(status)"
        )
        command = [sys.executable, str(ROOT / "scripts" / "compare_results.py"), *map(str, arguments)]
        done = subprocess.run([sys.executable, "-c", measure, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "--help" in arguments or "IDENTICAL: " in done.stdout
        return float(done.stdout.split()[-1])

    nothing, folders = peak_mib("--help"), (tmp_path / "a", tmp_path / "b")
    part = n // 10 if order == "the same" else n // 2  # each bucket reads the files once
    assert peak_mib(*folders, "--rows", part) - nothing < 0.5 * (peak_mib(*folders, "--rows", n * parts) - nothing)
