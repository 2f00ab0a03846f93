"""What can be taken along: links that hold their files, no script needed, and the right content in them."""

import base64
import gzip
import io
import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote_to_bytes

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

import shared
from browser.pages import Opener, broken
from figures.reports import report
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.catalogue import FIGURES

CASES = shared.cases(__file__)

MEGABYTE = 1_000_000
TABLES = ("claims", "identities", "cells", "settings", "theory")


def downloaded(page: Page, name: str) -> bytes:
    """What the browser saves for the link of that file."""
    with page.expect_download() as waiting:
        page.locator(f"a[download='{name}']").first.evaluate("link => link.click()")
    return waiting.value.path().read_bytes()


def linked(page: Page) -> dict[str, bytes]:
    """File name → content of every link that holds a file, decoded here."""
    links = page.locator("a[download]").evaluate_all("all => all.map(a => [a.download, a.getAttribute('href')])")
    assert all(address.startswith("data:") for _, address in links)
    return {name: decoded(address) for name, address in links}


def decoded(address: str) -> bytes:
    """The content of a data URI."""
    kind, content = address.split(",", 1)
    return base64.b64decode(content) if kind.endswith(";base64") else unquote_to_bytes(content)


def download_problems(files: dict[str, bytes]) -> list[str]:
    """Files that are missing or do not hold what they should."""
    built, problems = report(), []
    for entry in exhibit.read(built.figures).values():
        data, svg = entry.file("csv"), entry.file("svg")
        if files.get(data) != (built.figures / data).read_bytes():
            problems.append(f"{data} is not the data of the figure")
        drawing = re.sub(r"<metadata>.*?</metadata>\n", "", (built.figures / svg).read_text(encoding="utf-8"))
        if files.get(svg) != drawing.encode():
            problems.append(f"{svg} is not the drawing")
    for name in TABLES:
        file = f"{name}-table.csv" if name in FIGURES else f"{name}.csv"  # the figure's data have the other name
        packed = files.get(f"{file}.gz")
        table = pd.read_csv(io.BytesIO(gzip.decompress(packed) if packed else files.get(file, b"none\n")))
        stored = pd.read_parquet(built.tables / f"{name}.parquet")
        if list(table.columns) != list(stored.columns) or len(table) != len(stored):
            problems.append(f"{file} is not the table")
            continue
        numbers = stored.select_dtypes("number").columns
        if not np.allclose(table[numbers].astype(float), stored[numbers].astype(float), rtol=1e-5, equal_nan=True):
            problems.append(f"{file} has other numbers")
    return problems


def test_downloads_need_no_script_and_the_page_stays_small(opened: Opener) -> None:
    assert download_problems(linked(opened(java_script_enabled=False))) == []
    assert report().html.stat().st_size < 3.5 * MEGABYTE


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_download_that_holds_something_else_is_noticed"])
def test_a_download_that_holds_something_else_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    page = opened(broken(old, new), java_script_enabled=False)
    assert any(fault in problem for problem in download_problems(linked(page)))


def test_the_browser_saves_what_the_link_holds(opened: Opener) -> None:
    page = opened(accept_downloads=True)
    files = linked(page)
    names = ("claims.csv", "weight-decay-risk.csv", "weight-decay-risk.svg")
    assert [name for name in names if downloaded(page, name) != files[name]] == []


def test_a_drawing_stands_alone_and_the_large_tables_are_named_where_the_small_ones_are_linked(page: Page) -> None:
    """A saved drawing is a whole document, light, with typefaces to fall back on and no reference outside."""
    drawing = linked(page)["weight-decay-risk.svg"].decode()
    root = ET.fromstring(drawing)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox")
    assert "var(--" not in drawing
    assert "Arial, sans-serif" in drawing
    assert not [link for link in drawing.split('href="')[1:] if not link.startswith("#")]
    words = page.locator("#reproduce .web").first.inner_text()
    for name in ("runs", "curves", "predictions_linear_regression"):
        assert f"results/tables/{name}.parquet" in words
        assert page.locator(f"a[download='{name}.csv']").count() == 0
