"""A third task is one module and one line: docs/examples/task.py becomes a study with tables and a report."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from conftest import copy_of_the_project
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
MODULE = (ROOT / "docs" / "examples" / "task.py").read_text(encoding="utf-8")
LINE = '    "sine": "regularization.training.tasks.sine:SineSetting",\n'


def test_a_third_task_has_cells_and_a_report(tmp_path: Path) -> None:
    assert len(MODULE.splitlines()) <= 60
    assert LINE.strip() in MODULE
    project = copy_of_the_project(tmp_path / "project")
    (project.folder / "scripts/regularization/training/tasks/sine.py").write_text(MODULE, encoding="utf-8")
    project.edit("scripts/regularization/settings.py", "SETTING_OF = {\n", "SETTING_OF = {\n" + LINE)
    config = yaml.safe_load((ROOT / "docs" / "examples" / "task.yaml").read_text(encoding="utf-8"))
    config["study"][0] |= {"seeds": 3, "lam": [0, 1]}
    project.configure(config | {"device": "cpu"})
    done = project.run(sys.executable, "scripts/run_study.py", "--cores", "2", "--preset", "mini.yaml")
    assert done.returncode == 0, done.stdout + done.stderr

    results = project.folder / config["results"]
    names = ("runs", "cells", "settings")
    runs, cells, settings = (pd.read_parquet(results / "tables" / f"{name}.parquet") for name in names)
    assert list(runs["run_id"]) == list(pd.read_parquet(results / "plan.parquet")["run_id"])
    assert set(cells["metric"]) == {"train_loss", "risk"}
    assert (cells["n"] == 3).all()
    risk = cells[cells["metric"] == "risk"].set_index(["setting", "method"])["mean"]
    assert np.isfinite(risk).all()
    assert (risk.xs("none", level="method") != risk.xs("l2_penalty", level="method")).all()
    assert settings.set_index("setting")["hidden"].to_dict() == {"standard": "8", "narrow": "4"}
    assert "What was trained" in (results / "report.html").read_text(encoding="utf-8")
