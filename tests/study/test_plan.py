"""The plan: what is trained, under which id, and what a change of the configuration trains again."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import shared
from regularization.naming import run_id
from regularization.study import plan
from regularization.study.configuration import Configuration
from studies import ROOT, entry, planned, program, raw, study


def digests(configuration: Configuration) -> dict[str, str]:
    """Cohort → digest of what decides its numbers."""
    return {cohort.name: cohort.digest(configuration) for cohort in plan.cohorts(configuration)}


def trained_again(before: Configuration, after: Configuration) -> set[str]:
    """Cohorts that a finished study has to train after a change of its configuration."""
    old = digests(before)
    return {name for name, digest in digests(after).items() if old.get(name) != digest}


LINEAR = {"methods": ["none", "l2_penalty", "ridge"], "lam": [0, 1, 3], "seeds": 20}
NETWORK = {
    "settings": ["samples_500"],
    "methods": ["dropout_weight_decay"],
    "lam": [0, 0.001],
    "p": [0, 0.5],
    "seeds": 12,
}


def test_every_combination_is_planned_once_and_belongs_to_one_cohort_and_one_method():
    runs = planned(entry("linear_regression", **LINEAR), entry("fashion_mnist", **NETWORK))
    assert runs["run_id"].is_unique
    # none, l2_penalty at λ = 1 and 3, ridge at λ = 0, 1 and 3; then a 2 × 2 grid.
    assert len(runs) == 20 * (1 + 2 + 3) + 12 * 4
    cells = set(runs[["method", "lam", "p"]].itertuples(index=False, name=None))
    assert {("none", 0.0, "0/0"), ("weight_decay", 0.001, "0/0"), ("dropout", 0.0, "0.5/0.5")} <= cells
    assert ("dropout_weight_decay", 0.001, "0.5/0.5") in cells
    assert ("ridge", 0.0, "0") in cells, "ridge at λ = 0 is the minimum-norm solution, not the baseline"
    assert ("l2_penalty", 0.0, "0") not in cells
    cohorts = plan.cohorts(study(entry("linear_regression", **LINEAR), entry("fashion_mnist", **NETWORK)))
    runs = plan.runs(cohorts)
    assert sum(cohort.n_runs for cohort in cohorts) == len(runs)
    assert (runs.groupby("cohort")["method"].nunique().eq(1)).all()


def test_cohorts_of_deep_networks_have_names_that_files_can_bear():
    deep = {"linear_regression": {}, "fashion_mnist": {"a" * 60: {"n_train": 99, "batch_size": 9, "hidden": [8] * 48}}}
    given = {"settings": ["a" * 60], "methods": ["dropout"], "p": [0.25, 0.5, [0.1] + [0.5] * 47], "seeds": 100}
    names = [cohort.name for cohort in plan.cohorts(study(entry("fashion_mnist", **given), settings=deep))]
    assert len(set(names)) == len(names) > 2
    assert max(map(len, names)) < 160


def test_ids_are_readable_and_runs_expanded_as_one_would_one_by_one():
    alone = planned(entry("linear_regression", methods=["l2_penalty"], lam=[3], seeds=1))
    assert alone["run_id"].tolist() == ["linear_regression:textbook:l2_penalty:lam=3:p=0:seed=0"]
    together = planned(entry("linear_regression", **LINEAR), entry("fashion_mnist", **NETWORK))
    assert alone["run_id"].isin(together["run_id"]).all()
    mixed = planned(entry("fashion_mnist", settings=["textbook"], methods=["dropout"], p=[[0.2, 0.5]], seeds=1))
    assert mixed["run_id"].tolist() == ["fashion_mnist:textbook:dropout:lam=0:p=0.2/0.5:seed=0"]
    # Cells, seed blocks and crossed seeds; the ids are those of `run_id`.
    crossed = entry(
        "fashion_mnist", settings=["samples_500_crossed"], methods=["none", "dropout"], p=[0.5], seeds=3, data_seeds=2
    )
    planned_study = study(
        entry("linear_regression", **{**LINEAR, "seeds": 401}), crossed, entry("fashion_mnist", **NETWORK)
    )
    cohorts = plan.cohorts(planned_study)
    expected = [
        (
            *(run_id(*cell.key, seed, data_seed), *cell.key, seed, data_seed, cohort.name),
            *(cell.predictions, cell.probes, cell.account),
        )
        for cohort in cohorts
        for cell in cohort.cells
        for seed in cohort.seeds(cell)
        for data_seed in (range(cell.data_seeds) or [seed])
    ]
    assert list(plan.runs(cohorts).itertuples(index=False, name=None)) == expected
    assert any("data_seed=" in run[0] for run in expected)
    assert plan.runs([]).columns.tolist() == plan.runs(cohorts).columns.tolist()


def test_overlapping_entries_are_planned_once_with_the_larger_number_of_seeds_in_any_order():
    runs = planned(
        entry("linear_regression", **LINEAR), entry("linear_regression", **{**LINEAR, "lam": [0, 3], "seeds": 30})
    )
    assert runs["run_id"].is_unique
    seeds = runs[runs["method"] == "l2_penalty"].groupby("lam")["seed"].count().to_dict()
    assert seeds == {1.0: 20, 3.0: 30}
    straight = study(entry("linear_regression", **LINEAR), entry("fashion_mnist", **NETWORK))
    turned = study(
        entry("fashion_mnist", **NETWORK),
        entry("linear_regression", **{**LINEAR, "lam": [3, 0, 1], "methods": ["ridge", "l2_penalty", "none"]}),
    )
    assert digests(straight) == digests(turned)


@pytest.mark.parametrize(("change", "expected"), shared.cases(__file__))
def test_a_network_study_that_grows_trains_only_what_is_new(change, expected):
    before = study(entry("fashion_mnist", **NETWORK))
    again = trained_again(before, study(entry("fashion_mnist", **{**NETWORK, **change})))
    assert again == {f"samples_500-{cohort}" for cohort in expected}


def test_a_new_lam_or_a_changed_setting_trains_its_cohorts_again_and_no_other():
    before = study(entry("linear_regression", **LINEAR))
    after = study(entry("linear_regression", **{**LINEAR, "lam": [0, 1, 3, 10]}))
    assert trained_again(before, after) == {"l2_penalty-n20-s0-19", "ridge-n20-s0-19"}
    before = study(entry("fashion_mnist", **NETWORK), entry("fashion_mnist", settings=["samples_2000"]))
    catalogue = {name: dict(values) for name, values in raw()["settings"].items()}
    catalogue["fashion_mnist"]["samples_500"] = {"n_train": 500, "images": "blocks", "epochs": 7}
    after = study(
        entry("fashion_mnist", **NETWORK), entry("fashion_mnist", settings=["samples_2000"]), settings=catalogue
    )
    again = trained_again(before, after)
    assert again
    assert all(name.startswith("samples_500") for name in again)


def test_names_of_cohorts_fit_into_names_of_files_and_differ():
    deep = {"a" * 60: {"n_train": 100, "images": "blocks", "batch_size": 50, "hidden": [8] * 48}}
    catalogue = {**raw()["settings"], "fashion_mnist": deep}
    ps = [0.1, 0.25, [0.25] * 47 + [0.1], [0.1] + [0.25] * 47]
    part = {"settings": [*deep], "methods": ["dropout_weight_decay"], "lam": [1e-300, 1e300, 1.1e300], "p": ps}
    names = [cohort.name for cohort in plan.cohorts(study(entry("fashion_mnist", **part), settings=catalogue))]
    assert len(set(names)) == len(names) == 12
    assert max(map(len, names)) < 230
    assert f"{'a' * 60}-dropout_weight_decay-lam1e-300-p0.25x48-s0-1" in names


def test_cells_that_cannot_be_are_left_out_and_written_with_their_p_and_why(tmp_path):
    cells, left_out = plan.cells(study(entry("linear_regression", methods=["early_stopping"], lam=[0.1, 3, 300])))
    assert [cell.lam for cell in cells] == [3.0, 300.0]
    assert [(key.lam, "exceed the budget of 400" in reason) for key, reason in left_out.items()] == [(0.1, True)]
    noise = {"p": [[0.2, 0.5], [1, 0.5], [0.5, 1]]}
    left_out, said = written(tmp_path, **noise)
    expected = plan.cells(study(entry("fashion_mnist", methods=["gaussian_dropout"], seeds=1, **noise)))[1]
    assert [*left_out.itertuples(index=False, name=None)] == [(*key, reason) for key, reason in expected.items()]
    assert left_out["p"].tolist() == ["1/0.5", "0.5/1"]
    assert "gaussian_dropout λ=0 p=1/0.5: p = 1 means noise of infinite variance" in said
    left_out, _ = written(tmp_path, p=[[0.2, 0.5]])
    assert left_out.empty
    assert list(left_out.columns) == ["experiment", "setting", "method", "lam", "p", "reason"]


@pytest.mark.slow
def test_a_million_runs_plan_in_half_a_minute_and_a_gigabyte():
    code = """
import sys, time
sys.path[:0] = ["scripts", "tests"]
from studies import entry, study
from regularization.study import plan
from regularization.system import machine
start = time.process_time()
lams = [i / 7 for i in range(1, 5001)]
configuration = study(entry("linear_regression", methods=["l2_penalty"], lam=lams, seeds=200))
cohorts = plan.cohorts(configuration)
enumerated = time.process_time() - start
runs = plan.runs(cohorts)
assert len(runs) == 1_000_000 and runs["run_id"].is_unique
print(enumerated, time.process_time() - start, machine.peak_memory_mib() / 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    enumerated, seconds, gibibytes = map(float, done.stdout.split())
    assert enumerated < 5, "the Snakefile enumerates cohorts at every start"
    assert seconds < 30
    assert gibibytes < 1


def written(folder: Path, **noise: object) -> tuple[pd.DataFrame, str]:
    """The cells left out of a study of noise at some p, and what was said of them."""
    config = study(entry("fashion_mnist", methods=["gaussian_dropout"], seeds=1, **noise)).as_json()
    done = program("plan_study", "--output", folder, input=config, check=True)
    return pd.read_csv(folder / "left_out.csv", dtype={"p": str}), done.stderr
