"""The explorers' data: which cells they walk through, and what is drawn of them (the rest: tests/browser)."""

import json

import numpy as np
import pytest

from figures.example_tables import Size, example_tables, write
from regularization.analysis.tables import Tables
from regularization.reporting.page import explorer


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return Tables.read(write(example_tables(), tmp_path_factory.mktemp("tables")))


def choice(made: explorer.Explorer, setting: str, title: str) -> explorer.Choice:
    own = next(one for one in made.settings if one.title == setting)
    return next(one for one in own.choices if one.title == title)


def test_a_walk_begins_without_regularization_and_rises_by_lambda_and_by_p_at_the_same_weight_decay(tables):
    walk = choice(explorer.weight_decay(tables), "the chapter's code, σ = 0.01", "L2 penalty").steps
    assert [step.at for step in walk] == ["0", "0.3", "3", "10", "100", "300", "700"]
    assert walk[0] == choice(explorer.weight_decay(tables), "the chapter's code, σ = 0.01", "norm constraint").steps[0]
    made = explorer.dropout(tables)
    assert [step.at for step in choice(made, "n = 500", "λ = 0.003").steps] == ["0", "0.1", "0.5", "0.9"]
    assert [step.at for step in choice(made, "n = 60,000, textbook", "λ = 0").steps] == ["0", "0.2 and 0.5"]
    assert not [setting for setting in made.settings if "crossed" in setting.title]  # its seeds are no replicates
    lengths = [max(len(one.steps) for one in setting.choices) for setting in made.settings]
    assert lengths == sorted(lengths, reverse=True)


def test_bands_and_shares_of_weights_are_those_stored_without_diverged_runs_or_the_bias(tables: Tables) -> None:
    step = choice(explorer.weight_decay(tables), "the chapter's code, σ = 0.01", "L2 penalty").steps[2]
    chosen = tables.runs.query("setting == 'textbook' and method == 'l2_penalty' and lam == 3")["run_id"]
    curves = tables.curves[tables.curves["run_id"].isin(chosen)]
    for drawn, column in ((step.train, "train_loss"), (step.test, "test_loss")):
        for line, share in zip(drawn, (0.1, 0.5, 0.9), strict=True):
            np.testing.assert_allclose(line, curves.groupby("epoch")[column].quantile(share), rtol=0.006)
    assert step.epochs == sorted(curves["epoch"].unique())
    step = choice(explorer.weight_decay(tables), "the chapter's code, σ = 0.01", "L2 penalty").steps[-1]
    runs = tables.runs.query("setting == 'textbook' and method == 'l2_penalty' and lam == 700")
    lost = int((runs["status"] != "ok").sum())
    assert lost > 0
    assert step.seeds == f"6 seeds, {lost} of them diverged or collapsed"
    gone = example_tables().replace(runs=tables.runs.assign(status="diverged"))
    assert explorer.explorers(gone) == {}  # no curve is left
    walk = choice(explorer.weight_decay(tables), "the chapter's code, σ = 0.01", "L2 penalty").steps
    assert [bool(step.weights) for step in walk] == [True, False, True, False, False, False, False]
    assert sum(walk[0].weights) == pytest.approx(1, abs=0.01)
    assert walk[0].weights[-1] == 0  # the made-up bias of 50 would be there
    sizes = np.array(explorer.weight_decay(tables).sizes)
    middles = [float(np.average(np.log10(sizes[1:]), weights=walk[i].weights)) for i in (0, 2)]
    assert middles[1] < middles[0] - 0.5  # λ = 3 shrinks them


def test_a_study_without_a_grid_has_no_explorer_and_the_data_are_json() -> None:
    little = Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("softmax_500",), methods=("none",))
    assert explorer.explorers(example_tables(little)) == {}
    made = explorer.explorers(example_tables(Size(seeds=2)))
    assert set(made) == {"explore-weight-decay", "explore-dropout"}
    for one in made.values():
        assert json.loads(one.json())["numbers"] == one.numbers
        assert len(one.json().encode()) < 200_000
