"""A third task is one module and one line: it is then planned, trained, aggregated and has cells like the others."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regularization.settings import EXPERIMENTS
from studies import ROOT

MODULE = '''
"""A small network that fits y = sin(πx) + ε."""

from dataclasses import dataclass

import numpy as np

from regularization.settings import Setting, of_kind
from regularization.streams import generator


@dataclass(frozen=True)
class SineSetting(Setting):
    n_train: int = 20
    noise_std: float = 0.1
    hidden: tuple[int, ...] = (8,)
    learning_rate: float = 0.1
    batch_size: int = 5
    epochs: int = 5

    title = "sine, small network"
    metrics = ("train_loss", "risk")
    n_features = 1

    @property
    def multiply_adds(self):
        return 6.0 * self.hidden[0]

    def target(self, x):
        return np.sin(np.pi * x)

    def training_set(self, data_seed):
        x = generator("data", data_seed, part=20).uniform(-1, 1, (self.n_train, 1))
        noise = generator("data", data_seed, part=21).standard_normal((self.n_train, 1))
        return x, self.target(x) + self.noise_std * noise

    def test_points(self):
        return np.linspace(-1, 1, 101)[:, None]


def programs(assignment):
    from regularization.training.tasks.function_fitting import FunctionFitting

    class Sine(FunctionFitting):
        def method_arguments(self):
            lam = self._tensor(self.runs["lam"].to_numpy()[:, None, None])
            return {"lam": lam, "p": (0.0,), "n_hidden": 1}

    settings = of_kind(SineSetting, assignment.settings)
    for name, runs in assignment.runs.groupby("setting"):
        yield Sine(runs.reset_index(drop=True), settings[name], dtype=assignment.dtype, device=assignment.device)
'''
LINE = '    "sine": "regularization.training.tasks.sine:SineSetting",\n'
CHECKED = """
import json, sys
from regularization.study.reading import validated
print(validated(json.load(sys.stdin), check_machine=False).as_json())
"""
STUDY = {
    "device": "cpu",
    "experiments": ["sine"],
    "fashion_mnist": {"folder": None},
    "execution": {
        name: {"dtype": "float32", "seed_block": 3, "cohort_by": ["method", "seed_block"]}
        for name in (*EXPERIMENTS, "sine")
    },
    "settings": {**{name: {} for name in EXPERIMENTS}, "sine": {"standard": {}, "narrow": {"hidden": [4]}}},
    "study": [
        {"experiment": "sine", "settings": ["standard", "narrow"], "methods": ["l2_penalty"], "lam": [0, 1], "seeds": 3}
    ],
    "gates": [],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the programs with the module and the line."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("scripts", "report", "workflow/schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    package = folder / "scripts" / "regularization"
    (package / "training" / "tasks" / "sine.py").write_text(MODULE, encoding="utf-8")
    settings = (package / "settings.py").read_text(encoding="utf-8")
    (package / "settings.py").write_text(settings.replace("SETTING_OF = {\n", "SETTING_OF = {\n" + LINE), "utf-8")
    return folder


def run(project: Path, *command: str | Path, given: str = "") -> str:
    environment = {**os.environ, "PYTHONPATH": str(project / "scripts")}
    printing = {"capture_output": True, "text": True, "check": False}
    done = subprocess.run([sys.executable, *command], cwd=project, input=given, env=environment, **printing)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_third_task_has_cells(project: Path) -> None:
    results = project / "results"
    written = json.dumps({**STUDY, "results": str(results)})
    checked = run(project, "-c", CHECKED, given=written)
    run(project, "scripts/plan_study.py", "--output", results, given=checked)
    planned = pd.read_parquet(results / "plan.parquet")
    tables = results / "tables"
    config, cohorts, parts = results / "config.json", results / "cohorts" / "sine", results / "aggregated" / "sine"
    for name in planned["cohort"].unique():
        chosen = ("--experiment", "sine", "--cohort", name)
        run(project, "scripts/train_cohort.py", "--config", config, *chosen, "--output", cohorts / name)
    sources = ("--cohorts", cohorts, "--experiment", "sine", "--predictions", tables / "predictions_sine.parquet")
    run(project, "scripts/aggregate_experiment.py", "--config", config, *sources, "--output", parts)
    run(
        project,
        "scripts/collect_tables.py",
        "--config",
        config,
        "--aggregated",
        parts.parent,
        "--output",
        results / "tables",
    )

    runs, cells, settings = (pd.read_parquet(tables / f"{name}.parquet") for name in ("runs", "cells", "settings"))
    assert list(runs["run_id"]) == list(planned["run_id"])
    assert set(cells["metric"]) == {"train_loss", "risk"}
    assert (cells["n"] == 3).all()
    risk = cells[cells["metric"] == "risk"].set_index(["setting", "method"])["mean"]
    assert np.isfinite(risk).all()
    assert (risk.xs("none", level="method") != risk.xs("l2_penalty", level="method")).all()
    assert settings.set_index("setting")["hidden"].to_dict() == {"standard": "8", "narrow": "4"}
