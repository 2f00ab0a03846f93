"""Write the plan: the resolved configuration, all planned runs, and the cells that a method does not have.

Usage: python scripts/plan_study.py --output results < config.json   (the resolved configuration on standard input)
"""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import pandas as pd

from regularization.study import plan
from regularization.study.configuration import Configuration
from regularization.system.command_line import answered, option
from regularization.system.files import renamed_when_complete, write_table


def main(output: Annotated[Path, option(Path, "folder for config.json, plan.parquet and left_out.csv")]) -> None:
    study = Configuration.read(Path("-"))
    cohorts = plan.cohorts(study)
    runs = plan.runs(cohorts)
    left_out = pd.DataFrame(plan.cells(study)[1], columns=[field.name for field in fields(plan.LeftOut)])
    print(f"{len(runs):,} runs in {len(cohorts):,} cohorts", file=sys.stderr)
    for cell in left_out.itertuples():
        name = f"{cell.experiment} {cell.setting} {cell.method} λ={cell.lam:g} p={cell.p}"
        print(f"left out: {name}: {cell.reason}", file=sys.stderr)
    write_table(runs, output / "plan.parquet")
    with renamed_when_complete(output / "left_out.csv") as path:
        left_out.to_csv(path, index=False)
    with renamed_when_complete(output / "config.json") as path:
        path.write_text(study.as_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    answered(main)
