"""What is promised to the last bit, and every verdict, holds whatever kernels the libraries choose for a processor.

Tests marked `arithmetic` compare bits or verdicts, and run here once more as on other processors, each arithmetic in a
process of its own: what chooses the kernels is read when NumPy and PyTorch are loaded. What is marked `slow` as well
runs under the machine's own arithmetic only: it would take minutes more, and what it compares is made by the same code.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from studies import ROOT

pytestmark = pytest.mark.slow

ARITHMETICS = {
    "AVX2": {"MKL_CBWR": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell"},
    "SSE": {"MKL_CBWR": "COMPATIBLE", "ATEN_CPU_CAPABILITY": "default", "OPENBLAS_CORETYPE": "Nehalem"},
}
X86 = platform.machine().lower() in {"x86_64", "amd64"}


def under(arithmetic: str, *command: str) -> subprocess.CompletedProcess[str]:
    """What a Python process prints under one of the `ARITHMETICS`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**inherited, **ARITHMETICS[arithmetic]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def marked() -> list[str]:
    """The files that have tests marked `arithmetic`."""
    files = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    return [str(path) for path in files if "mark.arithmetic" in path.read_text(encoding="utf-8")]


@pytest.mark.skipif(not X86, reason="the variables choose between kernels for x86-64")
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_bits_and_verdicts_hold_under_another_arithmetic(arithmetic: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-m", "arithmetic and not slow"]
    done = under(arithmetic, "-m", "pytest", *options, *marked())
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not X86, reason="the variables choose between kernels for x86-64")
def test_the_arithmetics_are_different_ones() -> None:
    """Else the test above would try the same kernels twice."""
    product = (
        "import hashlib, numpy, torch; x = numpy.random.default_rng(0).standard_normal((99, 99));"
        "y = torch.from_numpy(x); made = (x @ x, (y @ y).numpy(), torch.softmax(y, 1).numpy());"
        "print(*(hashlib.sha256(one.tobytes()).hexdigest() for one in made), torch.backends.cpu.get_cpu_capability())"
    )
    one, other = (under(arithmetic, "-c", product).stdout.split() for arithmetic in ARITHMETICS)
    assert len(one) == len(other) == 4, (one, other)
    assert all(a != b for a, b in zip(one, other)), (one, other)
