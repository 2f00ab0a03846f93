"""The library's imports run in one direction and in no circle, as pyproject.toml says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def contracts(scripts: Path) -> subprocess.CompletedProcess[str]:
    """Check a library's imports against the contracts."""
    checked = "from importlinter.cli import lint_imports_command as check; check()"
    return subprocess.run(
        [sys.executable, "-c", checked, str(PROJECT / "pyproject.toml"), "--no-cache"],
        env={**os.environ, "PYTHONPATH": str(scripts)},
        cwd=scripts,
        capture_output=True,
        text=True,
    )


def test_imports_run_downwards_and_in_no_circle() -> None:
    found = contracts(PROJECT / "scripts")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("module", "imported", "named"),
    [
        ("theory/ridge.py", "regularization.methods", "regularization.theory.ridge -> regularization.methods"),
        ("theory/ridge.py", "regularization.theory.equivalences", ".ridge -> .equivalences"),
        ("elsewhere.py", "json", "elsewhere"),
    ],
)
def test_an_import_upwards_a_circle_and_a_module_without_a_layer_are_found(tmp_path, module, imported, named):
    library = tmp_path / "regularization"
    shutil.copytree(PROJECT / "scripts" / "regularization", library, ignore=shutil.ignore_patterns("__pycache__"))
    with (library / module).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")
    found = contracts(tmp_path)
    assert found.returncode == 1
    assert named in found.stdout.replace("\n", "").replace("  ", " ")
