"""Small studies for tests: the real `config.yaml` with another list of what is studied."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from regularization.settings import EXPERIMENTS
from regularization.study import plan, reading
from regularization.study.configuration import Configuration

ROOT = Path(__file__).parents[1]


def entry(experiment: str, **changes: Any) -> dict[str, Any]:
    """An entry of the study on the textbook setting."""
    return {"experiment": experiment, "settings": ["textbook"], "methods": ["none"], "seeds": 2, **changes}


def raw(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The merged configuration as Snakemake would see it."""
    config = reading.load([ROOT / "config.yaml"])
    studied = [name for name in EXPERIMENTS if any(given["experiment"] == name for given in entries)]
    return {**config, "experiments": studied, "study": list(entries), "gates": [], **deepcopy(changes)}


def study(*entries: dict[str, Any], **changes: Any) -> Configuration:
    return reading.validated(raw(*entries, **changes), check_machine=False)


def program(name: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """`scripts/{name}.py` as a user runs it, in the project's folder."""
    command = [sys.executable, f"scripts/{name}.py", *map(str, arguments)]
    return subprocess.run(command, **{"cwd": ROOT, "text": True, "capture_output": True, "check": False, **options})


def planned(*entries: dict[str, Any], **changes: Any):
    """The runs of a study, as planned."""
    return plan.runs(plan.cohorts(study(*entries, **changes)))
