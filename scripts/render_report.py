"""Render the report: tables and figures → one HTML file and one PDF from the same text."""

from pathlib import Path
from typing import Annotated

from regularization.reporting.build import build
from regularization.system import command_line
from regularization.system.command_line import option


def main(
    tables: command_line.Tables,
    figures: command_line.Figures,
    html: command_line.Output,
    pdf: command_line.Output,
    config: Annotated[
        Path | None, option(command_line.file, "the resolved configuration (results/config.json)")
    ] = None,
    report: command_line.Report = Path("report"),
) -> None:
    build(tables, figures, report, config, html, pdf)
    for path in (html, pdf):
        print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    command_line.answered(main)
