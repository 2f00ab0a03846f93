"""What the tests of the page share: how a page is opened, broken on purpose, and asked simple things."""

import base64
import hashlib
import re
from collections.abc import Callable

from playwright.sync_api import Page

from figures.example_tables import Size
from figures.reports import WHOLE, report

Opener = Callable[..., Page]  # the fixture `opened`


def broken(old: str, new: str, size: Size = WHOLE) -> str:
    """A report's page with one thing changed; if that is in its script, the policy allows the changed script.

    Raises:
        ValueError: if the page does not have `old`.
    """
    page = report(size).page
    if old not in page:
        raise ValueError(f"the page has no {old!r} to break")
    changed = page.replace(old, new)
    script = re.search(r"<script>(.*?)</script>", changed, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    return re.sub(r"'sha256-[^']+'", f"'sha256-{digest}'", changed)


def until(page: Page, expression: str, seconds: float = 120) -> None:
    """Wait until a JavaScript expression holds; asked from here, since the page's policy forbids to wait there.

    Raises:
        AssertionError: if it does not hold in time.
    """
    for _ in range(int(seconds / 0.05)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it never held that {expression}")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def paper(page: Page) -> str:
    """The colour of the page behind everything."""
    return page.evaluate("getComputedStyle(document.body).backgroundColor")
