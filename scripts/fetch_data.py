"""Find or download Fashion-MNIST, verify it and write it as memory-mappable arrays.

Usage: python scripts/fetch_data.py [--folder FOLDER] --output results/data
"""

import sys
from pathlib import Path
from typing import Annotated

from regularization.system import fetching
from regularization.system.command_line import answered, option


def main(
    output: Annotated[Path, option(Path, "folder for the arrays and fetch.json")],
    folder: Annotated[Path | None, option(Path, "where the published files are looked for first")] = None,
) -> int:
    try:
        fetched = fetching.fetch(fetching.standard_sources(folder), lambda line: print(line, flush=True))
    except fetching.Unavailable as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    fetching.store(fetched, output)
    print(f"Fashion-MNIST is in {output}")
    return 0


if __name__ == "__main__":
    answered(main)
