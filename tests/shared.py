"""What is expensive to make, made once for all processes of a test run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from regularization.system import locking

ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())


def root() -> Path:
    """The folder of this test run; `tests/conftest.py` deletes it at the end."""
    return Path(tempfile.gettempdir()) / f"regularization-tests-{RUN}"


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of this test run, filled by `make` in the first process that asks; treat it as read-only.

    The others wait. Where `make` fails, the next process that asks tries again.
    """
    folder, made = root() / name, root() / f"{name}.made"
    with locking.exclusive(root() / f"{name}.lock", waiting=lambda: None):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


def cases(module: str) -> Any:
    """The tables of a module of tests, from the YAML file beside it that bears its name; call it with `__file__`."""
    return yaml.safe_load(Path(module).with_suffix(".yaml").read_text(encoding="utf-8"))


def latin_1(folder: Path) -> dict[str, str]:
    """The variables of a German locale in ISO 8859-1, made in `folder`; of one in ASCII where that cannot be made."""
    if shutil.which("localedef"):
        made = str(folder / "de_DE.ISO-8859-1")
        subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", made], capture_output=True)
    there = (folder / "de_DE.ISO-8859-1").is_dir()
    return {"LC_ALL": "de_DE.ISO-8859-1", "LOCPATH": str(folder)} if there else ASCII
