"""For everyone: axe finds nothing, used or unused, in both colours; keys reach everything; targets are large."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser.pages import Opener, broken
from figures.example_tables import SMOKE
from figures.reports import report

COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that depend on them


def violations(page: Page, **options: object) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def used(page: Page) -> None:
    """Everything that opens or changes, opened and changed."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    page.locator("thead button").nth(2).press("Enter")
    page.locator(".filter input[type=checkbox]").first.uncheck()
    page.locator(".filter input[type=search]").fill("claim")
    for slider in page.locator(".explorer input[type=range]").all():
        slider.press("End")
    page.get_by_role("button", name="Reveal").press("Enter")
    page.evaluate("document.getElementById('contents').open = true")
    page.locator("figure .plot").first.press("ArrowRight")


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_in_a_page_that_was_used(opened: Opener, width: int) -> None:
    """Whatever it looks for in one scheme of colours; in the other, what depends on colours."""
    for scheme, looked_for in (("light", {}), ("dark", {"runOnly": COLOURS})):
        page = opened(width=width, color_scheme="light", bypass_csp=True)
        page.locator(f"#theme input[value={scheme}]").check(force=True)
        used(page)
        assert violations(page, **looked_for) == []


def test_axe_finds_nothing_in_a_page_without_script(opened: Opener) -> None:
    """As it is delivered: the script is left out, since axe is one itself. A small study has all that this changes."""
    page = opened(broken("document.addEventListener('DOMContentLoaded'", "(() => {})('", SMOKE), bypass_csp=True)
    assert page.locator(".filter").count() == 0
    assert violations(page) == []


def test_axe_finds_what_is_broken(opened: Opener) -> None:
    page = opened(report(SMOKE).page, bypass_csp=True)
    page.evaluate(
        "document.querySelector('.answer').style.opacity = 0.3;"
        "document.querySelector('.plot').setAttribute('role', 'nonsense');"
        "document.querySelectorAll('.explorer label').forEach(label => label.replaceWith(...label.childNodes));"
        "document.querySelector('.filter button').textContent = '';"
    )
    found = {violation.split(":")[0] for violation in violations(page)}
    assert {"color-contrast", "aria-roles", "select-name", "label", "button-name"} <= found
    assert {violation.split(":")[0] for violation in violations(page, runOnly=COLOURS)} == {"color-contrast"}


INTERACTIVE = "a[href], button, input, select, summary, [tabindex='0']"


def reached(page: Page) -> list[str]:
    """What cannot be reached by the tab key, or does not show that it has the focus."""
    wanted = page.evaluate(
        f"""() => {{
          window.missing = new Set([...document.querySelectorAll("{INTERACTIVE}")].filter((element) =>
            element.checkVisibility({{ visibilityProperty: true }}) && !element.disabled && element.tabIndex >= 0
            && !(element.type === 'radio' && !element.checked)));
          return window.missing.size;
        }}"""
    )
    problems = []
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const element = document.activeElement;
              window.missing.delete(element);
              const near = [element, element.nextElementSibling].filter(Boolean);
              const outlines = near.map((one) => getComputedStyle(one));
              const marked = outlines.some((one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2);
              return element === document.body || marked ? '' : element.outerHTML.slice(0, 80);
            }"""
        )
        if seen:
            problems.append(f"no focus is shown on {seen}")
    missing = page.evaluate("[...window.missing].map((element) => element.outerHTML.slice(0, 80))")
    return problems + [f"the tab key does not reach {element}" for element in missing]


def test_the_tab_key_reaches_everything_and_shows_where_it_is_and_where_not_it_is_noticed(opened: Opener) -> None:
    assert reached(opened()) == []
    page = opened(report(SMOKE).page)
    page.add_style_tag(content=".card a { outline: none !important }")
    assert any("no focus is shown" in problem for problem in reached(page))
    trapped = opened(report(SMOKE).page)
    trapped.locator(".card a").first.evaluate(
        "button => button.addEventListener('keydown', (event) => event.preventDefault())"
    )
    assert any("does not reach" in problem for problem in reached(trapped))


def small_targets(page: Page) -> list[str]:
    """Controls smaller than 24 × 24 pixels; links within a line of text may be."""
    return page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, summary, nav a')]
          .filter((element) => element.checkVisibility())
          .filter((element) => {
            const box = (element.closest('label') || element).getBoundingClientRect();
            return box.width < 24 || box.height < 24;
          }).map((element) => element.outerHTML.slice(0, 80))"""
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_targets_are_large_enough_for_a_finger(opened: Opener, width: int) -> None:
    page = opened(width=width)
    page.evaluate("document.getElementById('contents').open = true")
    assert small_targets(page) == []
    page.add_style_tag(content=".sort { min-height: 0 !important; line-height: 1; font-size: 8px }")
    assert small_targets(page) != []


def test_nothing_moves_by_itself_for_those_who_do_not_want_it(opened: Opener) -> None:
    behaviour, page = "getComputedStyle(document.documentElement).scrollBehavior", opened(reduced_motion="reduce")
    assert page.evaluate(behaviour) == "auto"
    assert opened(reduced_motion="no-preference").evaluate(behaviour) == "smooth"
    moving = (
        "[...document.querySelectorAll('*')].map((element) => getComputedStyle(element))"
        ".filter((style) => style.animationName !== 'none' || style.transitionDuration !== '0s').length"
    )
    assert page.evaluate(moving) == 0
