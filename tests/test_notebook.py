"""What notebooks use: results by name, runs in memory, and the notebook that shows both."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import shared
from cohorts import made_up_images, same_bits, trained
from figures.example_tables import example_tables, write
from regularization import open_results, train
from regularization.system import fetching
from regularization.system.errors import UserError
from studies import ROOT, entry, study

NOTEBOOK = ROOT / "notebooks" / "first_look.ipynb"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A made-up study, as `make` leaves it."""
    folder = tmp_path_factory.mktemp("study")
    write(example_tables(), folder / "results" / "tables")
    return folder / "results"


@pytest.fixture(scope="module")
def grid():
    return train("linear_regression", ["none", "l2_penalty", "input_noise", "ridge"], lam=[1, 3], seeds=2)


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, regularization; print({'numpy', 'pandas', 'torch', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["set()"]


@pytest.mark.arithmetic
def test_a_grid_has_the_numbers_of_the_study_and_the_weights_behind_them(grid) -> None:
    methods = ["none", "l2_penalty", "input_noise", "ridge"]
    whole = trained(study(entry("linear_regression", methods=methods, lam=[1, 3], seeds=2)))
    assert sorted(grid.runs["run_id"]) == sorted(whole["run_id"])
    same_bits(grid.runs, whole, ["run_id"])
    runs = grid.runs.set_index("run_id")
    for name, points in grid.curves.groupby("run_id"):
        assert list(points["epoch"]) == list(range(101))
        assert points["risk"].iloc[-1] == runs.loc[name, "risk"]
        norm = np.linalg.norm(grid.weights[name]["weight_1"])
        assert norm == pytest.approx(runs.loc[name, "weight_norm"], rel=1e-9)
    assert grid.cell(method="ridge", lam=3).loc["risk", "mean"] == pytest.approx(
        whole.query("method == 'ridge' and lam == 3")["risk"].mean(), rel=1e-14
    )


def test_a_parameter_may_differ_and_a_network_has_its_weights_by_layer(monkeypatch) -> None:
    changes = {"n_train": 40, "epochs": 7}
    named = {"settings": {"linear_regression": {"other": changes}, "fashion_mnist": {}}}
    whole = trained(study(entry("linear_regression", settings=["other"], seeds=1), **named))
    run = train("linear_regression", **changes).runs
    assert run["setting"].item() == "textbook.changed"
    assert run["risk"].item() == whole["risk"].item()
    monkeypatch.setattr(fetching, "load", lambda folder: made_up_images(100))
    network = train("fashion_mnist", "dropout", p="0.2/0.5", setting="samples_500", n_train=70, epochs=1, hidden=[9, 8])
    [(name, weights)] = network.weights.items()
    assert name == "fashion_mnist:samples_500.changed:dropout:lam=0:p=0.2/0.5:seed=0"
    assert [one.shape for one in weights.values()] == [(784, 9), (9,), (9, 8), (8,), (8, 10), (10,)]


def test_a_table_has_units_and_what_is_asked_by_name_is_the_tables_own(results) -> None:
    opened = open_results(results)
    for name, unit in (("risk", "squared error"), ("test_accuracy", "fraction"), ("seed", "")):
        assert opened.runs.attrs["units"][name] == opened.describe("runs").loc[name, "unit"] == unit
    stored = pd.read_parquet(results / "tables" / "cells.parquet")
    where = {"experiment": "linear_regression", "setting": "textbook", "method": "l2_penalty", "lam": 3}
    same = stored[np.all([stored[name] == value for name, value in where.items()], axis=0)].set_index("metric")
    found = opened.cell(**where)
    pd.testing.assert_series_equal(found["mean"], same["mean"])
    assert found.loc["weight_norm", "unit"] == "norm"
    assert opened.curve(**where)["seed"].nunique() == same.loc["risk", "n"]
    assert opened.claim("c05")["verdict"] == opened.claims.set_index("id").loc["c05", "verdict"]


def test_plots_are_the_reports_and_leave_matplotlib_as_it_was(results, grid) -> None:
    before = {name: str(value) for name, value in mpl.rcParams.items()}
    opened = open_results(results)
    assert ">L2 penalty, λ = 3<" in grid.plot_curves("risk", lam=[0, 3])._repr_svg_()
    assert "ridge, closed form, λ = 3: no curve" in grid.plot_curves("risk", lam=3).svg
    by_lambda = opened.plot_lambda("risk", experiment="linear_regression", setting="textbook")
    assert ">risk (squared error)<" in by_lambda.svg
    assert "<svg" in opened.figure("weight-decay-risk").svg
    assert {name: str(value) for name, value in mpl.rcParams.items()} == before


@pytest.mark.parametrize(("asked", "given", "answer"), shared.cases(__file__))
def test_what_cannot_be_is_answered_with_what_can(grid, asked: str, given: dict[str, Any], answer: str) -> None:
    function = {"train": train, "open_results": open_results}.get(asked) or getattr(grid, asked)
    with pytest.raises(UserError, match=answer):
        function(**given)


@pytest.mark.parametrize("finished", [False, True])
def test_the_notebook_runs_and_shows_what_it_says(results, tmp_path, monkeypatch, finished) -> None:
    """Without a finished study, to the letter what is stored in it; with one, its claims and figures too."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    if finished:
        (tmp_path / "results").symlink_to(results)
    cells = list(executed("grid|zero" if finished else "nothing is left out"))
    assert len(cells) > 4
    for stored, printed, value in cells if not finished else []:
        shown = [one["data"] for one in stored if "data" in one]
        assert printed == "".join("".join(one["text"]) for one in stored if "text" in one)
        if hasattr(value, "_repr_svg_"):
            assert shown[0]["image/svg+xml"]
        else:
            assert [repr(value)] * (value is not None) == ["".join(one["text/plain"]) for one in shown]
    assert (cells[-1][2] is None) != finished
    assert any(re.search("risk", getattr(value, "svg", "")) for *_, value in cells)


def executed(but: str) -> Iterator[tuple[list[dict[str, Any]], str, Any]]:
    """Of code cells, but those that say so: what is stored, and what they print and give in a plain Python."""
    names: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and not re.search(but, source := "".join(cell["source"])):
            code, printed = ast.parse(source), StringIO()
            last = code.body.pop() if isinstance(code.body[-1], ast.Expr) else None
            with redirect_stdout(printed):
                exec(compile(code, NOTEBOOK.name, "exec"), names)
                value = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names) if last else None
            yield cell["outputs"], printed.getvalue(), value
