"""Render the report: tables and figures → one HTML file and one PDF from the same text."""

from __future__ import annotations

from pathlib import Path

from regularization.reporting.build import build
from regularization.system import command_line


def main() -> None:
    parser = command_line.Parser(description=__doc__)
    parser.add_argument(
        "--tables", type=command_line.folder, required=True, help="folder with the study's tables (*.parquet)"
    )
    parser.add_argument(
        "--figures", type=command_line.folder, required=True, help="folder with the figures (*.svg, *.csv, *.json)"
    )
    parser.add_argument("--config", type=command_line.file, help="the resolved configuration (results/config.json)")
    parser.add_argument("--report", type=command_line.folder, default=Path("report"), help="the report's sources")
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--pdf", type=Path, required=True)
    arguments = parser.parse_args()
    build(arguments.tables, arguments.figures, arguments.report, arguments.config, arguments.html, arguments.pdf)
    for path in (arguments.html, arguments.pdf):
        print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    command_line.answered(main)
