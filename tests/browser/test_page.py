"""The page in a real browser: nothing fetched, nothing logged, any width, dark paper, no script, axe-clean."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from figures.reports import report
from regularization.figures import exhibit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; on Debian: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address() -> str:
    return report().html.as_uri()


def opened(browser: Browser, address: str, width: int = 1280, **context: object) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 860}, **context).new_page()  # type: ignore[arg-type]
    page.goto(address)
    return page


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def paper(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_page_asks_for_nothing_and_logs_nothing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    assert said == []
    assert asked == [address]
    page.close()


def test_the_listeners_hear_a_page_that_fetches_and_fails(browser: Browser, tmp_path: Path) -> None:
    """The page's own policy stops a foreign script and a foreign picture, and both are heard."""
    broken = tmp_path / "broken.html"
    extra = '<img src="http://127.0.0.1:9/x.png" alt="x"><script>undefinedName()</script></main>'
    broken.write_text(report().page.replace("</main>", extra), encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(broken.as_uri())
    assert any("img-src" in text or "image" in text for text in said)
    assert any("script-src" in text or "inline script" in text for text in said)
    page.close()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, address, width)
    assert overflow(page) == 0
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<div style=\"width:3000px\">wide</div>')"
    )
    assert overflow(page) > 0  # it would be seen
    page.context.close()


def test_on_a_telephone_a_drawing_scrolls_by_itself_and_by_keyboard(browser: Browser, address: str) -> None:
    page = opened(browser, address, 360)
    plot = page.locator(".plot").first
    assert plot.evaluate("element => element.scrollWidth > element.clientWidth")
    plot.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert plot.evaluate("element => element.scrollLeft") > 0
    page.context.close()


def test_the_summary_fits_on_one_screen(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    bottom = page.locator(".status").evaluate("element => element.getBoundingClientRect().bottom")
    assert bottom <= 860
    page.context.close()


def test_dark_mode_changes_the_paper_and_the_drawings_ink(browser: Browser, address: str) -> None:
    ink = "getComputedStyle(document.querySelector('.plot svg text')).fill"
    light, dark = (opened(browser, address, color_scheme=scheme) for scheme in ("light", "dark"))
    assert paper(light) != paper(dark)
    assert light.evaluate(ink) != dark.evaluate(ink)
    dark.emulate_media(media="print")
    assert paper(dark) == paper(light)  # nobody prints on black paper
    for page in (light, dark):
        page.context.close()


def test_without_script_everything_can_be_read(browser: Browser, address: str) -> None:
    page = opened(browser, address, java_script_enabled=False)
    assert page.locator("figure svg").count() == len(exhibit.read(report().figures))
    assert page.locator("nav[aria-label=Contents]").is_visible()
    assert page.locator("#reproduce").is_visible()
    page.context.close()


def test_the_contents_follow_the_scroll(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.locator("#methods").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('methods').scrollIntoView()")
    page.wait_for_selector("nav a[href='#methods'][aria-current]")
    page.context.close()


def test_a_link_to_a_figure_leads_to_it(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.locator(".finding a").first.click()
    assert page.evaluate("location.hash").startswith("#fig-")
    top = page.locator(page.evaluate("location.hash")).evaluate("element => element.getBoundingClientRect().top")
    assert 0 <= top < 860
    page.context.close()


def test_mathematics_is_set_in_its_own_typeface(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(
        "document.fonts.check('16px \"STIX Two Math\"') && [...document.fonts].every(f => f.status != 'error')"
    )
    assert (
        page.locator("math")
        .first.evaluate("element => getComputedStyle(element).fontFamily")
        .startswith('"STIX Two Math"')
    )
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser: Browser, address: str, scheme: str) -> None:
    page = opened(browser, address, color_scheme=scheme, bypass_csp=True)
    assert violations(page) == []
    page.evaluate("document.querySelector('.status').style.opacity = 0.3")
    page.evaluate("document.querySelector('.plot').setAttribute('role', 'nonsense')")
    assert {"color-contrast", "aria-roles"} <= {violation.split(":")[0] for violation in violations(page)}
    page.context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
