"""A finished small study in a copy of the project, shared by the tests of the workflow."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import shared
from studies import ROOT

STUDY = (sys.executable, "scripts/run_study.py", "--cores", "2", "--preset", "mini.yaml")
SOURCES = ("workflow", "scripts", "report", "config.yaml", "environment.yml", "CITATION.cff")

FOLDER = """it's "a; touch executed" & $(touch executed) `touch executed` [b]* größe λ"""  # an odd place for a project

MINI: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("mini.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Project:
    """A copy of the project's sources, with its own configuration and results."""

    folder: Path

    def configure(self, config: dict) -> None:
        (self.folder / "mini.yaml").write_text(yaml.safe_dump(config))

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project's folder; `variables` are added to the environment."""
        variables = {**environment(), **variables}
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=variables, check=False)

    def run_study(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the study to its end, as `make` does."""
        return self.run(*STUDY, *arguments, **variables)

    def snakemake(self, *arguments: str, check: bool = True, cores: int = 2) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", *arguments, "--cores", str(cores), "--configfile", "mini.yaml"]
        done = self.run(*command)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def jobs(self, *arguments: str) -> set[str]:
        """What a dry run says it would do: the rules' messages."""
        done = self.snakemake("--dry-run", *arguments, "--quiet", "host")
        return set(re.findall(r"^Job \d+: (.+)$", done.stdout + done.stderr, flags=re.MULTILINE))

    def training_jobs(self) -> set[str]:
        """The cohorts a dry run would train, as "experiment cohort"."""
        return {job.removeprefix("Train ") for job in self.jobs() if job.startswith("Train ")}

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text, f"{path} holds no {old!r}"
        (self.folder / path).write_text(text.replace(old, new))


def environment() -> dict[str, str]:
    """The environment's commands first on the path, as in an activated environment; nothing of a `make` around it."""
    outer = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    return {**outer, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def copy_of_the_project(folder: Path) -> Project:
    folder.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder)
    project.configure(MINI)
    return project


def finished_once(name: str, finish: Callable[[Project], object], config: dict = MINI) -> Project:
    """A copy of the project, configured and finished once for all test processes; treat it as read-only."""

    def make(folder: Path) -> None:
        project = copy_of_the_project(folder)
        project.configure(config)
        finish(project)

    return Project(shared.once(name, make))


@pytest.fixture(scope="session")
def finished() -> Project:
    """A finished study; treat it as read-only."""
    return finished_once("finished", Project.snakemake)


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A copy of the finished study that a test may change."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return Project(tmp_path / "project")
