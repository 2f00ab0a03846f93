"""Draw the report's figures: tables → for each a drawing (SVG), a slide (PNG), its data (CSV) and its words (JSON)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import write, write_nothing
from regularization.reporting.figures import draw
from regularization.reporting.titles import titles
from regularization.study.configuration import Configuration
from regularization.system import command_line
from regularization.system.command_line import file_or_input, option


def main(
    tables: command_line.Tables,
    output: Annotated[Path, option(Path, "folder for NAME.svg, .png, .csv and .json")],
    config: Annotated[Path | None, option(file_or_input, "the configuration, for the title on the slides")] = None,
    figures: Annotated[Sequence[str], option(str, "all", nargs="+", choices=FIGURES, metavar="NAME")] = (*FIGURES,),
) -> None:
    needed = dict.fromkeys(table for name in figures for table in FIGURES[name].tables)
    Tables.read(tables, tuple(needed))  # what is missing is said before anything is drawn
    configuration = Configuration.read(config).as_json() if config else "{}"
    title, _ = titles(json.loads(configuration).get("experiments", ()), configuration)
    output.mkdir(parents=True, exist_ok=True)
    for name in figures:
        exhibit = draw(name, Tables.read(tables, FIGURES[name].tables, configuration))
        if exhibit is None:
            write_nothing(name, output, title)
        else:
            write(name, exhibit, output, title)
        print(f"{name}: {'drawn' if exhibit else 'not drawn, this study lacks the data'}")


if __name__ == "__main__":
    command_line.answered(main)
