"""The machine and the software that a job ran on, as far as its numbers can depend on them."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow")
# What tables, verdicts, figures and report are made with, as the packages are called where they are installed from.
OF_THE_ANALYSES = (
    *(*LIBRARIES, "torch", "statsmodels", "matplotlib", "seaborn"),
    *("Jinja2", "pypandoc_binary", "typst", "fonttools", "brotli", "snakemake"),
)


def versions(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Versions of Python and of the libraries that numbers and files depend on; "" for one that is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in libraries}}


def processor() -> str:
    """The processor's model, such as "AMD EPYC 7B13", where the system says; else its architecture."""
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
    """Operating system and architecture, such as "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


def peak_memory_mib() -> float:
    """Peak resident memory of this process in MiB.

    On Linux from the process itself: `getrusage` also counts what the process that started it held at that moment.
    """
    try:
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
