"""Measure how fast the engine trains, beside the chapter's loops, JAX and bare matrix products on the same machine.

Usage: python scripts/measure_speed.py --data results/data --provenance results/tables/provenance.parquet \
           --output results/benchmark.csv

The other cores should be idle meanwhile. JAX is measured where it is installed: pip install jax.
"""

import regularization.system.job

from functools import partial
from pathlib import Path
from typing import Annotated

from regularization.analysis.benchmark import QUICK, Size, table
from regularization.system import command_line
from regularization.system.command_line import option, switch
from regularization.system.files import renamed_when_complete


def main(
    output: Annotated[Path, option(Path, "the table (CSV)")],
    data: command_line.Data = None,
    provenance: Annotated[Path | None, option(command_line.file, "a finished study's table of its jobs")] = None,
    quick: Annotated[bool, switch("measure far too little, in seconds, to see that everything works")] = False,
) -> None:
    measured = table.table(QUICK if quick else Size(), data, provenance, say=partial(print, flush=True))
    with renamed_when_complete(output) as temporary:
        measured.to_csv(temporary, index=False, na_rep="nan")


if __name__ == "__main__":
    command_line.answered(main)
