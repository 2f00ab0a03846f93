"""Record what a study's tables, verdicts, figures and report are made with: versions, commit and configuration.

Nothing in it depends on the machine or the time. (What every cohort was trained with is in the table `provenance`.)

Usage: python scripts/record_environment.py --config results/config.json --output results/environment.json
"""

from __future__ import annotations

import json
from pathlib import Path

from regularization.system import command_line, machine
from regularization.system.files import read_json, sha256, write_bytes


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True, help="the resolved configuration (JSON)")
    parser.add_argument("--output", type=Path, required=True, help="JSON")
    arguments = parser.parse_args()

    read_json(arguments.config)  # refuses what is none
    report = Path(__file__).resolve().parents[1] / "report"
    record = {
        "configuration": sha256(arguments.config)[:16],
        "commit": machine.commit(report),
        "versions": machine.versions(machine.OF_THE_ANALYSES),
    }
    write_bytes(f"{json.dumps(record, indent=1)}\n".encode(), arguments.output)


if __name__ == "__main__":
    command_line.answered(main)
