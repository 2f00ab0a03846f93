"""The ledger and the other tables: sorted by any column, filtered by verdict and words, every claim an anchor."""

import itertools

import pytest
from playwright.sync_api import Locator, Page

import shared
from browser.pages import Opener, broken
from figures import example_analyses

CASES = shared.cases(__file__)

VERDICTS = ["supported", "qualified", "contradicted", "inconclusive"]


def column(page: Page, name: str) -> list[str]:
    """The texts of a column of the ledger, from the top, of the rows that are shown."""
    heads = page.locator("#tbl-claims thead th").all_inner_texts()
    cells = page.locator(f"#tbl-claims tbody tr:visible td:nth-child({heads.index(name) + 1})")
    return [text.strip() for text in cells.all_inner_texts()]


def head(page: Page, name: str) -> Locator:
    return page.locator("#tbl-claims thead th", has=page.get_by_role("button", name=name, exact=True))


def press(page: Page, name: str) -> str | None:
    """Press a column's button by keyboard; the order that the head then tells."""
    head(page, name).get_by_role("button").press("Enter")
    return head(page, name).get_attribute("aria-sort")


def sort_problems(page: Page) -> list[str]:
    """What is wrong with the order after sorting, for each kind of column."""
    problems = []
    first = column(page, "claim")
    expected = {
        "claim": sorted(first),
        "verdict": sorted(column(page, "verdict"), key=VERDICTS.index),
        "effect": [*sorted((text for text in column(page, "effect") if text != "–"), key=leading), "–"],
        "n": [*sorted((text for text in column(page, "n") if text != "–"), key=leading), "–"],
    }
    for name, order in expected.items():
        if press(page, name) != "ascending" or column(page, name) != order:
            problems.append(f"{name} is not in ascending order")
        down = [text for text in reversed(order) if text != "–"] + ["–"] * order.count("–")
        if press(page, name) != "descending" or column(page, name) != down:
            problems.append(f"{name} is not in descending order")
        if press(page, name) is not None or column(page, "claim") != first:
            problems.append(f"{name}: the first order does not come back")
    press(page, "statement")
    words = [text for text in column(page, "statement") if text[0].isalpha()]
    if words != sorted(words, key=str.casefold):
        problems.append("statement is not in alphabetical order")
    return problems


def leading(text: str) -> float:
    """The number that a cell begins with."""
    words = text.replace("−", "-").replace(",", "").split()
    if words[1:2] == ["×"]:
        return float(words[0]) * 10.0 ** int(words[2][2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    return float(words[0])


def test_the_ledger_sorts_by_every_kind_of_column_one_at_a_time_and_other_tables_sort_too(page: Page) -> None:
    assert sort_problems(page) == []
    press(page, "verdict")
    press(page, "n")
    assert page.locator("th[aria-sort]").count() == 1
    tables = page.locator(".wide table")
    for table in tables.all():
        rows = table.locator("tbody tr").count()
        assert (table.locator("thead button.sort").count() > 0) == (rows >= 3)


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_ledger_that_sorts_wrongly_is_noticed"])
def test_a_ledger_that_sorts_wrongly_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    assert any(fault in problem for problem in sort_problems(opened(broken(old, new))))


def test_small_numbers_and_bounds_sort_by_size(opened: Opener) -> None:
    """What is less than 0.001 comes before 0.001, and powers of ten are read."""
    texts = ["0.040", "< 0.001", "1.10 × 10⁻¹⁶", "12,300", "−3.5 [−4, −3]", "0.001", "2.00 × 10³"]
    body = "".join(f"<tr><td>{text.replace('<', '&lt;')}</td></tr>" for text in texts)
    table = (
        f'<div class="wide"><table id="mixed"><thead><tr><th>value</th></tr></thead><tbody>{body}</tbody></table></div>'
    )
    page = opened(broken("</main>", f"{table}</main>"))
    page.locator("#mixed button").click()
    assert page.locator("#mixed td").all_inner_texts() == [
        "−3.5 [−4, −3]", "1.10 × 10⁻¹⁶", "< 0.001", "0.001", "0.040", "2.00 × 10³", "12,300",
    ]  # fmt: skip


def filter_problems(page: Page) -> list[str]:
    """What is wrong with the rows that are shown after filtering, and with what is said of their number."""
    claims = example_analyses.claims()
    search, status = page.locator(".filter input[type=search]"), page.locator(".filter [role=status]")
    boxes = {box.get_attribute("value"): box for box in page.locator(".filter input[type=checkbox]").all()}
    problems = []
    if sorted(boxes) != sorted(set(claims["verdict"])):
        problems.append("there is not a box for every verdict")
    for verdict, words in itertools.product([None, *boxes], ["", "WEIGHT decay", "figure 1", "no such words"]):
        if verdict:
            boxes[verdict].uncheck()
        search.fill(words)
        rows = [row.casefold() for row in page.locator("#tbl-claims tbody tr").all_text_contents()]
        wanted = [
            name
            for name, row in zip(claims["id"], rows, strict=True)
            if all(word in row for word in words.casefold().split())
            and claims.set_index("id")["verdict"][name] != verdict
        ]
        if column(page, "claim") != wanted:
            problems.append(f"without {verdict} and with {words!r}: not the right rows")
        if not status.inner_text().startswith(f"{len(wanted)} of {len(claims)} claims"):
            problems.append("the number of claims shown is wrong")
        if verdict:
            boxes[verdict].check()
    page.get_by_role("button", name="Show all").click()
    if len(column(page, "claim")) != len(claims) or search.input_value():
        problems.append("not all rows come back")
    return problems


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_filter_that_is_wrong_is_noticed"])
def test_a_filter_that_is_wrong_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    assert any(fault in problem for problem in filter_problems(opened(broken(old, new))))


def test_every_claim_is_an_anchor_and_the_ledger_filters_by_verdict_and_words_also_while_sorting(page: Page) -> None:
    for name in example_analyses.claims()["id"]:
        row = page.locator(f"tr#claim-{name}")
        assert row.locator("td").first.inner_text() == name
        account = page.locator(row.locator("td a").first.get_attribute("href"))
        assert name in account.inner_text()
    assert filter_problems(page) == []
    page.locator(".filter input[value=supported]").uncheck()
    left = column(page, "claim")
    press(page, "verdict")
    assert sorted(column(page, "claim")) == sorted(left)


def test_a_link_to_a_claim_that_is_filtered_out_shows_it(opened: Opener) -> None:
    page = opened(reduced_motion="reduce")
    page.locator(".filter input[type=search]").fill("no such words")
    page.evaluate("location.hash = 'claim-c20'")
    page.wait_for_selector("#claim-c20:visible")
    assert 0 <= page.locator("#claim-c20").bounding_box()["y"] < 860
    hidden = opened(broken("window.addEventListener('hashchange', uncover);\n", "\n"))
    hidden.locator(".filter input[type=search]").fill("no such words")
    hidden.evaluate("location.hash = 'claim-c20'")
    hidden.wait_for_timeout(200)
    assert not hidden.locator("#claim-c20").is_visible()
