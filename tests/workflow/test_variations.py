"""One small study in other worlds: its tables, figures and report have the same bytes, or agree to rounding."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shared
from conftest import FOLDER, STUDY, Project, copy_of_the_project, environment
from regularization.columns import METRICS
from regularization.system.files import sha256
from test_arithmetics import ARITHMETICS, X86

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

# Every folder is listed the wrong way round.
IN_REVERSE = """
import os
listdir, scandir = os.listdir, os.scandir

class Reversed(list):
    __enter__ = __iter__ = lambda self: self
    __exit__ = close = lambda *_: None
    __next__ = lambda self: self.pop() if self else next(iter(()))

os.listdir = lambda *given: sorted(listdir(*given), reverse=True)
os.scandir = lambda *given: Reversed(sorted(scandir(*given), key=lambda entry: entry.name))
"""


def contents(results: Path) -> dict[str, str]:
    """The hash of every file that does not depend on the time."""
    files = [path for path in results.rglob("[!.]*") if path.is_file() and path.stem not in ("provenance", "manifest")]
    return {str(path.relative_to(results)): sha256(path) for path in files if "logs" not in path.parts}


def with_the_data(folder: Path, finished: Project) -> Project:
    project = copy_of_the_project(folder)
    shutil.copytree(finished.folder / "results" / "data", folder / "results" / "data")
    return project


def as_another_user(folder: Path) -> list[str]:
    """What before a command lets the new owner of `folder` run it, who may write nowhere else; [] if we may not."""
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # of an environment in root's home
    them = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *reading]
    if not shutil.which("setpriv") or subprocess.run([*them, "true"], capture_output=True).returncode:
        return []
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    return them


def test_no_byte_depends_on_user_place_language_time_zone_umask_hashes_or_the_order_of_files(finished: Project) -> None:
    """Nor on what a shell or a notebook has exported: all of it at once. The tables first, then the report of them."""
    folder = shared.root() / "elsewhere" / FOLDER
    results, world = with_the_data(folder, finished).folder / "results", folder / "world"
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.with_name(f"._{path.name}").write_bytes(b"\0\5\x16\7")  # as macOS does
    world.mkdir()
    (world / "sitecustomize.py").write_text(IN_REVERSE)
    (world / "config.yaml").write_text("rerun-triggers: mtime\n")
    variables = {**environment(), **shared.latin_1(world), "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4711"}
    variables |= {"HOME": "/dev/null/nobody", "USER": "nobody", "COLUMNS": "40", "MPLBACKEND": "no such backend"}
    variables |= {"PYTHONOPTIMIZE": "2", "PYTHONSAFEPATH": "1", "PYTHONPATH": f"{world}:{folder / 'scripts'}"}
    variables |= {"SNAKEMAKE_PROFILE": str(world), "XDG_CACHE_HOME": ""}
    user = as_another_user(folder)

    def study(*arguments: str) -> dict[str, str]:
        command = [*user, *STUDY, *arguments]
        done = subprocess.run(command, cwd=folder, env=variables, umask=0o077, capture_output=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
        return contents(results)

    before, tables = contents(finished.folder / "results"), study("--make", "results/claims.json")
    assert {name: before[name] for name in tables} == tables
    assert {"claims.json", "tables/runs.parquet", "tables/decomposition.csv"} <= tables.keys()
    for path in (finished.folder / "results" / "tables").glob("provenance.*"):
        (results / "tables" / path.name).write_bytes(path.read_bytes())  # the times, which the report shows
    after = study()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()
    assert {"report.html", "report.pdf"} <= after.keys()
    assert not list(folder.parent.rglob("executed"))


@pytest.mark.skipif(not X86, reason="the variables choose between kernels for x86-64")
def test_on_another_kind_of_processor_numbers_agree_to_rounding_and_verdicts_to_the_word(
    finished: Project, tmp_path: Path
) -> None:
    other = with_the_data(tmp_path / "project", finished)
    done = other.run_study("--make", "results/claims.json", **ARITHMETICS["SSE"])
    assert done.returncode == 0, done.stdout + done.stderr
    folders = [project.folder / "results" for project in (finished, other)]
    runs = [pd.read_parquet(folder / "tables" / "runs.parquet").set_index("run_id") for folder in folders]
    for experiment, rtol, atol in (("linear_regression", 1e-9, 1e-12), ("fashion_mnist", 0.01, 0.002)):
        one, two = (table.loc[table["experiment"] == experiment, list(METRICS)] for table in runs)
        assert not one.equals(two), "the arithmetic was the same"
        np.testing.assert_allclose(two, one, rtol=rtol, atol=atol)
    verdicts = [pd.read_json(folder / "claims.json")[["id", "verdict"]] for folder in folders]
    pd.testing.assert_frame_equal(*verdicts)


def test_times_of_files_alone_decide_nothing_whatever_a_users_profile_says(project, tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("rerun-triggers: mtime\n")
    monkeypatch.setenv("SNAKEMAKE_PROFILE", str(tmp_path))
    project.edit("scripts/make_tuning.py", "def main(", "NEW = 1\n\n\ndef main(")
    assert "Measure what tuning costs" in project.jobs()
