"""The page as a whole: nothing fetched, nothing logged, any width, read without script and on paper."""

import pytest
from playwright.sync_api import Browser, Page

import shared
from browser.conftest import PATIENCE
from browser.pages import Opener, broken, overflow, paper, until
from figures.reports import report
from regularization.reporting.drawing import exhibit

CASES = shared.cases(__file__)

CONTROLS = ("#theme", ".contents", ".explorer", ".filter", "a.data", "#tip")  # nothing to do with on paper


def heard(browser: Browser, address: str, wait: int = 500) -> tuple[list[str], list[str]]:
    """What a page says on the console within `wait` milliseconds, and the addresses it asks for."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_timeout(wait)  # what was said arrives while waiting, and only then
    page.close()
    return said, asked


def test_the_page_asks_for_nothing_and_logs_nothing(browser: Browser) -> None:
    address = report().html.as_uri()
    assert heard(browser, address) == ([], [address])


def test_a_page_that_fetches_or_fails_is_heard(browser: Browser, tmp_path) -> None:
    """The page's own policy stops a foreign picture and a foreign script, and both are heard; so is an error."""
    extra = '<img src="http://127.0.0.1:9/x.png" alt="x"><script>undefinedName()</script></main>'
    for name, old, new, words in (
        ("foreign", "</main>", extra, ("img-src", "script-src")),
        ("failing", "offerThemes();\n", "undefinedName();\n", ("undefinedName",)),
    ):
        path = tmp_path / f"{name}.html"
        path.write_text(broken(old, new), encoding="utf-8")
        said, _ = heard(browser, path.as_uri(), wait=5_000)
        for word in words:
            assert any(word in text for text in said)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(opened: Opener, width: int) -> None:
    page = opened(width=width)
    assert overflow(page) == 0
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<div style=\"width:3000px\">wide</div>')"
    )
    assert overflow(page) > 0  # it would be seen


def test_the_summary_fits_on_one_screen(page: Page) -> None:
    assert bottom(page, "#answers .strip") <= 860
    page.evaluate("document.querySelector('.strip').style.paddingTop = '900px'")
    assert bottom(page, "#answers .strip") > 860


def bottom(page: Page, selector: str) -> float:
    return page.locator(selector).evaluate("element => element.getBoundingClientRect().bottom")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_contents_follow_the_scroll(opened: Opener, width: int) -> None:
    page = opened(width=width)
    page.evaluate("document.getElementById('methods').scrollIntoView({ behavior: 'instant' })")
    page.wait_for_selector("nav a[href='#methods'][aria-current]", state="attached")
    if width == 360:  # where the list is closed, its head says it
        assert "Methods" in page.locator("#contents summary").inner_text()


def test_contents_that_do_not_follow_are_noticed(opened: Opener) -> None:
    page = opened(broken("followContents();\n", "\n"))
    page.evaluate("document.getElementById('methods').scrollIntoView({ behavior: 'instant' })")
    page.wait_for_timeout(300)
    assert page.locator("nav a[aria-current]").count() == 0


def test_on_a_telephone_the_contents_stay_at_hand(opened: Opener) -> None:
    page = opened(width=360)
    page.evaluate("document.getElementById('methods').scrollIntoView({ behavior: 'instant' })")
    summary = page.locator("#contents summary")
    assert 0 <= summary.bounding_box()["y"] < 10
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("nav a[href='#dropout']").click()
    until(page, "location.hash == '#dropout' && !document.getElementById('contents').open")
    until(page, "Math.abs(document.querySelector('#dropout').getBoundingClientRect().top) < 120")


def test_a_link_to_a_figure_leads_to_it(opened: Opener) -> None:
    page = opened(reduced_motion="reduce")
    page.locator("main a[href^='#fig-']").first.click()
    until(page, "location.hash.startsWith('#fig-')")
    top = "document.querySelector(location.hash).getBoundingClientRect().top"
    until(page, f"0 <= {top} && {top} < 860")


def unread(page: Page) -> list[str]:
    """What a page without script should show and does not, or should not and does."""
    problems = []
    if page.locator("figure svg:visible").count() != len(exhibit.read(report().figures)):
        problems.append("not every figure is shown")
    problems += [
        f"{part} is not shown"
        for part in ("nav[aria-label=Contents]", "#reproduce", ".card", ".answer", "details.measured summary")
        if not page.locator(part).first.is_visible()
    ]
    problems += [
        f"{part} is shown and does nothing"
        for part in ("#theme", ".explorer", ".filter", ".sort")
        if page.locator(f"{part}:visible").count()
    ]
    return problems


def test_without_script_everything_can_be_read_and_nothing_is_offered_that_does_not_work(opened: Opener) -> None:
    assert unread(opened(java_script_enabled=False)) == []


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_page_that_needs_its_script_is_noticed"])
def test_a_page_that_needs_its_script_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    page = opened(broken(old, new), java_script_enabled=False)
    assert any(fault in problem for problem in unread(page))


def printed(page: Page) -> list[str]:
    """What is wrong with a page on paper."""
    page.emulate_media(media="print", color_scheme="dark")
    problems = [f"{part} is printed" for part in CONTROLS if page.locator(f"{part}:visible").count()]
    if paper(page) != "rgb(255, 255, 254)":
        problems.append("the paper is not white")
    if page.locator("figure svg:visible").count() != len(exhibit.read(report().figures)):
        problems.append("not every figure is printed")
    if page.locator(".card:visible").count() != page.locator(".card").count():
        problems.append("claims that were filtered out are not printed")
    if page.locator("details.claim dl:visible").count() != page.locator("details.claim").count():
        problems.append("what is folded is not printed")
    return problems


def test_print_shows_the_static_page_on_white(opened: Opener) -> None:
    page = opened(color_scheme="dark")
    page.locator("#theme input[value=dark]").check(force=True)
    page.locator(".filter input[type=search]").fill("nothing has this word")
    page.locator("figure .plot").first.press("ArrowRight")
    assert printed(page) == []


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_page_that_prints_badly_is_noticed"])
def test_a_page_that_prints_badly_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    page = opened(broken(old, new), color_scheme="dark")
    page.locator(".filter input[type=search]").fill("nothing has this word")
    assert any(fault in problem for problem in printed(page))


def test_mathematics_is_set_in_its_own_typeface(page: Page) -> None:
    page.evaluate("document.fonts.ready")
    assert page.evaluate(
        "document.fonts.check('16px \"STIX Two Math\"') && [...document.fonts].every(f => f.status != 'error')"
    )
    family = page.locator("math").first.evaluate("element => getComputedStyle(element).fontFamily")
    assert family.startswith('"STIX Two Math"')
