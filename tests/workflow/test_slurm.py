"""The study on a real Slurm: the same bytes as on this machine, cancelled and resumed, and its messages."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import faults
import pandas as pd
import pytest
import yaml

import one_node_slurm
from conftest import MINI, Project, copy_of_the_project
from one_node_slurm import Cluster
from regularization.system.devices import n_cuda_devices

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

# As a user would in a copy of the profile: the partitions of this cluster, and a short wait between looks.
PARTITIONS = {"cpu": {"max_runtime": 10_000}, "gpu": {"max_runtime": 10_000, "max_gpu": 1}}
HERE = {
    "slurm-partition-config": "partitions.yaml",
    "slurm-init-seconds-before-status-checks": 2,
    "seconds-between-status-checks": 2,
    "latency-wait": 10,
    "local-cores": 2,
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    reason = one_node_slurm.missing()
    if reason:
        pytest.skip(reason)
    # Not in pytest's own folder, which only its owner may enter: munge wants a path that all can.
    folder = Path(tempfile.mkdtemp(prefix="one-node-slurm-"))
    folder.chmod(0o755)
    try:
        with one_node_slurm.running(folder) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a daemon's last words may still be written


STUDY = (sys.executable, "scripts/run_study.py")


def with_profile(project: Project, name: str = "here", **changes: object) -> list[str]:
    """A changed copy of the Slurm profile in a project, as arguments of `run_study.py`."""
    folder = project.folder / "workflow" / "profiles" / name
    profile = yaml.safe_load((project.folder / "workflow" / "profiles" / "slurm" / "config.yaml").read_text())
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump({**profile, **HERE, **changes}))
    (folder / "partitions.yaml").write_text(yaml.safe_dump({"partitions": PARTITIONS}))
    return ["--profile", name]


def finish(command: list[str], project: Project, variables: Mapping[str, str]) -> str:
    """Run a command of a project to its end and return what it said; it must succeed."""
    done = subprocess.run(command, cwd=project.folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def bytes_of_the_tables(results: Path) -> dict[str, bytes]:
    """Every table but the one that holds times."""
    tables = {path.name: path.read_bytes() for path in sorted((results / "tables").iterdir())}
    return {name: content for name, content in tables.items() if not name.startswith("provenance.")}


def differing(one: Path, other: Path) -> list[str]:
    """The tables of two results folders that are not the same to the byte or not in both."""
    ours, theirs = bytes_of_the_tables(one), bytes_of_the_tables(other)
    return [name for name in sorted({*ours, *theirs}) if ours.get(name) != theirs.get(name)]


def test_a_study_cancelled_on_slurm_leaves_no_jobs_and_resumed_gives_the_same_bytes(
    finished: Project, cluster: Cluster, tmp_path: Path
) -> None:
    """As job arrays, interrupted as by Ctrl-C; then, without the environment's folder on the PATH, a job a cohort."""
    project = copy_of_the_project(tmp_path / "project")
    shutil.copytree(finished.folder / "results" / "data", project.folder / "results" / "data")
    results = project.folder / "results"
    arrays = {"slurm-array-jobs": "train_cohort", "slurm-array-limit": 100, "seconds-between-status-checks": 15}
    with_profile(project, "arrays", **arrays)
    options = ("--workflow-profile", "arrays", "--configfile", "mini.yaml", "--quiet", "host")
    command = [sys.executable, "-m", "snakemake", "results/tables/runs.parquet", *options]
    with faults.started(project, command, cluster.environment) as running:
        faults.until(lambda: faults.said(project).count("Finished jobid") >= 4, running)
        time.sleep(6)  # between two looks at the jobs: during one, Snakemake has put them away and cancels none
        running.send_signal(signal.SIGINT)
        running.wait(timeout=300)
    assert running.returncode != 0, "it had ended before it was interrupted"
    assert any("ArrayTaskId" in job for job in cluster.jobs())
    assert [job for job in cluster.unfinished() if not job.endswith("COMPLETING")] == []
    one_node_slurm.wait_until(lambda: not cluster.unfinished(), tmp_path)

    to_train = {cohort.split()[1] for cohort in project.training_jobs()}
    trained = {path.parent.name: path for path in results.glob("cohorts/*/*/runs.parquet")}
    complete = {path: path.stat().st_mtime_ns for name, path in trained.items() if name not in to_train}
    cancelled = {job["JobId"] for job in cluster.jobs()}
    assert to_train
    assert complete
    said = finish([*STUDY, *with_profile(project, "here"), "--preset", "mini.yaml"], project, cluster.environment)
    assert {path: path.stat().st_mtime_ns for path in complete} == complete
    assert "results/report.html" in said
    assert (results / "report.pdf").read_bytes().startswith(b"%PDF")
    assert differing(finished.folder / "results", results) == []

    jobs = [job for job in cluster.jobs() if job["JobId"] not in cancelled and "rule_train_cohort" in job["Comment"]]
    provenance = pd.read_parquet(results / "tables" / "provenance.parquet").set_index("cohort")
    assert len(jobs) == len(to_train)
    for job in jobs:
        assert (job["JobState"], job["Partition"]) == ("COMPLETED", "cpu")
        assert "TresPerJob" not in job, "no GPU is asked for"
        [took] = [row for cohort, row in provenance.iterrows() if job["Comment"].endswith(f"_{cohort}")]
        assert in_megabytes(job["MinMemoryNode"]) > 1.2 * took["peak_memory_mib"], job["Comment"]
        assert in_minutes(job["TimeLimit"]) * 60 > 3 * took["wall_seconds"], job["Comment"]


def in_megabytes(memory: str) -> float:
    """Slurm's "1700M" or "2G" in megabytes."""
    return float(memory[:-1]) * {"M": 1, "G": 1024}[memory[-1]]


def in_minutes(limit: str) -> float:
    """Slurm's "00:10:00" in minutes."""
    hours, minutes, seconds = map(int, limit.split(":"))
    return 60 * hours + minutes + seconds / 60


@pytest.mark.skipif(n_cuda_devices() > 0, reason="this machine has what the test lacks: a CUDA device")
def test_a_job_that_finds_no_gpu_on_its_node_says_so(cluster: Cluster, tmp_path: Path) -> None:
    """The login node may have no GPU; the job asks for one, and for the partition that has it."""
    project = copy_of_the_project(tmp_path / "project")
    project.configure({**MINI, "device": "cuda"})
    with_profile(project, retries=0)
    target = "results/cohorts/linear_regression/none-n20-s0-3/runs.parquet"
    command = [sys.executable, "-m", "snakemake", target, "--workflow-profile", "here", "--configfile", "mini.yaml"]
    done = project.run(*command, **cluster.environment)
    assert done.returncode != 0
    assert 'device: "cuda" is not there: PyTorch sees no CUDA device on' in done.stdout + done.stderr
    assert "in a partition with GPUs" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    [job] = [job for job in cluster.jobs() if job["Partition"] == "gpu"]
    assert job["TresPerJob"] == "gres:gpu:1"
    assert not (project.folder / target).exists()


@pytest.fixture
def without_slurm(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has what Snakemake starts, but no Slurm."""
    for name in ("bash", "which", "env", "uname"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    return {**os.environ, "PATH": str(tmp_path / "bin")}


def test_without_slurm_the_profile_says_so_and_starts_nothing(tmp_path: Path, without_slurm: dict[str, str]) -> None:
    project = copy_of_the_project(tmp_path / "project")
    command = [*STUDY, "--profile", "slurm", "--preset", "mini.yaml"]
    done = subprocess.run(command, cwd=project.folder, env=without_slurm, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Slurm's command sbatch is not on this machine" in done.stdout + done.stderr
    assert "login node" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not [path for path in (project.folder / "results").rglob("*") if path.is_file()]
