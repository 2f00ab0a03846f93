"""A browser for the tests of the page: the machine's own, or else one installed once where that is allowed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from browser.pages import Opener
from figures.reports import report

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
INSTALL = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"
SECONDS = 300  # that an installation may take
PATIENCE = 120_000  # milliseconds that a page may take on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test beside this file is one of the browser's."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str | None:
    """The path of a browser of Chromium's family on this machine, or None."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in [*found, *(place for place in PLACES if Path(place).is_file())] if path), None)


@cache
def installed() -> str | None:
    """`chromium()`, installed from the distribution first where there is none, by root and with apt."""
    if chromium() is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        try:
            subprocess.run(INSTALL, shell=True, env=environment, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return None
    return chromium()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = installed()
    if path is None:
        pytest.skip("no Chromium on this machine, and none could be installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Open the report, or the HTML given, in a window of its own; it is closed after the test."""
    contexts = []

    def open_page(html: str | None = None, width: int = 1280, height: int = 860, **options: object) -> Page:
        address = report().html.as_uri()
        if html is not None:
            path = tmp_path / f"page-{len(contexts)}.html"
            path.write_text(html, encoding="utf-8")
            address = path.as_uri()
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(opened: Opener) -> Page:
    """The report, opened."""
    return opened()
