"""The explorers' data: which cells they walk through, and what is drawn of them (the rest: tests/browser)."""

import json

import numpy as np
import pytest

from figures.example_tables import Size, example_tables, write
from regularization.analysis.tables import Tables
from regularization.reporting.page import explorer
from regularization.training.tasks.fashion_mnist import CURVE_IMAGES


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return Tables.read(write(example_tables(), tmp_path_factory.mktemp("tables")))


def steps(made: dict, setting: str, title: str = "dropout and weight decay") -> list[dict]:
    own = next(one for one in made["settings"] if one["title"] == setting)
    return next(one for one in own["choices"] if one["title"] == title)["steps"]


def test_a_walk_begins_without_regularization_and_has_every_p_and_lambda_once(tables: Tables) -> None:
    made = explorer.dropout(tables)
    grid = [(step["p"], step["lam"]) for step in steps(made, "n = 500")]
    assert grid[0] == ("0", "0")
    assert len(set(grid)) == len(grid)
    assert [p for p, lam in grid if lam == "0.003"] == ["0", "0.1", "0.5", "0.9"]
    assert [step["p"] for step in steps(made, "n = 60,000, textbook")] == ["0", "0.2 and 0.5"]
    assert not [setting for setting in made["settings"] if "crossed" in setting["title"]]  # its seeds are no replicates
    lengths = [max(len(one["steps"]) for one in setting["choices"]) for setting in made["settings"]]
    assert lengths == sorted(lengths, reverse=True)
    assert f"the first {CURVE_IMAGES:,} " in made["note"]


def test_bands_and_means_are_those_stored_without_the_runs_that_were_lost(tables: Tables) -> None:
    chosen = tables.runs.query("setting == 'samples_500' and method == 'dropout' and p == '0.5/0.5' and lam == 0")
    lost = chosen["run_id"].iloc[0]
    status = tables.runs["status"].where(tables.runs["run_id"] != lost, "diverged")
    made = explorer.dropout(example_tables().replace(runs=tables.runs.assign(status=status)))
    step = next(one for one in steps(made, "n = 500") if (one["p"], one["lam"]) == ("0.5", "0"))
    assert step["seeds"] == f"{len(chosen)} seeds, 1 of them diverged or collapsed"
    kept = chosen[chosen["run_id"] != lost]
    curves = tables.curves[tables.curves["run_id"].isin(kept["run_id"])].groupby("epoch")
    for drawn, column in ((step["train"], "train_loss"), (step["test"], "test_loss")):
        means = curves[column].quantile(0.1), curves[column].mean(), curves[column].quantile(0.9)
        np.testing.assert_allclose(drawn, means, rtol=0.006)
    np.testing.assert_allclose(step["ends"], kept[["train_loss", "test_loss"]].mean(), rtol=0.006)
    assert step["epochs"] == sorted(curves.groups)


def test_the_live_experiment_begins_with_the_studys_own_numbers_or_is_left_out(tables: Tables) -> None:
    made = explorer.descent(tables)
    assert (made["n"], made["d"], made["noiseStd"], made["learningRate"], made["lam"]) == (20, 200, 0.01, 0.003, 3)
    for changed in ({"loss": "squared_error"}, {"schedule": "cosine"}, {"n_train": 300}, {"bias_init_std": 1.0}):
        assert explorer.descent(example_tables().replace(settings=tables.settings.assign(**changed))) is None


def test_a_study_without_a_grid_has_no_explorer_and_the_data_are_json(tables: Tables) -> None:
    little = Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("softmax_500",), methods=("none",))
    assert explorer.explorers(example_tables(little)) == {}
    gone = example_tables().replace(runs=tables.runs.assign(status="diverged"))
    assert set(explorer.explorers(gone)) == {"explore-descent"}  # no curve is left
    made = explorer.explorers(example_tables(Size(seeds=2)))
    assert set(made) == {"explore-descent", "explore-dropout"}
    for one in made.values():
        assert json.loads(one)
        assert len(one.encode()) < 100_000
