"""Render the report: tables and figures → one HTML file and one PDF from the same text."""

import sys
from pathlib import Path
from typing import Annotated

from regularization.reporting.build import build
from regularization.system.command_line import Figures, Output, Report, Tables, answered, file, option, switch
from regularization.system.wording import REPORT


def main(
    tables: Tables,
    figures: Figures,
    html: Output,
    pdf: Output,
    config: Annotated[Path | None, option(file, "the resolved configuration (results/config.json)")] = None,
    report: Report = REPORT,
    describe: Annotated[bool, switch("also the archives' descriptions, and the manifest of what stdin names")] = False,
) -> None:
    documented = sys.stdin.read().splitlines() if describe else None
    build(tables, figures, report, config, html, pdf, documented=documented)
    for path in (html, pdf):
        print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    answered(main)
