"""The same study gives the same tables, byte for byte, however it is run; and every result can be made once more."""

import copy
import io
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from faults import tables

from cohorts import same_numbers, train
from conftest import MINI, Project, copy_of_the_project
from regularization.columns import COHORT_TABLES, METRICS
from regularization.study import plan
from regularization.study.reading import load, validated
from regularization.system import fashion_mnist
from regularization.training.results import CohortResult
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_tables_have_the_same_bytes_on_one_core_or_two_and_in_any_order_of_jobs(finished: Project, tmp_path: Path):
    config = copy.deepcopy(MINI)
    config["study"] = config["study"][::-1]
    for entry in config["study"]:
        for key in ("methods", "lam", "p", "settings"):
            if key in entry:
                entry[key] = entry[key][::-1]
    other = copy_of_the_project(tmp_path / "project")
    shutil.copytree(finished.folder / "results" / "data", other.folder / "results" / "data")
    other.configure(config)
    names = ("runs", "predictions_linear_regression", "predictions_fashion_mnist", "account")
    other.snakemake(*(f"results/tables/{name}.parquet" for name in names), cores=1)
    made = tables(other)
    assert {"runs.parquet", "curves.parquet", "cells.parquet", "account.parquet"} <= set(made)
    whole = tables(finished)
    assert {name: whole[name] for name in made} == made


def test_numbers_are_the_same_to_the_last_bit_in_cohorts_of_any_size(finished: Project):
    """Smaller seed blocks in both experiments, and a cohort a setting for the linear model."""
    wanted = load([ROOT / "config.yaml", finished.folder / "mini.yaml"])
    wanted["execution"]["linear_regression"] |= {"seed_block": 3, "cohort_by": ["setting", "method", "seed_block"]}
    wanted["execution"]["fashion_mnist"]["seed_block"] = 1
    config, images = validated(wanted, check_machine=False), fashion_mnist.load(finished.folder / "results" / "data")
    cohorts, folder = plan.cohorts(config), finished.folder / "results" / "tables"
    assert len(cohorts) == 2 * 3 * 2 + 4 * 2
    for cohort in cohorts:
        names = ("runs", "curves", f"predictions_{cohort.experiment}", "probes", "calibration")
        whole = CohortResult(*(pd.read_parquet(folder / f"{name}.parquet") for name in names))
        made = train(plan.runs([cohort]), dict(config.settings[cohort.experiment]), images)
        stored = (pd.read_parquet(io.BytesIO(table.to_parquet())) for table in vars(made).values())
        same_numbers(CohortResult(*stored), whole)


def test_networks_of_several_strengths_in_one_cohort_agree_to_rounding(finished: Project):
    """One program for all λ and p multiplies by a tensor of decays, not by a number: README.md states the tolerance."""
    images = fashion_mnist.load(finished.folder / "results" / "data")
    strengths = {"lam": [0.001, 0.01], "p": [0.5, 0.8]}
    one, many = [], []
    for found, cohort_by in ((one, ["method"]), (many, ["method", "lam", "p"])):
        wanted = load([ROOT / "config.yaml", finished.folder / "mini.yaml"])
        wanted |= {"experiments": ["fashion_mnist"], "study": [{**MINI["study"][1], **strengths}], "gates": []}
        wanted["execution"]["fashion_mnist"]["cohort_by"] = [*cohort_by, "seed_block"]
        config = validated(wanted, check_machine=False)
        for cohort in plan.cohorts(config):
            found.append(train(plan.runs([cohort]), dict(config.settings["fashion_mnist"]), images))
    assert (len(one), len(many)) == (1, 4)
    for name, keys in (("runs", ["run_id"]), ("curves", ["run_id", "epoch"])):
        apart = pd.concat(getattr(result, name) for result in many).set_index(keys)[list(METRICS)]
        together = getattr(one[0], name).set_index(keys)[list(METRICS)].loc[apart.index]
        np.testing.assert_allclose(together, apart, rtol=1e-4)


def test_every_cohort_can_be_made_once_more_from_its_provenance_and_configuration(finished: Project, tmp_path: Path):
    provenance = pd.read_parquet(finished.folder / "results" / "tables" / "provenance.parquet")
    for column in ("configuration", "commit", "command", "python", "numpy", "scipy", "pyarrow", "system"):
        assert (provenance[column] != "").all(), column
    for experiment, method in (
        ("linear_regression", "l2_penalty"),
        ("linear_regression", "ridge"),
        ("fashion_mnist", "dropout"),
    ):
        [row] = provenance[
            (provenance["experiment"] == experiment) & provenance["cohort"].str.contains(f"(?:^|-){method}-")
        ].to_dict("records")
        words = shlex.split(row["command"])
        assert words[-2] == "--output"
        again = tmp_path / method
        done = finished.run(*words[:-1], str(again))
        assert done.returncode == 0, done.stderr
        for name in COHORT_TABLES:
            stored = finished.folder / words[-1] / f"{name}.parquet"
            assert (again / stored.name).read_bytes() == stored.read_bytes(), (method, name)
        assert pd.read_parquet(again / "provenance.parquet")["content"].item() == row["content"]
    provenance = pd.read_parquet(finished.folder / "results" / "tables" / "provenance.parquet")
    assert set(provenance["configuration"]) == {finished.run("sha256sum", "results/config.json").stdout[:16]}
