"""Check the conditions the study rests on; fails naming the gates that do not hold (the report states them too).

Usage: python scripts/check_gates.py --gates results/tables/gates.parquet --output results/gates.passed
"""

import sys
from pathlib import Path
from typing import Annotated

from regularization.system import command_line
from regularization.system.command_line import option
from regularization.system.files import read_table, renamed_when_complete


def main(gates: Annotated[Path, option(command_line.file)], output: command_line.Output) -> None:
    table = read_table(gates, needed=["passed", "of", "worst", "median", "at_least"])
    lines = [
        f"{'passed' if gate.passed else 'FAILED'}: {gate.experiment} {gate.setting} {gate.method}: "
        f"{gate.of} {gate.metric} of {gate.n} runs {getattr(gate, gate.of):.4f}, at least {gate.at_least:g} wanted"
        for gate in table.itertuples()
    ]
    print("\n".join(lines), file=sys.stderr)
    if not table["passed"].all():
        print("a setting that does not overfit cannot show what regularization does: train it longer", file=sys.stderr)
        sys.exit(1)
    with renamed_when_complete(output) as path:
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    command_line.answered(main)
