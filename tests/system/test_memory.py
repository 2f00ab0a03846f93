"""A program for which the memory does not suffice says so, whoever noticed it, and what to do."""

import mmap
import re

import numpy as np
import pyarrow as pa
import pytest
import torch

from regularization.system import command_line

TOO_MUCH = 1 << 60  # bytes


WAYS = {
    "Python": lambda: bytearray(TOO_MUCH),
    "NumPy": lambda: np.zeros(TOO_MUCH, np.uint8),
    "Arrow": lambda: pa.allocate_buffer(TOO_MUCH),
    "PyTorch": lambda: torch.empty(TOO_MUCH, dtype=torch.uint8),
    "the system": lambda: mmap.mmap(-1, TOO_MUCH),
    "CUDA": lambda: raised(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nMore.")),
}


def raised(error):
    raise error


@pytest.mark.parametrize("take", WAYS.values(), ids=WAYS)
def test_the_memory_that_is_used_up_is_named(monkeypatch, take):
    monkeypatch.setattr(command_line, "run", lambda main: main())
    monkeypatch.setattr(command_line, "stop_when_interrupted", lambda _: None)
    with pytest.raises(SystemExit) as end:
        command_line.answered(take)
    assert re.fullmatch(r"\S+: the memory is used up \(.+\)\. What is finished is kept: .*CORES=1.*", str(end.value))
    with pytest.raises(RuntimeError, match="memory of an elephant"):
        command_line.answered(lambda: raised(RuntimeError("memory of an elephant")))
