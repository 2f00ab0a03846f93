"""Split the risk of trained linear models into initialisation, signal and noise, run by run.

Usage: python scripts/make_account.py --config results/config.json --runs results/tables/runs.parquet \
           --output results/tables/account.parquet
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# One thread, as in training: parallelism comes from jobs.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

from regularization.analysis.catalogue import store  # noqa: E402
from regularization.analysis.risk_account import AccountError, account_table  # noqa: E402
from regularization.columns import RUN_COLUMNS  # noqa: E402
from regularization.study.configuration import Configuration  # noqa: E402
from regularization.system import command_line  # noqa: E402
from regularization.system.files import read_table  # noqa: E402


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True, help="the resolved configuration (JSON)")
    parser.add_argument("--runs", type=command_line.file, required=True, help="the study's runs (Parquet)")
    parser.add_argument("--output", type=Path, required=True, help="Parquet")
    arguments = parser.parse_args()

    configuration = Configuration.read(arguments.config)
    try:
        account = account_table(configuration, read_table(arguments.runs, needed=RUN_COLUMNS))
    except AccountError as error:
        sys.exit(f"{arguments.runs}: {error}")
    store("account", account, arguments.output)
    print(f"{len(account):,} runs' risks split into parts", file=sys.stderr)


if __name__ == "__main__":
    command_line.answered(main)
