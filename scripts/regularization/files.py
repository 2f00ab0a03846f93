"""Writing files so that a killed job leaves nothing half-written: to a temporary name, then renamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for a larger quota",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
    errno.EROFS: "make the folder writable, or name another one in config.yaml under results",
    errno.EACCES: "make the folder writable, or name another one in config.yaml under results",
}


class CannotWrite(SystemExit):
    """A file cannot be written. A program that does not catch it ends with status 1 and the message, no traceback."""

    def __init__(self, path: Path, error: OSError) -> None:
        remedy = REMEDIES.get(error.errno or 0, "see to the disk")
        why = os.strerror(error.errno) if error.errno else str(error)
        super().__init__(f"{path} cannot be written: {why}. What is finished is kept: {remedy}, then start again.")


@contextmanager
def renamed_when_complete(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to; it becomes `path` if the block ends without an error.

    Raises:
        CannotWrite: where the disk is full, read-only or otherwise does not take the file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        raise CannotWrite(path, error) from None
    finally:
        if temporary.exists():
            temporary.unlink()


def write_table(table: pd.DataFrame, path: Path, *, csv: bool = False) -> None:
    """Write a table as Parquet, and as CSV beside it if asked."""
    with renamed_when_complete(path) as temporary:
        table.to_parquet(temporary, index=False)
    if csv:
        with renamed_when_complete(path.with_suffix(".csv")) as temporary:
            table.to_csv(temporary, index=False)


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file's content, or leave what was there."""
    with renamed_when_complete(path) as temporary:
        temporary.write_bytes(content)
