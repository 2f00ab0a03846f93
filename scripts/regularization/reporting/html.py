"""Markdown → one HTML file that needs nothing else: figures, fonts, style, script and data are inside it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pypandoc  # type: ignore[import-untyped]

from regularization.figures.exhibit import Entry
from regularization.reporting import svg
from regularization.reporting.fonts import font_faces
from regularization.reporting.markdown import DOWNLOAD

FORMAT = "markdown"
_DOWNLOAD_LINK = re.compile(rf'href="{DOWNLOAD}([^"]+)"')
_TAG = re.compile(r"<[^>]*>")


def page(
    markdown: str,
    report: Path,
    figures: Mapping[str, Entry],
    figure_folder: Path,
    downloads: Mapping[str, bytes],
    metadata: Mapping[str, str],
) -> str:
    """Return the page.

    Args:
        markdown: the rendered sections.
        report: the report's sources: page.html, style.css, reader.js, filters/, fonts/, references.bib.
        figures: the figures there are, by name.
        figure_folder: where their SVG files lie.
        downloads: file name → content, for every `download:` link of the text.
        metadata: title, subtitle and, where known, date.

    Raises:
        KeyError: if the text links a download that is not in `downloads`.
    """
    with tempfile.TemporaryDirectory() as folder:
        for entry in figures.values():
            drawing = (figure_folder / entry.svg).read_text(encoding="utf-8")
            Path(folder, f"{entry.name}.svg").write_text(svg.inline(drawing, entry.name, entry.alt), encoding="utf-8")
        body = pypandoc.convert_text(
            markdown,
            to="html5",
            format=FORMAT,
            extra_args=[
                *("--standalone", f"--template={report / 'page.html'}", "--mathml", "--wrap=none", "--columns=10000"),
                *("--citeproc", f"--bibliography={report / 'references.bib'}", "--metadata=link-citations:true"),
                *("--toc", "--toc-depth=2", "--number-sections", "--section-divs"),
                *(f"--lua-filter={report / 'filters' / 'html.lua'}", f"--metadata=figures:{folder}"),
                *(f"--metadata={key}={value}" for key, value in metadata.items()),
            ],
        )
    body = _DOWNLOAD_LINK.sub(lambda match: _data_link(match[1], downloads), body)
    script = (report / "reader.js").read_text(encoding="utf-8")
    fonts = font_faces(report / "fonts", _TAG.sub("", body))
    light, dark = (f":root {{ {svg.css_variables(dark)} }}" for dark in (False, True))
    palette = f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}"
    style = "\n".join([fonts, palette, (report / "style.css").read_text(encoding="utf-8")])
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    for token, text in {"@STYLE@": style, "@SCRIPT@": script, "@SCRIPT-DIGEST@": digest}.items():
        body = body.replace(token, text)
    return body


def compressed(data: bytes) -> bytes:
    """Gzip without a time stamp: the same data give the same bytes."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def _data_link(name: str, downloads: Mapping[str, bytes]) -> str:
    kind = {".csv": "text/csv", ".json": "application/json", ".gz": "application/gzip"}[Path(name).suffix]
    return f'href="data:{kind};base64,{base64.b64encode(downloads[name]).decode()}" download="{name}"'
