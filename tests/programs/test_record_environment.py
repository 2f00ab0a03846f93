"""The record of what a study was analysed with: complete, documented, and the same wherever and whenever it is made."""

import importlib.metadata
import json
import re
import sys
from pathlib import Path

from test_versions import imported

from regularization.system.machine import OF_THE_ANALYSES
from studies import ROOT, entry, program, study

# Imported by programs, but nothing in a table, figure or report follows from them.
WITHOUT_EFFECT = {"jax", "torchvision", "plotext", "psutil", "pydantic", "pyyaml", "rich", "typing_extensions"}
# Not imported by name: used by another package, or the program that runs everything.
UNSEEN = {"brotli", "snakemake"}


def recorded(folder: Path) -> bytes:
    """What the program writes for a small study in a folder."""
    program("plan_study", "--output", folder, input=study(entry("linear_regression")).as_json(), check=True)
    return (folder / "environment.json").read_bytes()


def test_the_record_is_the_same_twice_and_every_key_is_described(tmp_path: Path) -> None:
    content = recorded(tmp_path)
    assert recorded(tmp_path) == content
    record = json.loads(content)
    _, _, section = (ROOT / "results" / "README.md").read_text(encoding="utf-8").partition("\n## environment\n")
    assert re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], re.MULTILINE) == list(record)
    assert record["versions"]["statsmodels"] == importlib.metadata.version("statsmodels")
    assert list(record["versions"]) == ["python", *OF_THE_ANALYSES]
    assert all(record["versions"].values())


def test_every_library_that_results_follow_from_is_recorded() -> None:
    modules = imported("scripts") - {"regularization"}
    provided = importlib.metadata.packages_distributions()
    used = {name.lower() for module in modules - set(sys.stdlib_module_names) for name in provided.get(module, [])}
    assert {name.lower() for name in OF_THE_ANALYSES} == (used - WITHOUT_EFFECT) | UNSEEN
