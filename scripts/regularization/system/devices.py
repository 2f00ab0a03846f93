"""Find the device that trains networks, make it deterministic, and give it to one job at a time.

No torch is imported where the machine shows no sign of an NVIDIA card: the workflow asks at every start.
"""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from regularization.system import locking, machine
from regularization.system.errors import UserError

# What NVIDIA's driver leaves on Linux and, the last, under Windows' WSL.
_SIGNS = (Path("/dev/nvidiactl"), Path("/dev/nvidia0"), Path("/dev/dxg"))


class NoDeviceError(UserError):
    """The configuration asks for CUDA where there is none; the message says where, and what to do."""


def n_cuda_devices() -> int:
    """Count the CUDA devices that PyTorch can use on this machine."""
    if shutil.which("nvidia-smi") is None and not any(path.exists() for path in _SIGNS):
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def chosen(asked: str) -> str:
    """Return the device, "cpu" or "cuda", that `asked` means here; `NoDeviceError` if CUDA is asked for in vain."""
    if asked == "cpu" or (asked == "auto" and n_cuda_devices() == 0):
        return "cpu"
    if n_cuda_devices() == 0:
        raise NoDeviceError(
            f'device: "cuda" is not there: PyTorch sees no CUDA device on {socket.gethostname()}.\n'
            "Set device: cpu, or let the job run where there is one (on a cluster: in a partition with GPUs)."
        )
    return "cuda"


@contextmanager
def in_use(device: str) -> Iterator[str]:
    """Hold "cpu", or the first free CUDA device, alone and deterministic, and yield its name for the provenance."""
    if device == "cpu":
        yield machine.processor()
        return
    # Read when CUDA starts: with the workspace that cuBLAS would choose by itself, products may differ between runs.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_float32_matmul_precision("highest")  # no TF32: it keeps 10 bits of a mantissa
    torch.backends.cudnn.benchmark = False
    cards = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
    with first_free([str(card.uuid) for card in cards], Path(tempfile.gettempdir())) as index:
        torch.cuda.set_device(index)
        yield cards[index].name


@contextmanager
def first_free(names: Sequence[str], folder: Path, poll_seconds: float = 0.5) -> Iterator[int]:
    """Hold the first of several things that no other process of this user holds, and yield its position.

    The locks, by names that are everywhere alike, end with the process. While all are held, look every `poll_seconds`.
    """
    paths = [folder / f"regularization-study-{os.getuid()}-{name}.lock" for name in names]
    while True:
        for index, path in enumerate(paths):
            with path.open("a") as file:
                if locking.taken(file):
                    yield index
                    return
        time.sleep(poll_seconds)
