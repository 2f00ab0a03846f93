"""Weigh the claims with networks that were trained in other processors' arithmetic, and say which verdicts change.

Usage: python scripts/verify_verdicts.py --tables results/tables --elsewhere results/arithmetics/avx2 \
           --output results/verdicts_elsewhere.csv
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.claims import chosen_claims, evaluate
from regularization.claims.variations import overlaid, read_others
from regularization.reporting.words import count, percent
from regularization.system import command_line
from regularization.system.command_line import option
from regularization.system.files import renamed_when_complete


def main(
    tables: command_line.Tables,
    elsewhere: Annotated[Sequence[Path], option(command_line.folder, "a folder of tables an arithmetic", nargs="+")],
    output: command_line.Output,
) -> None:
    study = Tables.read(tables)
    own = {one.claim.id: one for one in evaluate(study, chosen_claims(tables))}
    rows = []
    for name, other in read_others(elsewhere).items():
        verdicts = evaluate(overlaid(study, other), chosen_claims(tables))
        rows += [(one.claim.id, name, own[one.claim.id].verdict, one.verdict) for one in verdicts]
        changed = [f"{key} {here} → {there}" for key, _, here, there in rows[-len(verdicts) :] if here != there]
        runs = study.runs.merge(other.runs, on="run_id", suffixes=("", "_elsewhere"))
        moved = (runs["test_accuracy"] != runs["test_accuracy_elsewhere"]).mean()
        instructions = " and ".join(sorted(set(other.provenance["instructions"])))
        print(
            f"{name} ({instructions}): {count(len(runs), 'network')} trained anew, {percent(moved)} of them end with"
            f" another accuracy; {len(changed)} of {count(len(verdicts), 'verdict')} change"
            f"{': ' if changed else ''}{', '.join(changed)}",
            file=sys.stderr,
        )
    with renamed_when_complete(output) as temporary:
        table = pd.DataFrame(rows, columns=["id", "arithmetic", "verdict", "verdict_elsewhere"])
        table.to_csv(temporary, index=False)


if __name__ == "__main__":
    command_line.answered(main)
