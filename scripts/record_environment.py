"""Record what a study's tables, verdicts, figures and report are made with: versions, commit and configuration.

Nothing in it depends on the machine or the time. (What every cohort was trained with is in the table `provenance`.)

Usage: python scripts/record_environment.py --config results/config.json --output results/environment.json
"""

import json
from pathlib import Path
from typing import Annotated

from regularization.system import machine
from regularization.system.command_line import Config, answered, option
from regularization.system.files import read_json, sha256, write_bytes


def main(config: Config, output: Annotated[Path, option(Path, "JSON")]) -> None:
    read_json(config)  # refuses what is none
    report = Path(__file__).resolve().parents[1] / "report"
    record = {
        "configuration": sha256(config)[:16],
        "commit": machine.commit(report),
        "versions": machine.versions(machine.OF_THE_ANALYSES),
    }
    write_bytes(f"{json.dumps(record, indent=1)}\n".encode(), output)


if __name__ == "__main__":
    answered(main)
