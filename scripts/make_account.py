"""Split the risk of trained linear models into initialisation, signal and noise, run by run.

Usage: python scripts/make_account.py --config results/config.json --runs results/tables/runs.parquet \
           --output results/tables/account.parquet
"""

import regularization.system.job

import sys
from pathlib import Path
from typing import Annotated

from regularization.analysis.catalogue import store
from regularization.analysis.risk_account import AccountError, account_table
from regularization.columns import RUN_COLUMNS
from regularization.study.configuration import Configuration
from regularization.system.command_line import Config, Runs, answered, option
from regularization.system.files import read_table


def main(config: Config, runs: Runs, output: Annotated[Path, option(Path, "Parquet")]) -> None:
    configuration = Configuration.read(config)
    try:
        account = account_table(configuration, read_table(runs, needed=RUN_COLUMNS))
    except AccountError as error:
        sys.exit(f"{runs}: {error}")
    store("account", account, output)
    print(f"{len(account):,} runs' risks split into parts", file=sys.stderr)


if __name__ == "__main__":
    answered(main)
