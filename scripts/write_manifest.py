"""Write a results folder's manifest.json and manifest.sha256; the files' names, one a line, come from standard input.

Usage: python scripts/write_manifest.py --results results < names.txt
"""

import sys
from pathlib import Path
from typing import Annotated

from regularization.study import manifest
from regularization.system.command_line import answered, folder, option


def main(results: Annotated[Path, option(folder, "the results folder")]) -> None:
    manifest.write(results, sys.stdin.read().splitlines())


if __name__ == "__main__":
    answered(main)
