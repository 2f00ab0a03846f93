"""Split the risk of trained linear models into initialisation, signal and noise, run by run.

Usage: python scripts/make_account.py --config results/config.json --runs results/tables/runs.parquet \
           --output results/tables/account.parquet
"""

from __future__ import annotations

import regularization.system.job

import sys
from pathlib import Path

from regularization.analysis.catalogue import store
from regularization.analysis.risk_account import AccountError, account_table
from regularization.columns import RUN_COLUMNS
from regularization.study.configuration import Configuration
from regularization.system import command_line
from regularization.system.files import read_table


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
