"""Compare two results folders, of two machines, two versions or two ways to run a study: what differs, and by how much.

Every table of `tables/` is compared: its bytes, else its rows and every cell. A number that differs is reported by
column: how many cells, the largest absolute and relative difference, and in which row. Then follow the differences of
the provenance that can explain them (configuration, code, commit, versions, processor, device, type, threads; commit
and versions of the analyses), which by themselves make nothing different, and the other files. The table `provenance`,
which holds times, is not compared, and neither is the column `cohort`, the job that trained a run. At most about
200,000 rows of two tables are in memory.

exit status:
  0  identical: the same numbers to the last bit, or within the tolerance that was given
  1  different
  2  not comparable: no tables, no run in common, or a file that cannot be read
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from regularization.analysis.comparing import verdict
from regularization.analysis.comparing.tables import ROWS, NotComparableError, Tolerance
from regularization.system.command_line import answered, option, switch


def main(
    first: Annotated[Path, option(Path, "a results folder, such as results", metavar="A")],
    second: Annotated[Path, option(Path, "another one", metavar="B")],
    /,
    relative: Annotated[float, option(_not_negative, "numbers may differ by this share of the larger one (0)")] = 0.0,
    absolute: Annotated[float, option(_not_negative, "and by this much (0)")] = 0.0,
    tables: Annotated[
        Sequence[str], option(str, "tables to compare, such as runs (all)", nargs="+", metavar="NAME")
    ] = (),
    rows: Annotated[int, option(int, f"rows of each table in memory at a time ({ROWS:,})")] = ROWS,
    all: Annotated[bool, switch("show everything that differs, not the first of each")] = False,
) -> int:
    try:
        found = verdict.compare(first, second, Tolerance(relative, absolute), only=tables, rows=rows)
    except NotComparableError as error:
        print(f"NOT COMPARABLE: {error}", file=sys.stderr)
        return verdict.NOT_COMPARABLE
    print(f"{first} | {second}")
    print(verdict.words(found, shown=sys.maxsize if all else 8))
    return found.status


def _not_negative(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number ≥ 0, such as 1e-6")
    return value


if __name__ == "__main__":
    answered(main)
