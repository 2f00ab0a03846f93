"""Find or download Fashion-MNIST, verify it and write it as memory-mappable arrays.

Usage: python scripts/fetch_data.py [--folder FOLDER] --output results/data
"""

from __future__ import annotations

import sys
from pathlib import Path

from regularization.system import command_line, fetching


def main() -> int:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where the published files are looked for first")
    parser.add_argument("--output", type=Path, required=True, help="folder for the arrays and fetch.json")
    arguments = parser.parse_args()
    try:
        fetched = fetching.fetch(fetching.standard_sources(arguments.folder), lambda line: print(line, flush=True))
    except fetching.Unavailable as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    fetching.store(fetched, arguments.output)
    print(f"Fashion-MNIST is in {arguments.output}")
    return 0


if __name__ == "__main__":
    command_line.answered(main)
