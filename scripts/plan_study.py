"""Write the plan (the resolved configuration, all runs, the cells that a method does not have) and `environment.json`.

That says what tables, verdicts, figures and report are made with; nothing in it depends on the machine or the time.
(What every cohort was trained with is in the table `provenance`.)

Usage: python scripts/plan_study.py --output results < config.json   (the resolved configuration on standard input)
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import pandas as pd

from regularization.naming import CELL
from regularization.study import plan
from regularization.study.configuration import Configuration
from regularization.system import machine
from regularization.system.command_line import answered, option
from regularization.system.files import renamed_when_complete, write_bytes, write_table
from regularization.system.wording import REPORT


def main(output: Annotated[Path, option(Path, "folder for what it writes")]) -> None:
    study = Configuration.read(Path("-"))
    cohorts = plan.cohorts(study)
    runs = plan.runs(cohorts)
    reasons = [(*key, reason) for key, reason in plan.cells(study)[1].items()]
    left_out = pd.DataFrame(reasons, columns=[*CELL, "reason"])
    print(f"{len(runs):,} runs in {len(cohorts):,} cohorts", file=sys.stderr)
    for cell in left_out.itertuples():
        name = f"{cell.experiment} {cell.setting} {cell.method} λ={cell.lam:g} p={cell.p}"
        print(f"left out: {name}: {cell.reason}", file=sys.stderr)
    write_table(runs, output / "plan.parquet")
    with renamed_when_complete(output / "left_out.csv") as path:
        left_out.to_csv(path, index=False)
    with renamed_when_complete(output / "config.json") as path:
        path.write_text(study.as_json() + "\n", encoding="utf-8")
    made_with = {"commit": machine.commit(REPORT), "versions": machine.versions(machine.OF_THE_ANALYSES)}
    record = json.dumps({"configuration": study.digest, **made_with}, indent=1)
    write_bytes(f"{record}\n".encode(), output / "environment.json")


if __name__ == "__main__":
    answered(main)
