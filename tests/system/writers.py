"""Everything by which the study writes files, and what comes of it where the disk refuses one of its calls.

As a program, with `failing_disk.c` preloaded: every writer is called once for each of its calls that change the disk.
"""

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd

from regularization.columns import COHORT_TABLES
from regularization.study import integrity
from regularization.system import fetching, files


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
    arrays = {file.array: np.full(100_000, content, np.uint8) for file in fetching.RAW_FILES}
    fetching.store(fetching.Fetched(arrays, f"source {content}", "1"), folder)


WRITERS = [table, parts, cohort, images]


def found(folder: Path) -> dict[str, str]:
    """File → SHA-256 of what is in it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def every_failure(folder: Path, disk: ctypes.CDLL) -> Iterator[tuple[str, int, str, dict, dict, dict]]:
    """Writer, number of the call that failed, what was said, and the files: before, after, and without an error."""
    for write in WRITERS:
        old, new = (folder.with_name(f"{write.__name__} {content}") for content in range(2))
        write(0, old)
        write(1, new)
        for number, error in enumerate(cycle((errno.EIO, errno.ENOSPC))):
            here, said = shutil.copytree(old, folder / f"{write.__name__} {number}"), ""
            disk.fail_at(number, error)
            try:
                write(1, here)
            except SystemExit as end:
                said = str(end)
            if not disk.has_failed():
                disk.fail_at(-1, 0)
                break
            yield write.__name__, number, said, found(old), found(here), found(new)


if __name__ == "__main__":
    print(json.dumps([*every_failure(Path(os.environ["FAILING"]), ctypes.CDLL(os.environ["LD_PRELOAD"]))]))
