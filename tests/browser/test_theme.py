"""Light and dark: as the system has it or as the reader chooses, by keyboard too, kept and without a flash."""

import pytest
from playwright.sync_api import Page

from browser.pages import Opener, broken, paper
from figures.reports import report

LIGHT, DARK = "rgb(255, 255, 254)", "rgb(21, 24, 29)"
INK = "getComputedStyle(document.querySelector('.plot svg text')).fill"


def test_the_page_and_its_drawings_follow_the_system(opened: Opener) -> None:
    light, dark = (opened(color_scheme=scheme) for scheme in ("light", "dark"))
    assert (paper(light), paper(dark)) == (LIGHT, DARK)
    assert light.evaluate(INK) != dark.evaluate(INK)
    light.emulate_media(color_scheme="dark")
    dark.emulate_media(color_scheme="light")
    assert (paper(light), paper(dark)) == (DARK, LIGHT)


@pytest.mark.parametrize(("system", "choice", "expected"), [("light", "dark", DARK), ("dark", "light", LIGHT)])
def test_a_choice_wins_over_the_system_and_is_remembered(opened, system, choice, expected):
    page = opened(color_scheme=system)
    chosen(page, choice)
    assert paper(page) == expected
    reloaded(page, theme=choice)
    assert paper(page) == expected
    assert page.locator("#theme input:checked").get_attribute("value") == choice
    chosen(page, "auto")
    assert paper(page) != expected


def chosen(page: Page, theme: str) -> None:
    """Choose by keyboard: the arrow keys of a group of radio buttons."""
    page.locator("#theme input:checked").focus()
    for _ in range(3):
        if page.evaluate("document.activeElement.value") == theme:
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"the keyboard does not reach {theme}")


def reloaded(page: Page, theme: str) -> None:
    """The page read anew, once the browser, whose processes keep storage in their own time, hands out the choice."""
    for _ in range(20):
        page.reload()
        if page.evaluate("localStorage.getItem('theme')") == theme:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the choice {theme} is not kept")


def test_a_toggle_that_does_nothing_is_noticed(opened: Opener) -> None:
    page = opened(broken("setTheme(input.value);\n", "\n"))
    chosen(page, "dark")
    assert paper(page) == LIGHT


def test_the_choice_is_there_before_anything_is_painted(page: Page) -> None:
    """When the body begins, the root has its theme; a script at the end of the page would come too late."""
    chosen(page, "dark")
    page.add_init_script(
        "new MutationObserver((_, observer) => { if (document.body) {"
        " window.atFirst = document.documentElement.dataset.theme; observer.disconnect(); } })"
        ".observe(document, { childList: true, subtree: true });"
    )
    reloaded(page, theme="dark")
    assert page.evaluate("window.atFirst") == "dark"
    page.set_content("<p>a page without its script</p>")
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_without_storage_the_toggle_still_works(opened: Opener) -> None:
    said: list[str] = []
    page = opened("<p></p>")
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });")
    page.goto(report().html.as_uri())
    chosen(page, "dark")
    assert paper(page) == DARK
    assert said == []
    page.reload()
    assert paper(page) == LIGHT
