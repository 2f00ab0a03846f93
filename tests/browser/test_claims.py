"""The claims' cards: filtered by verdict and words, kept in the address, each an anchor; records open by a link."""

import itertools

import pytest
from playwright.sync_api import Page

import shared
from browser.pages import Opener, broken, until
from figures import example_analyses

CASES = shared.cases(__file__)
CLAIMS = example_analyses.claims().set_index("id").query("n > 0")  # the others were not measured


def shown(page: Page) -> list[str]:
    """The claims whose cards are shown."""
    return page.locator(".card:visible").evaluate_all("all => all.map((card) => card.id.replace('claim-', ''))")


def filter_problems(page: Page) -> list[str]:
    """What is wrong with the cards that are shown after filtering, and with what is said of their number."""
    search, status = page.locator(".filter input[type=search]"), page.locator(".filter [role=status]")
    boxes = {box.get_attribute("value"): box for box in page.locator(".filter input[type=checkbox]").all()}
    texts = {name: page.locator(f"#claim-{name}").text_content().casefold() for name in CLAIMS.index}
    order, problems = shown(page), []
    if sorted(order) != sorted(CLAIMS.index) or sorted(boxes) != sorted(set(CLAIMS["verdict"])):
        problems.append("there is not a card for every claim and a box for every verdict")
    for verdict, words in itertools.product([None, *boxes], ["", "WEIGHT decay", "no such words"]):
        if verdict:
            boxes[verdict].uncheck()
        search.fill(words)
        wanted = [
            name
            for name in order
            if all(word in texts[name] for word in words.casefold().split()) and CLAIMS["verdict"][name] != verdict
        ]
        if shown(page) != wanted:
            problems.append(f"without {verdict} and with {words!r}: not the right cards")
        if not status.inner_text().startswith(f"{len(wanted)} of {len(CLAIMS)} claims"):
            problems.append("the number of claims shown is wrong")
        empty = "section:not([hidden]):has(> .cards):not(:has(.card:not([hidden])))"
        if page.locator(f"#claims {empty}").count():
            problems.append("a heading is left over without cards")
        if verdict:
            boxes[verdict].check()
    page.get_by_role("button", name="Show all").click()
    if shown(page) != order or search.input_value():
        problems.append("not all cards come back")
    return problems


def test_the_cards_filter_by_verdict_and_words(page: Page) -> None:
    assert filter_problems(page) == []


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_filter_that_is_wrong_is_noticed"])
def test_a_filter_that_is_wrong_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    assert any(fault in problem for problem in filter_problems(opened(broken(old, new))))


def address_problems(page: Page) -> list[str]:
    """What of a reader's choices does not come back with the page's address."""
    page.locator(".filter input[value=supported]").uncheck()
    page.locator(".filter input[type=search]").fill("decay")
    record = page.locator("details.claim").nth(2)
    record.locator("summary").click()
    page.wait_for_timeout(400)
    before = [shown(page), record.evaluate("record => record.open")]
    page.reload()
    after = [shown(page), record.evaluate("record => record.open")]
    pairs = zip(("filter", "record"), before, after, strict=True)
    return [f"the {name} is lost" for name, old, new in pairs if old != new]


def test_the_address_keeps_the_filter_and_the_open_record(page: Page) -> None:
    address = page.url
    page.wait_for_timeout(400)
    assert page.url == address  # nothing was chosen yet
    assert address_problems(page) == []


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_choice_that_the_address_loses_is_noticed"])
def test_a_choice_that_the_address_loses_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    assert address_problems(opened(broken(old, new))) == [fault]


def test_a_link_leads_to_a_card_that_is_filtered_out_and_into_a_folded_record(opened: Opener) -> None:
    page = opened(reduced_motion="reduce")
    page.locator(".filter input[type=search]").fill("no such words")
    page.evaluate("location.hash = 'claim-c20'")
    page.wait_for_selector("#claim-c20:visible")
    assert 0 <= page.locator("#claim-c20").bounding_box()["y"] < 860
    page.locator("#claim-c20 a[href='#full-c20']").click()
    page.wait_for_selector("#full-c20:visible")
    assert "c20" in page.locator("details:has(#full-c20) summary").inner_text()
    hidden = opened(broken("window.addEventListener('hashchange', uncover);\n", "\n"))
    hidden.locator(".filter input[type=search]").fill("no such words")
    hidden.evaluate("location.hash = 'claim-c20'")
    hidden.wait_for_timeout(200)
    assert not hidden.locator("#claim-c20").is_visible()


def cut_verdicts(page: Page) -> list[str]:
    """Cards whose verdict cannot be read whole, or is another than the claim's."""
    until(page, "document.fonts.status == 'loaded'")
    found = page.locator(".card").evaluate_all(
        """all => all.map((card) => {
          const word = card.querySelector('.verdict');
          const [box, within] = [word.getBoundingClientRect(), card.getBoundingClientRect()];
          const whole = box.left >= within.left && box.right <= within.right && within.right <= innerWidth
            && box.height < 30 && box.width > 40 && word.scrollWidth <= word.offsetWidth + 1;
          return [card.id.replace('claim-', ''), word.textContent, whole];
        })"""
    )
    return [name for name, word, whole in found if not whole or word != CLAIMS["verdict"][name]]


@pytest.mark.parametrize("width", [320, 1280])
def test_a_verdict_is_never_cut_off(opened: Opener, width: int) -> None:
    page = opened(width=width)
    assert cut_verdicts(page) == []
    page.add_style_tag(content=".card .verdict { display: inline-block; width: 3rem; overflow: hidden }")
    assert cut_verdicts(page) != []
