"""Markdown → Typst → PDF. Typst refuses to write PDF/UA-1 if a picture or an equation lacks words: a free check."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pypandoc  # type: ignore[import-untyped]
import typst

from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.page.html import FORMAT


def document(
    markdown: str,
    report: Path,
    figures: Mapping[str, Entry],
    figure_folder: Path,
    metadata: Mapping[str, str],
    epoch: int | None = None,
) -> bytes:
    """Return the PDF.

    Args:
        markdown: the rendered sections.
        report: the report's sources: template.typ, filters/, fonts/, references.bib.
        figures: the figures there are, by name.
        figure_folder: where their SVG files lie.
        metadata: title, subtitle and, where known, date.
        epoch: the document's date in seconds since 1970 (SOURCE_DATE_EPOCH); None: it bears no date.

    Raises:
        typst.TypstError: if the document does not compile or is not PDF/UA-1.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for entry in figures.values():
            drawing = (figure_folder / entry.svg).read_text(encoding="utf-8")
            (folder / entry.svg).write_text(drawing, encoding="utf-8")
        source = folder / "report.typ"
        pypandoc.convert_text(
            markdown,
            to="typst",
            format=FORMAT,
            outputfile=str(source),
            extra_args=[
                *("--standalone", f"--template={report / 'template.typ'}", "--wrap=none", "--columns=10000"),
                *("--citeproc", f"--bibliography={report / 'references.bib'}", "--metadata=link-citations:true"),
                f"--lua-filter={report / 'filters' / 'typst.lua'}",
                *(f"--metadata={key}={value}" for key, value in metadata.items()),
                *([f"--metadata=epoch={epoch}"] if epoch is not None else []),
            ],
        )
        return typst.compile(
            str(source),
            font_paths=[str(report / "fonts")],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=epoch,
        )
