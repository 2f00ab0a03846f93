"""Writing files so that a killed job leaves nothing half-written: to a temporary name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def renamed_when_complete(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to; it becomes `path` if the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
