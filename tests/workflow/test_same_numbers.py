"""The same study gives the same tables, byte for byte, however it is run; and every result can be made once more."""

import copy
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from faults import tables

from cohorts import train
from conftest import MINI, Project, copy_of_the_project
from regularization.columns import COHORT_TABLES, METRICS
from regularization.study import plan
from regularization.study.reading import validated
from regularization.system import fashion_mnist
from studies import ROOT, raw

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FILES = ["runs", "predictions_linear_regression", "account"]


def run_otherwise(folder: Path, config: dict, *names: str, cores: int, data: Project) -> Project:
    """The small study with another configuration, on its own; the data are taken over."""
    project = copy_of_the_project(folder)
    (project.folder / "results").mkdir()
    subprocess.run(["cp", "-a", str(data.folder / "results" / "data"), str(project.folder / "results")], check=True)
    project.configure(config)
    files = [f"results/tables/{name}.parquet" for name in names]
    project.snakemake(*files, cores=cores)
    return project


def compared(one: Project, other: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "compare_results.py"), *arguments]
    folders = [str(project.folder / "results") for project in (one, other)]
    return subprocess.run([*command[:2], *folders, *command[2:]], capture_output=True, text=True, check=False)


def test_tables_have_the_same_bytes_on_one_core_or_two_and_in_any_order_of_jobs(finished: Project, tmp_path: Path):
    config = copy.deepcopy(MINI)
    config["study"] = config["study"][::-1]
    for entry in config["study"]:
        for key in ("methods", "lam", "p", "settings"):
            if key in entry:
                entry[key] = entry[key][::-1]
    other = run_otherwise(tmp_path / "project", config, *FILES, "predictions_fashion_mnist", cores=1, data=finished)
    made = tables(other)
    assert {"runs.parquet", "curves.parquet", "cells.parquet", "account.parquet"} <= set(made)
    whole = tables(finished)
    assert {name: whole[name] for name in made} == made


def test_numbers_are_the_same_to_the_last_bit_in_cohorts_of_any_size(finished: Project, tmp_path: Path):
    """Smaller seed blocks in both experiments, and a cohort a setting for the linear model."""
    config = copy.deepcopy(MINI)
    config["execution"] = {
        "linear_regression": {"seed_block": 3, "cohort_by": ["setting", "method", "seed_block"]},
        "fashion_mnist": {"seed_block": 1},
    }
    other = run_otherwise(tmp_path / "project", config, *FILES, "predictions_fashion_mnist", cores=2, data=finished)
    names = sorted(Path(name).stem for name in tables(other))
    done = compared(finished, other, "--tables", *names)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith(f"IDENTICAL: all {len(names)} tables")
    assert "jobs have no counterpart" in done.stdout


def test_networks_of_several_strengths_in_one_cohort_agree_to_rounding(finished: Project):
    """One program for all λ and p multiplies by a tensor of decays, not by a number: README.md states the tolerance."""
    images = fashion_mnist.load(finished.folder / "results" / "data")
    strengths = {"lam": [0.001, 0.01], "p": [0.5, 0.8]}
    one, many = [], []
    for found, cohort_by in ((one, ["method"]), (many, ["method", "lam", "p"])):
        wanted = raw({**MINI["study"][1], **strengths}, settings=MINI["settings"])
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
