"""Ask the rules of the claims where nothing is to be found, and where an effect was planted: they must tell.

Usage: python scripts/evaluate_controls.py                  the controls in short
       python scripts/evaluate_controls.py --output FOLDER          write them and their table
"""

import regularization.system.job

from pathlib import Path
from typing import Annotated

import pandas as pd

from regularization.analysis.catalogue import store
from regularization.analysis.tables import Tables
from regularization.claims import chosen_claims, controls, write
from regularization.system.command_line import ChosenBy, answered, option

WRITTEN = "write controls.json here; and, under tables/, controls and null_ledgers as Parquet and CSV"


def main(
    tables: Annotated[Path, option(Path, "the study's tables (results/tables)")] = Path("results/tables"),
    config: ChosenBy = None,
    output: Annotated[Path | None, option(Path, WRITTEN, metavar="FOLDER")] = None,
) -> None:
    study = Tables.read(tables)
    null, taken = controls.null_ledgers(study, chosen_claims(tables, config))
    ledgers = pd.concat([null, controls.against_itself(study)], ignore_index=True)
    found = controls.summary(ledgers, taken)
    for control in found.itertuples():
        print(f"{control.id:22} {'as it should be' if control.passed else 'FAILED':16} {control.reason}")
    if output is not None:
        write(found, "controls", output)
        store("null_ledgers", ledgers, output / "tables" / "null_ledgers.parquet")


if __name__ == "__main__":
    answered(main)
