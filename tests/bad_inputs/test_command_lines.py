"""Programs of scripts/ started wrongly, or on files that are not theirs: one line, status not 0, nothing written."""

import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from bad_inputs import answers
from damages import cut_to
from figures.example_tables import SMOKE, example_tables
from figures.example_tables import write as write_tables
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.study import plan
from regularization.system import command_line
from studies import ROOT, entry, study

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "command_lines.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the braces in the cases stand for."""
    folder = tmp_path_factory.mktemp("files")
    small = study(entry("linear_regression"), entry("fashion_mnist"))
    names = ("text", "cut", "other", "config", "plan")
    made = {"no": folder / "no", "out": folder / "out", **{name: folder / name for name in names}}
    made["text"].write_text("neither\n")
    made["cut"].write_text('{"results": "res')
    made["other"].write_text('{"name": "other"}')
    made["config"].write_text(small.as_json())
    plan.runs(plan.cohorts(small)).to_parquet(made["plan"])
    for name in ("empty", "figures"):
        made[name] = folder / name
        made[name].mkdir()
    for name in FIGURES:
        exhibit.write_nothing(name, made["figures"], "")
    return {**made, "tables": write_tables(example_tables(SMOKE), folder / "tables")}


def contents(folder: Path) -> dict[Path, bytes | None]:
    """Every file and folder below a folder."""
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


Answer = Callable[..., list[str]]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    """Run a program of scripts/ in this process; what it says on standard error when it refuses."""

    def run(program: str, *arguments: str, given: str = "") -> list[str]:
        monkeypatch.setattr(sys, "argv", [f"{program}.py", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        monkeypatch.setattr(command_line, "stop_when_interrupted", lambda words: None)
        monkeypatch.chdir(ROOT)
        with pytest.raises(SystemExit) as stop:
            command_line.answered(importlib.import_module(program).main)
        assert stop.value.code not in (0, None)
        said = capsys.readouterr().err
        return said.splitlines() if isinstance(stop.value.code, int) else [said, str(stop.value.code)][-1].splitlines()

    return run


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_program_started_wrongly_says_so_in_a_line(case, files, answer):
    before = contents(files["no"].parent)
    program, *arguments = (word.format(**files) for word in case["run"])
    given = files["config"].read_text() if case.get("config") else case.get("input", "")
    [line] = answer(program, *arguments, given=given)
    told_apart = (word for word in arguments if len(word) > 2)  # long enough to be found in an answer as itself
    for part in case["says"]:
        assert part in line
    answers.check(line, {"standard input", "arguments are required", *told_apart})
    assert contents(files["no"].parent) == before or "writes" in case


@pytest.mark.parametrize("program", sorted(path.stem for path in (ROOT / "scripts").glob("*.py")))
def test_every_program_is_started_wrongly_at_least_once(program: str) -> None:
    assert program in {case["run"][0] for case in CASES}


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    path.write_bytes(content)


def of_another_version(path: Path) -> None:
    pd.read_parquet(path).iloc[:, 1:].to_parquet(path)


def emptied(path: Path) -> None:
    pd.read_parquet(path).iloc[:0].to_parquet(path)


def damaged(path: Path) -> None:
    cut_to(path, 0.9)


NO_PARQUET = "is no Parquet file, or damaged"


@pytest.mark.parametrize(
    ("table", "damage", "says"),
    [
        *(("cells", damaged, NO_PARQUET), ("cells", overwritten, NO_PARQUET), ("curves", damaged, NO_PARQUET)),
        ("cells", of_another_version, "has no column experiment: another version of this program wrote it"),
        ("runs", of_another_version, "has no column run_id"),
        *((table, of_another_version, "has no column") for table in ("curves", "theory")),
        *(("cells", emptied, "has no rows: the study has no results"), ("runs", emptied, "has no rows")),
        ("cells", Path.unlink, "lacks"),
    ],
)
@pytest.mark.parametrize("program", ["evaluate_claims", "make_figures"])
def test_a_damaged_table_is_named_in_a_line(tmp_path, program, table, damage, says, answer):
    tables = write_tables(example_tables(SMOKE), tmp_path / "tables")
    damage(tables / f"{table}.parquet")
    if program == "evaluate_claims" and table in ("curves", "theory"):
        pytest.skip("no claim that this small study measures reads it")
    [line] = answer(program, "--tables", str(tables), "--output", str(tmp_path / "out"))
    assert (f"lacks {table}.parquet" if says == "lacks" else f"{table}.parquet {says}") in line
    answers.check(line, [f"{table}.parquet"])


def test_half_a_file_of_a_figures_words_is_named(files: dict[str, Path], tmp_path: Path, answer: Answer) -> None:
    for name in FIGURES:
        exhibit.write_nothing(name, tmp_path, "")
    words = tmp_path / f"{next(iter(FIGURES))}.json"
    words.write_text(words.read_text()[:20])
    out = str(tmp_path / "out")
    [line] = answer(
        "render_report", "--tables", str(files["tables"]), "--figures", str(tmp_path), "--html", out, "--pdf", out
    )
    assert f"{words} is no JSON, or was cut short" in line
    assert "delete it and run make again" in line
