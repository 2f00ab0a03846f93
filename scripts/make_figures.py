"""Draw the report's figures: tables → for each a drawing (SVG), the data behind it (CSV) and its words (JSON)."""

from __future__ import annotations

from pathlib import Path

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import write, write_nothing
from regularization.reporting.figures import draw
from regularization.system import command_line


def main() -> None:
    parser = command_line.Parser(description=__doc__)
    parser.add_argument(
        "--tables", type=command_line.folder, required=True, help="folder with the study's tables (*.parquet)"
    )
    parser.add_argument("--figures", nargs="+", choices=FIGURES, default=[*FIGURES], metavar="NAME", help="all")
    parser.add_argument("--output", type=Path, required=True, help="folder for NAME.svg, NAME.csv and NAME.json")
    arguments = parser.parse_args()
    needed = dict.fromkeys(table for name in arguments.figures for table in FIGURES[name].tables)
    Tables.read(arguments.tables, tuple(needed))  # what is missing is said before anything is drawn
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.figures:
        exhibit = draw(name, Tables.read(arguments.tables, FIGURES[name].tables))
        if exhibit is None:
            write_nothing(name, arguments.output)
        else:
            write(name, exhibit, arguments.output)
        print(f"{name}: {'drawn' if exhibit else 'not drawn, this study lacks the data'}")


if __name__ == "__main__":
    command_line.answered(main)
