"""Find or download Fashion-MNIST or another image set, verify it and write it as memory-mappable arrays.

Usage: python scripts/fetch_data.py [--folder FOLDER] [--name MNIST] --output results/data
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from regularization.system import fetching
from regularization.system.command_line import answered, option
from regularization.system.image_sets import FASHION_MNIST


def main(
    output: Annotated[Path, option(Path, "folder for the arrays and fetch.json")],
    folder: Annotated[Path | None, option(Path, "where the published files are looked for first")] = None,
    name: Annotated[str, option(str, "the image set's name")] = FASHION_MNIST,
    sha256: Annotated[Sequence[str], option(str, "of its four decompressed files", nargs=4, metavar="SHA256")] = (),
) -> int:
    sources = fetching.standard_sources(folder, name)
    try:
        fetched = fetching.fetch(sources, lambda line: print(line, flush=True), name, sha256)
    except fetching.Unavailable as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    fetching.store(fetched, output)
    print(f"{name} is in {output}")
    return 0


if __name__ == "__main__":
    answered(main)
