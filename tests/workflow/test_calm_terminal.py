"""What a person sees: a line of progress, a summary of what would be done, and what fails; nothing else."""

import re
from pathlib import Path

import faults
import pytest
from test_interruptions import SNAKEMAKE

from conftest import Project, copy_of_the_project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FOLDER = "results/cohorts/linear_regression"
TARGETS = [f"{FOLDER}/{method}-n20-s0-3/runs.parquet" for method in ("none", "ridge")]
NOISE = ("Select jobs", "Execute ", "Building DAG", "Finished jobid", "Complete log", "{", "Traceback")


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return copy_of_the_project(tmp_path / "project")


def check_calm(lines: list[str], jobs: int) -> None:
    assert len(lines) <= jobs + 6, "\n".join(lines)
    for noise in NOISE:
        assert noise not in "\n".join(lines)


def command(*arguments: str) -> list[str]:
    return [*SNAKEMAKE[:3], *arguments, *SNAKEMAKE[3:]]


def test_a_run_is_one_line_of_progress(fresh: Project) -> None:
    lines = faults.in_a_terminal(fresh, *command(*TARGETS))
    check_calm(lines, jobs=2)
    assert not [line for line in lines if " left" in line], "it is gone in the end"
    assert re.fullmatch(r"2 of 2 jobs done in \d+ s\.", lines[-1])
    for path in TARGETS:
        (fresh.folder / path).unlink()
    lines = fresh.run(*command(*TARGETS)).stderr.splitlines()
    check_calm(lines, jobs=2)
    first, *_ = [line for line in lines if " runs · " in line]
    assert re.fullmatch(r"0 of 32 runs · 0 of 2 jobs · about [1-9]\d* s left", first)
    assert re.fullmatch(r"2 of 2 jobs done in \d+ s\.", lines[-1])


def test_a_dry_run_says_in_ten_lines_what_would_be_done(fresh: Project) -> None:
    lines = fresh.run(*command("--dry-run")).stdout.splitlines()
    assert len(lines) <= 10
    check_calm(lines, jobs=4)
    assert re.fullmatch(r"\d+ jobs would be done in about \d+ (s|min), 2 at a time:", lines[1])
    assert re.fullmatch(r"  train linear_regression: \d+ runs in 3 jobs: 3 missing \(.*ridge.*\)", lines[2])
    assert re.fullmatch(r"  train fashion_mnist: \d+ runs in 4 jobs: 4 missing \(.*\)", lines[3])
    assert re.search(r", figures_of_bias_variance, .* report, ", lines[4])
    assert re.fullmatch(r"They need about \d+ MB of disk; [\d.]+ [MG]B are free\.", lines[5])
    asked = fresh.run(*command("--dry-run", "--quiet", "host")).stdout
    assert "Reason: Missing output files" in asked


def test_a_failing_job_is_named_with_the_end_of_its_log(fresh: Project) -> None:
    fresh.edit("scripts/train_cohort.py", "    study = Configuration.read(config)\n", "    sys.exit('no luck')\n")
    lines = faults.in_a_terminal(fresh, *command(TARGETS[0]))
    check_calm(lines, jobs=10)
    said = "\n".join(lines)
    assert "Error in rule train_cohort: Train linear_regression none-n20-s0-3 failed." in said
    assert "results/logs/train/linear_regression/none-n20-s0-3.log:\n    no luck\n" in said
    assert "The command returned non-zero exit status 1." in said
    assert lines[-1].startswith("0 of 1 jobs done in ")
    assert lines[-1].endswith("1 failed. What is finished is kept: the same command goes on from there.")
