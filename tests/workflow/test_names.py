"""Folders and settings may have any names that file systems and the schema allow: nothing of them runs in a shell."""

import os

import pandas as pd
import pytest

import shared
from conftest import copy_of_the_project
from damages import needs_the_package
from regularization.system.fetching import PACKAGE_FOLDER

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FOLDER = """it's "a; touch executed" & $(touch executed) `touch executed` [b]* größe λ"""
TINY = shared.cases(__file__)


@needs_the_package
def test_a_study_runs_in_a_folder_of_any_name(tmp_path) -> None:
    data = tmp_path / "my 'data'; $(touch executed)"
    data.symlink_to(PACKAGE_FOLDER)
    project = copy_of_the_project(tmp_path / FOLDER)
    project.configure({**TINY, "fashion_mnist": {"folder": str(data)}})
    done = project.run_study()
    assert done.returncode == 0, done.stdout + done.stderr
    results = project.folder / TINY["results"]
    runs = pd.read_parquet(results / "tables" / "runs.parquet")
    assert set(runs["setting"]) == {"Odd-name.1_b"}
    assert len(runs) == 2 * 2 + 2
    for name in ("report.html", "report.pdf", "gallery.png"):
        assert (results / name).stat().st_size > 10_000
    assert not list(tmp_path.rglob("executed"))
    assert not os.path.lexists(project.folder / "results")
