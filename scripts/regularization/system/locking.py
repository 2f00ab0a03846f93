"""Lock files; a lock ends with the process that holds it, however that ends.

They are advisory locks of the operating system on a small file (`flock`): a process killed hard leaves the file and no
lock. Where a file system has no such locks, work goes on without.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Busy(RuntimeError):
    """Another process holds the lock; the message is what it wrote into the file."""


@contextmanager
def exclusive(path: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[TextIO]:
    """Hold the lock on `path`, made where missing, and yield the file, open for reading and writing.

    `waiting` is called once before waiting for another process; without it `Busy` is raised then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not taken(file):
            if waiting is None:
                file.seek(0)
                raise Busy(file.read().strip())
            waiting()
            while not taken(file):
                time.sleep(0.2)
        file.seek(0)
        yield file


def taken(file: TextIO) -> bool:
    """Take the lock, unless another process holds it; true also where the file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return not isinstance(error, BlockingIOError)
    return True
