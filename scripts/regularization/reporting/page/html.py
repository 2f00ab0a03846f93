"""Markdown → one HTML file that needs nothing else: figures, fonts, style, script and data are inside it."""

import base64
import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pypandoc  # type: ignore[import-untyped]

from regularization.reporting.drawing import vector
from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.page.fonts import font_faces
from regularization.reporting.page.markdown import DOWNLOAD

FORMAT = "markdown"
TYPES = {".csv": "text/csv", ".gz": "application/gzip", ".json": "application/json", ".svg": "image/svg+xml"}
PLAIN = "!$'()*+,;=:@/?~"  # what may stand as it is in a data URI within double quotes
_DOWNLOAD_LINK = re.compile(rf'href="{DOWNLOAD}([^"]+)"')
_HEADING = re.compile(r"(</?h)([1-5])\b")
_TAG = re.compile(r"<[^>]*>")


def page(
    markdown: str,
    report: Path,
    figures: Mapping[str, Entry],
    figure_folder: Path,
    explorers: Mapping[str, str],
    downloads: Mapping[str, bytes],
    metadata: Mapping[str, str],
) -> str:
    """The page of the rendered sections.

    `report` is the folder of page.html, style.css, scripts/, filters/, fonts/ and references.bib; `explorers` are
    name → data as JSON, `downloads` file name → content for every `download:` link, `metadata` title, subtitle, date.
    Raises `KeyError` if the text links a download that is not in `downloads`.
    """
    with tempfile.TemporaryDirectory() as folder:
        for i, entry in enumerate(figures.values()):
            files = (figure_folder / entry.file(suffix) for suffix in ("svg", "narrow.svg"))
            broad, narrow = (file.read_text(encoding="utf-8") for file in files)
            drawings, places = vector.inline(broad, f"d{i}", entry.alt, "broad"), "null"
            if narrow != broad:
                drawings += vector.inline(narrow, f"n{i}", entry.alt, "narrow")
                places = vector.marks(narrow)
            data = f'{{"panels":{vector.themed(vector.marks(broad))},"narrow":{places}}}'
            Path(folder, f"{entry.name}.svg").write_text(drawings, encoding="utf-8")
            Path(folder, f"{entry.name}.json").write_text(_data(data), encoding="utf-8")
        for name, data in explorers.items():
            Path(folder, f"{name}.json").write_text(_data(data), encoding="utf-8")
        options = pandoc_options(report, "page.html", "html.lua", {**metadata, "files": folder})
        options += ["--mathml", "--toc", "--toc-depth=2", "--number-sections", "--section-divs"]
        body = pypandoc.convert_text(markdown, to="html5", format=FORMAT, extra_args=options)
    title, main = body.split("<main", 1)  # the page's title is its only heading of the first level
    body = f"{title}<main{_HEADING.sub(lambda tag: f'{tag[1]}{int(tag[2]) + 1}', main)}"
    program = script(report / "scripts")
    fonts = font_faces(report / "fonts", _TAG.sub("", body) + program)
    body = _DOWNLOAD_LINK.sub(lambda match: _data_link(match[1], downloads), body)
    style = "\n".join([fonts, vector.css_variables(), (report / "style.css").read_text(encoding="utf-8")])
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    for token, text in {"@STYLE@": style, "@SCRIPT@": program, "@SCRIPT-DIGEST@": digest}.items():
        body = body.replace(token, text)
    return body


def pandoc_options(report: Path, template: str, filter: str, metadata: Mapping[str, Any]) -> list[str]:
    """What the page and the PDF ask of pandoc alike."""
    return [
        *("--standalone", f"--template={report / template}", "--wrap=none", "--columns=10000"),
        *("--citeproc", f"--bibliography={report / 'references.bib'}", "--metadata=link-citations:true"),
        f"--lua-filter={report / 'filters' / filter}",
        *(f"--metadata={key}={value}" for key, value in metadata.items()),
    ]


def script(folder: Path) -> str:
    """All scripts of a folder as one, start.js last, with nothing of theirs left in the page's global names."""
    ordered = sorted(folder.glob("[!.]*.js"), key=lambda path: (path.stem == "start", path.name))
    files = [path.read_text(encoding="utf-8") for path in ordered]
    return "(() => {\n'use strict';\n" + "\n".join(files) + "})();\n"


def _data(json: str) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.replace("<", "\\u003c")


def _data_link(name: str, downloads: Mapping[str, bytes]) -> str:
    """A link that holds its file, as text or as base64, whichever is shorter."""
    content = downloads[name]
    ways = (f"charset=utf-8,{quote(content, safe=PLAIN)}", f"base64,{base64.b64encode(content).decode()}")
    return f'href="data:{TYPES[Path(name).suffix]};{min(ways, key=len)}" download="{name}"'
