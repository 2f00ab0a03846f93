"""The machine and the software that a job ran on, as far as its numbers can depend on them."""

import os
import platform
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from regularization.system.errors import UserError

LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow")
# What tables, verdicts, figures and report are made with, as the packages are called where they are installed from.
OF_THE_ANALYSES = (
    *(*LIBRARIES, "torch", "statsmodels", "matplotlib", "seaborn"),
    *("Jinja2", "pypandoc_binary", "typst", "fonttools", "brotli", "snakemake"),
)
STAMP = "commit.txt"  # `git archive` writes the commit into it: see report/.gitattributes
UNSTAMPED = "$Format"
NO_CHECKOUT = ("fatal: not a git repository", "error: pathspec")  # as git says it


def versions(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Return the versions of Python and of libraries; "" for one that is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in libraries}}


def processor() -> str:
    """Return the processor's model, such as "AMD EPYC 7B13", where the system says; else its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
    return platform.processor() or platform.machine()


def system() -> str:
    """Return operating system and architecture, such as "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


def peak_memory_mib() -> float:
    """Return the peak resident memory in MiB; `getrusage`, asked last, also counts what the starting process held."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def source_date() -> int | None:
    """Return SOURCE_DATE_EPOCH, in seconds since 1970, if it is set; `UserError` if it is no date."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return None
    if not re.fullmatch("[0-9]{1,11}", given):
        allowed = "Allowed: whole seconds since 1970 (date +%s), or leave it unset"
        raise UserError(f"SOURCE_DATE_EPOCH: {given} is no date of the report. {allowed}")
    return int(given)


def commit(report: Path) -> str:
    """Return the commit of the report's sources, in words that go after "commit".

    A git checkout is asked, and says if files differ from its commit; an archive made from one carries its commit. The
    two agree, so a report can be made again byte for byte from either.
    """
    stamp = (report / STAMP).read_text(encoding="utf-8").strip() if (report / STAMP).is_file() else UNSTAMPED
    if not stamp.startswith(UNSTAMPED):
        return stamp[:12]
    # An archive unpacked inside another repository is not at that repository's commit.
    _, refusal = _git(report, "ls-files", "--error-unmatch", "page.html")
    if refusal.startswith(NO_CHECKOUT):
        return "unknown, the sources are no git checkout"
    if refusal:  # such as: of another owner
        return f"unknown, git says: {refusal.removeprefix('fatal: ')}"
    dirty = "--dirty= with uncommitted changes"
    described, _ = _git(report, "describe", "--always", "--exclude=*", "--abbrev=12", dirty)
    return described or "unknown, the sources were never committed"


def _git(folder: Path, *arguments: str) -> tuple[str, str]:
    """Return what a git command prints about `folder`, and the first line of why it fails, empty where it does not."""
    command = ["git", "-C", str(folder), *arguments]
    # Only looking, in English, and at this folder's repository, also while another one's hook runs.
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=environment)
    except FileNotFoundError:
        return "", NO_CHECKOUT[0]
    return done.stdout.strip(), (done.stderr.strip() or "it failed").splitlines()[0] if done.returncode else ""


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
