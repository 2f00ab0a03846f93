"""The same results give the same bytes: wherever, whenever and by whom the report is made, and without a network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import shared
from figures.example_tables import SMOKE
from figures.reports import report
from regularization.reporting.build import build
from regularization.system.files import sha256

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PRINTS: dict[str, Any] = {"capture_output": True, "text": True, "check": False}
SOURCES = ("scripts", "report", "workflow")
# Sockets refused inside the process: what opens one fails the build. (Where the system can take the network away from a
# process altogether, that is done too.)
NO_SOCKETS = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise RuntimeError(f"the report asked the network: {event} {arguments[1:]}")
sys.addaudithook(refuse)
"""


def copy_of_the_sources(folder: Path) -> Path:
    """The programs and the report's sources elsewhere, in no git checkout."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "CITATION.cff", folder)
    (folder / "without_network").mkdir()
    (folder / "without_network" / "sitecustomize.py").write_text(NO_SOCKETS)
    return folder


def without_network(project: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(project / "without_network")}


def made(
    project: Path, tables: Path, output: Path, environment: Mapping[str, str], cwd: Path, umask: int, *prefix: str
) -> dict[str, str]:
    """Draw the figures and render the report with `project`'s programs; file name → SHA-256."""
    shutil.rmtree(output, ignore_errors=True)
    figures = output / "figures"
    for script, arguments in {
        "make_figures.py": ["--tables", tables, "--output", figures],
        "render_report.py": [
            *("--tables", tables, "--figures", figures, "--report", project / "report"),
            *("--html", output / "report.html", "--pdf", output / "report.pdf"),
        ],
    }.items():
        done = subprocess.run(
            [*prefix, sys.executable, str(project / "scripts" / script), *map(str, arguments)],
            **PRINTS,
            cwd=cwd,
            umask=umask,
            env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environment},
        )
        assert done.returncode == 0, done.stderr
    files = [path for path in sorted(output.rglob("*")) if path.is_file()]
    return {str(path.relative_to(output)): sha256(path) for path in files}


def no_network() -> list[str]:
    """A command before the command that takes the network away; none where the system does not let us."""
    command = ["unshare", "--user", "--map-root-user", "--net"]
    usable = shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if usable and usable.returncode == 0 else []


def test_neither_process_place_time_language_user_nor_a_missing_network_matters(tmp_path: Path) -> None:
    """Drawn and rendered in this process and by the programs, these without a network if it can be."""
    built, elsewhere, output = report(SMOKE), tmp_path / "elsewhere", tmp_path / "out"
    one, other = (copy_of_the_sources(tmp_path / name) for name in ("one", "ein anderer Ort"))
    shutil.copytree(built.tables, elsewhere / "tables")
    there = {"TZ": "Pacific/Kiritimati", "LANGUAGE": "de", **shared.latin_1(tmp_path), "PYTHONHASHSEED": "4711"}
    there |= {"USER": "someone", "COLUMNS": "40"} | without_network(other)
    made_there = made(other, Path("tables"), output, there, elsewhere, 0o077, *no_network())
    pages = tmp_path / "report.html", tmp_path / "report.pdf"
    build(built.tables, built.figures, one / "report", None, *pages)
    here = {path.name: path for path in pages} | {f"figures/{path.name}": path for path in built.figures.iterdir()}
    assert len(here) > 20
    assert {name: sha256(path) for name, path in here.items()}.items() <= made_there.items()


def test_a_program_that_asked_the_network_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS)
    ask = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", ask], **PRINTS, env=environment)
    assert "the report asked the network" in done.stderr
