"""Tables: sorted by what can be compared; on a phone their rows are cards whose cells say what they are."""

import pytest
from playwright.sync_api import Locator, Page

import shared
from browser.pages import Opener, broken, overflow

CASES = shared.cases(__file__)

COLUMNS = CASES["columns"]


def with_table(old: str = "</main>", new: str = "</main>") -> str:
    """The page with one more table, #made, and one thing broken."""
    heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
    texts = [[text.replace("<", "&lt;") for text in texts] for texts, _ in COLUMNS.values()]
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in zip(*texts, strict=True))
    table = f'<div class="wide"><table id="made"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    return broken(old, new).replace("</main>", f"{table}</main>")


def column(page: Page, i: int) -> list[str]:
    return page.locator(f"#made tbody td:nth-child({i + 1})").all_inner_texts()


def press(page: Page, name: str) -> str | None:
    """Press a column's button by keyboard; the order that the head then tells."""
    head: Locator = page.locator("#made th", has=page.get_by_role("button", name=name, exact=True))
    head.get_by_role("button").press("Enter")
    return head.get_attribute("aria-sort")


def sort_problems(page: Page) -> list[str]:
    """What is wrong with the order after sorting, for each kind of column."""
    problems = []
    for i, (name, (first, order)) in enumerate(COLUMNS.items()):
        if order is None:
            if page.locator("#made th").nth(i).locator("button").count():
                problems.append(f"{name} is sorted and cannot be compared")
            continue
        if press(page, name) != "ascending" or column(page, i) != order:
            problems.append(f"{name} is not in ascending order")
        down = [text for text in reversed(order) if text != "–"] + ["–"] * order.count("–")
        if press(page, name) != "descending" or column(page, i) != down:
            problems.append(f"{name} is not in descending order")
        if press(page, name) is not None or column(page, i) != first:
            problems.append(f"{name}: the first order does not come back")
    return problems


def test_tables_sort_by_every_kind_of_column_one_at_a_time(opened: Opener) -> None:
    page = opened(with_table())
    assert sort_problems(page) == []
    press(page, "verdict")
    press(page, "words")
    assert page.locator("#made th[aria-sort]").count() == 1


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_table_that_sorts_wrongly_is_noticed"])
def test_a_table_that_sorts_wrongly_is_noticed(opened: Opener, old: str, new: str, fault: str) -> None:
    assert any(fault in problem for problem in sort_problems(opened(with_table(old, new))))


def unlabelled(page: Page) -> list[str]:
    """Cells of tables that do not say beside themselves what they are; the first of a row is its name."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    return page.locator(".wide tbody td:not(:first-child):not(:empty)").evaluate_all(
        """all => all.filter((cell) => {
          const head = cell.closest('table').tHead.rows[0].cells[cell.cellIndex].textContent.trim();
          return getComputedStyle(cell, '::before').content !== JSON.stringify(head);
        }).map((cell) => cell.textContent)"""
    )


def test_on_a_telephone_the_rows_of_a_table_are_cards(opened: Opener) -> None:
    page = opened(width=360)
    assert unlabelled(page) == []
    assert overflow(page) == 0
    assert page.locator(".wide").evaluate_all("all => all.every((one) => one.scrollWidth <= one.clientWidth)")
    assert len(unlabelled(opened(broken("attr(data-label)", "''"), width=360))) > 10
