"""A run by itself: what may be asked for, and how it compares with the stored study."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import shared
from cohorts import made_up_images
from regularization.settings import LinearRegressionSetting
from regularization.training import one_run
from regularization.training.loop import train_cohort
from studies import entry, planned, program, study

STUDY = study(entry("linear_regression"), entry("fashion_mnist"))


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def request(experiment="linear_regression", setting="textbook", method="none", lam=0.0, p="0", seed=0):
    return one_run.requested(STUDY, experiment, setting, method, lam, p, seed)


@pytest.mark.parametrize(("arguments", "message"), shared.cases(__file__))
def test_a_run_that_does_not_exist_is_refused_with_what_does(arguments, message):
    with pytest.raises(one_run.RequestError, match=message):
        request(**arguments)


def test_a_requested_run_has_the_identity_that_the_plan_gives_it():
    runs = planned(
        entry("linear_regression", methods=["l2_penalty", "dropout"], lam=[3], p=[0.5]),
        entry("fashion_mnist", methods=["dropout"], p=[0.5]),
        entry("linear_regression"),
    ).set_index("run_id")
    requests = [
        request(method="l2_penalty", lam=3, seed=1),
        request(method="dropout", p="0.5"),
        request("fashion_mnist", method="dropout", p="0.5"),
        request("fashion_mnist", method="dropout", p="0.5/0.5"),
        request(method="l2_penalty", lam=0),  # which is the baseline
    ]
    for one in requests:
        row = one.iloc[0]
        pd.testing.assert_series_equal(
            row.drop(["run_id", "cohort"]), runs.loc[row["run_id"]].drop("cohort"), check_names=False
        )


def test_a_curve_has_up_to_101_points_and_equal_infinities_are_equal():
    assert one_run.curve_epochs(10) == tuple(range(11))
    long = one_run.curve_epochs(8000)
    assert (long[0], long[-1], len(long)) == (0, 8000, 101)
    nothing = dict.fromkeys(one_run.METRICS, np.nan)
    one, other = (
        pd.Series({**nothing, "risk": np.inf, "test_loss": 2.0}),
        pd.Series({**nothing, "risk": np.inf, "test_loss": 1.0}),
    )
    table = one_run.comparison(one, other).set_index("metric")
    assert dict(table["relative_difference"]) == {"test_loss": 1.0, "risk": 0.0}


@pytest.mark.arithmetic
@pytest.mark.parametrize("method", ["l2_penalty", "norm_constraint", "input_noise"])
def test_alone_or_in_its_cohort_or_by_the_textbook_a_run_ends_in_the_same_place(method):
    setting = STUDY.settings["linear_regression"]["textbook"]
    runs = planned(entry("linear_regression", methods=[method], lam=[1, 3], seeds=3))
    cohort = train_cohort(runs, {"textbook": setting}, dtype="float64", device="cpu")[0].runs.set_index("run_id")
    one = request(method=method, lam=3, seed=2)
    epochs = []
    alone = one_run.train_one(
        one, setting, dtype="float64", device="cpu", images=None, on_epoch=lambda epoch, metrics: epochs.append(epoch)
    )
    assert epochs == list(range(101))
    assert (one_run.comparison(alone, cohort.loc[alone["run_id"]])["relative_difference"] == 0).all()
    plain = one_run.train_by_the_textbook(
        one, setting, dtype="float64", images=None, on_epoch=lambda epoch, metrics: None
    )
    assert one_run.comparison(plain, alone)["relative_difference"].max() < 1e-10


@pytest.fixture
def finished(tmp_path):
    """A folder with the stored results of three runs, and a configuration file that points to it."""
    kept = study(
        entry("linear_regression", methods=["l2_penalty"], lam=[3], seeds=3), results=str(tmp_path / "results")
    )
    runs = planned(entry("linear_regression", methods=["l2_penalty"], lam=[3], seeds=3))
    table = train_cohort(runs, dict(kept.settings["linear_regression"]), dtype="float64", device="cpu")[0].runs
    (tmp_path / "results" / "tables").mkdir(parents=True)
    table.to_parquet(tmp_path / "results" / "tables" / "runs.parquet")
    (tmp_path / "results" / "config.json").write_text(kept.as_json(), encoding="utf-8")
    return kept


@pytest.mark.arithmetic
def test_the_verdict_says_how_a_run_compares_or_why_it_does_not(finished, tmp_path):
    run = one_run.stored_run(finished.results, request(method="l2_penalty", lam=3, seed=1).iloc[0])

    def verdict(run: pd.Series, configuration=finished) -> str:
        return one_run.verdict(configuration, run, one_run.stored_run(configuration.results, run))

    assert verdict(run) == "Identical to the stored run to the last bit."
    assert verdict(pd.Series({**run, "status": "diverged"})) == "This run ended as diverged, the stored one as ok."
    words = "Largest relative difference from the stored run: 1.0e-03."
    assert verdict(pd.Series({**run, "risk": run["risk"] * 1.001})) == words
    assert "does not hold this run" in verdict(request(method="l2_penalty", lam=5).iloc[0])
    elsewhere = study(entry("linear_regression"), results=str(tmp_path / "nowhere"))
    assert "no finished study in" in verdict(run, elsewhere)
    changed = {**finished.settings["linear_regression"], "textbook": LinearRegressionSetting(learning_rate=0.001)}
    other = type(finished)(**{**vars(finished), "settings": {**finished.settings, "linear_regression": changed}})
    assert "trained when setting textbook had other parameters" in verdict(run, other)


def test_the_script_draws_the_curve_and_finds_the_stored_run(finished, tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({"results": str(finished.results)}), encoding="utf-8")
    which = "--experiment linear_regression --setting textbook --method l2_penalty --lam 3 --seed 2"
    done = program("train_one", *which.split(), "--config", "config.yaml", overlay, check=True)
    assert "epoch  50/100   train_loss" in done.stdout
    assert "Identical to the stored run to the last bit." in done.stdout


def test_several_strengths_are_drawn_over_each_other_and_saved(finished, tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({"results": str(finished.results)}), encoding="utf-8")
    which = "--experiment linear_regression --method l2_penalty --lam 0 3 --seed 2 --save"
    done = program("train_one", *which.split(), tmp_path / "kept", "--config", "config.yaml", overlay, check=True)
    for said in ("λ = 3   epoch  50/100   train_loss", "no regularization   epoch 100/100", "measured on whole sets"):
        assert said in done.stdout
    curves = pd.read_csv(tmp_path / "kept.csv")
    assert curves.groupby("lam")["epoch"].agg(["min", "max"]).to_numpy().tolist() == [[0, 100], [0, 100]]
    last = curves[(curves["lam"] == 3) & (curves["epoch"] == 100)].iloc[0]
    with np.load(tmp_path / "kept.npz") as weights:
        w, b = (weights[f"{last['run_id']}/{name}_1"] for name in ("weight", "bias"))
    assert (w.shape, b.shape) == ((200, 1), (1,))
    assert np.linalg.norm(w) == pytest.approx(last["weight_norm"], rel=1e-6)
    again = program("train_one", *which.split(), tmp_path / "kept", "--config", "config.yaml", overlay)
    assert again.returncode == 1
    assert "kept.csv is there already: name another FILE, or delete it" in again.stderr


def test_a_networks_weights_are_kept_by_layer():
    setting = dataclasses.replace(STUDY.settings["fashion_mnist"]["textbook"], n_train=500, epochs=1)
    learnt = {}
    row = one_run.train_one(
        request("fashion_mnist"),
        setting,
        dtype="float32",
        device="cpu",
        images=made_up_images(n_test=100),
        on_epoch=lambda epoch, metrics: None,
        learnt=learnt,
    )
    assert [value.shape for value in learnt.values()] == [(784, 256), (256,), (256, 256), (256,), (256, 10), (10,)]
    norm = np.sqrt(sum((value**2).sum() for name, value in learnt.items() if name.startswith("weight")))
    assert norm == pytest.approx(row["weight_norm"], rel=1e-4)
