"""Folders and settings may have any names that file systems and the schema allow: nothing of them runs in a shell."""

from __future__ import annotations

import os
import subprocess
import sys

import pandas as pd
import pytest

from conftest import MINI, copy_of_the_project, environment
from regularization.system.fetching import PACKAGE_FOLDER

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FOLDER = """it's "a; touch executed" & $(touch executed) `touch executed` [b]* größe λ"""
RESULTS = """the 'results'; $(touch executed) "ü" #1"""
SETTING = "Odd-name.1_b"

TINY = {
    **MINI,
    "results": RESULTS,
    "settings": {
        "linear_regression": {SETTING: {"epochs": 5, "noise_std": 0.1}},
        "fashion_mnist": {SETTING: {"n_train": 100, "images": "blocks", "batch_size": 50, "epochs": 1}},
    },
    "study": [
        {
            "experiment": "linear_regression",
            "settings": [SETTING],
            "methods": ["l2_penalty"],
            "lam": [0, 3],
            "seeds": 2,
        },
        {"experiment": "fashion_mnist", "settings": [SETTING], "methods": ["dropout"], "p": [0.5], "seeds": 2},
    ],
    "gates": [],
}


@pytest.mark.skipif(not PACKAGE_FOLDER.is_dir(), reason="needs the package dataset-fashion-mnist")
def test_a_study_runs_in_a_folder_of_any_name(tmp_path) -> None:
    data = tmp_path / "my 'data'; $(touch executed)"
    data.symlink_to(PACKAGE_FOLDER)
    project = copy_of_the_project(tmp_path / FOLDER)
    project.configure({**TINY, "fashion_mnist": {"folder": str(data)}})
    command = [sys.executable, "scripts/run_study.py", "--cores", "2", "--preset", "mini.yaml"]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = project.folder / RESULTS
    runs = pd.read_parquet(results / "tables" / "runs.parquet")
    assert set(runs["setting"]) == {SETTING}
    assert len(runs) == 2 * 2 + 2
    for name in ("report.html", "report.pdf", "gallery.png"):
        assert (results / name).stat().st_size > 10_000
    strays = [path for path in tmp_path.rglob("*") if path.name == "executed"]
    assert strays == []
    assert not os.path.lexists(project.folder / "results")
