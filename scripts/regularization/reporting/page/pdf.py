"""Markdown → Typst → PDF. Typst refuses to write PDF/UA-1 if a picture or an equation lacks words: a free check."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypandoc  # type: ignore[import-untyped]
import typst

from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.page.html import FORMAT, pandoc_options


def document(
    markdown: str,
    report: Path,
    figures: Mapping[str, Entry],
    figure_folder: Path,
    metadata: Mapping[str, str],
    epoch: int | None = None,
) -> bytes:
    """The PDF of the rendered sections; `report` is the folder of template.typ, filters/, fonts/, references.bib.

    `epoch`: the document's date in seconds since 1970 (SOURCE_DATE_EPOCH); None: it bears no date. Raises
    `typst.TypstError` if the document does not compile or is not PDF/UA-1.
    """
    dated = {**metadata, **({} if epoch is None else {"epoch": epoch})}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for entry in figures.values():
            shutil.copy(figure_folder / entry.file("svg"), folder)
        source = folder / "report.typ"
        options = pandoc_options(report, "template.typ", "typst.lua", dated)
        pypandoc.convert_text(markdown, to="typst", format=FORMAT, outputfile=str(source), extra_args=options)
        fonts: dict[str, Any] = {"font_paths": [str(report / "fonts")], "ignore_system_fonts": True}
        return typst.compile(str(source), **fonts, pdf_standards=["ua-1"], timestamp=epoch)
