"""Everything by which the study writes files, and what comes of it where the disk refuses one of its calls.

As a program, with `failing_disk.c` preloaded: every writer is called once for each of its calls that change the disk.
"""

import ctypes
import errno
import hashlib
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd

from regularization.columns import COHORT_TABLES
from regularization.study import integrity
from regularization.system import fetching, files

Writer = Callable[[int, Path], None]  # of a content, into a folder
ALL_WRITTEN = "all was written"


def table(content: int, folder: Path) -> None:
    files.write_table(pd.DataFrame({"a": [content]}), folder / "table.parquet", csv=True)


def parts(content: int, folder: Path) -> None:
    for number in range(2):
        files.write_table(pd.DataFrame({"a": [content, number]}), folder / f"{number}.parquet")
    files.concatenate([folder / "0.parquet", folder / "1.parquet"], folder / "all.parquet")


def cohort(content: int, folder: Path) -> None:
    for name in COHORT_TABLES:
        files.write_table(pd.DataFrame({"a": [content]}), folder / integrity.FINISHED / f"{name}.parquet")
    integrity.seal({"a": content}, folder / integrity.FINISHED)
    integrity.publish(folder)


def images(content: int, folder: Path) -> None:
    fetching.store(fetching.Fetched({"images": np.full(100_000, content)}, f"source {content}", "1"), folder)


WRITERS: list[Writer] = [table, parts, cohort, images]


def found(folder: Path) -> dict[str, str]:
    """File → SHA-256 of what is in it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def in_a_process(call: Callable[..., object], *arguments: object) -> str:
    """Call something in a process of its own; what it says of an error."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        said = ""
        try:
            call(*arguments)
        except (SystemExit, files.UserError) as error:
            said = str(error)
        except BaseException:
            said = traceback.format_exc()
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def failing(write: Writer, folder: Path, disk: ctypes.CDLL, number: int, error: int) -> None:
    """Call a writer while one of its calls fails."""
    disk.fail_at(number, error)
    write(1, folder)
    if not disk.has_failed():
        sys.exit(ALL_WRITTEN)


def every_failure(folder: Path, disk: ctypes.CDLL) -> Iterator[tuple[str, int, str, dict, dict, dict]]:
    """Writer, number of the call that failed, what was said, and the files: before, after, and without an error."""
    for write in WRITERS:
        old, new = (folder.with_name(f"{write.__name__} {content}") for content in range(2))
        in_a_process(write, 0, old)
        in_a_process(write, 1, new)
        for number, error in enumerate(cycle((errno.EIO, errno.ENOSPC))):
            here = shutil.copytree(old, folder / f"{write.__name__} {number}")
            if (said := in_a_process(failing, write, here, disk, number, error)) == ALL_WRITTEN:
                break
            yield write.__name__, number, said, found(old), found(here), found(new)


if __name__ == "__main__":
    print(json.dumps([*every_failure(Path(os.environ["FAILING"]), ctypes.CDLL(os.environ["LD_PRELOAD"]))]))
