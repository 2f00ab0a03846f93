"""Values of a drawing: what a reader is told who points at a mark, or reads the marks by keyboard."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

import shared
from browser.pages import Opener, broken, overflow, until
from figures.reports import report
from regularization.reporting.drawing import vector
from regularization.reporting.drawing.style import look

CASES = shared.cases(__file__)

LINES, BARS = "weight-decay-risk", "weight-decay-account"


def panels(name: str) -> list[dict]:
    """What the drawing of that name stores of its marks."""
    return json.loads(vector.marks((report().figures / f"{name}.svg").read_text(encoding="utf-8")))


def narrow(name: str) -> list[dict]:
    """The same of the drawing for a narrow page."""
    places = iter(json.loads(vector.marks((report().figures / f"{name}.narrow.svg").read_text(encoding="utf-8"))))
    found = panels(name)
    for series in (one for panel in found for one in panel["series"]):
        series["marks"] = [[*next(places), *mark[-2:]] for mark in series["marks"]]
    assert next(places, None) is None
    return found


def alone(panel: dict) -> list:
    """The mark of a panel that is farthest from every other."""
    marks = [mark for one in panel["series"] for mark in one["marks"]]
    places = np.array([mark[:2] for mark in marks], dtype=float)
    distances = np.linalg.norm(places[:, None] - places, axis=2) + np.where(np.eye(len(marks)), np.inf, 0)
    return marks[distances.min(axis=1).argmax()]


TO_SCREEN = """(svg, [x, y]) => {
  const place = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
  return [place.x, place.y];
}"""


def point_at(page: Page, name: str, x: float, y: float) -> tuple[str, list[str]]:
    """Move the mouse to a place of a drawing, in its own units; the name and the values told, or nothing."""
    plot = page.locator(f"#fig-{name} .plot svg:visible")
    plot.scroll_into_view_if_needed()
    at = plot.evaluate(TO_SCREEN, [x, y])
    page.mouse.move(0, 0)
    page.mouse.move(*at)
    return told(page)


def told(page: Page) -> tuple[str, list[str]]:
    """The name and the values that the tip tells now."""
    return page.evaluate(
        """() => {
          const tip = document.getElementById('tip');
          if (!tip || tip.hidden) { return ['', []]; }
          return [tip.querySelector('.name')?.innerText ?? '', [...tip.querySelectorAll('b')].map((b) => b.innerText)];
        }"""
    )


def tip_problems(page: Page, name: str) -> list[str]:
    """Marks of a drawing at which the tip does not tell their own values."""
    everything = [(one["name"], mark) for panel in panels(name) for one in panel["series"] for mark in one["marks"]]
    problems = []
    for panel in panels(name):
        for series in panel["series"]:
            *place, x, _ = series["marks"][len(series["marks"]) // 2]
            middle = place if len(place) == 2 else [(place[0] + place[2]) / 2, (place[1] + place[3]) / 2]
            found = point_at(page, name, *middle)
            same = [  # marks may lie on each other; then the tip tells one of them
                [called, [words for words in (mark[-1], mark[-2]) if words]]
                for called, mark in everything
                if np.abs(np.array(mark[:2]) - place[:2]).max() <= 1
            ]
            if found not in same:
                problems.append(f"{series['name']} at {x}: {found}")
    return problems


@pytest.mark.parametrize("name", [LINES, BARS, "dropout-strength"])
def test_the_tip_tells_the_values_of_the_mark_under_the_pointer(opened: Opener, name: str) -> None:
    assert tip_problems(opened(), name) == []


@pytest.mark.parametrize(("old", "new"), CASES["a_tip_that_tells_something_else_is_noticed"])
def test_a_tip_that_tells_something_else_is_noticed(opened: Opener, old: str, new: str) -> None:
    assert tip_problems(opened(broken(old, new)), LINES) != []


def test_marks_tell_what_the_figures_data_say_and_far_from_them_nothing_is_told(page: Page) -> None:
    """From the data file, not from the marks: the risk of a cell is told where its mark is drawn."""
    data = pd.read_csv(report().figures / f"{LINES}.csv")
    panel = panels(LINES)[0]
    *place, at, _ = alone(panel)  # marks that lie on each other tell the values of one of them
    name = next(series["name"] for series in panel["series"] if alone(panel) in series["marks"])
    own = data["method"].map(lambda method: look(method).label) == name
    data = data[(data["setting"] == "textbook") & own & (data["lam"] == float(at))]
    called, (risk, lam) = point_at(page, LINES, *place)
    numbers = [float(text) for text in re.findall(r"\d+\.\d+", risk)]
    assert numbers == pytest.approx(data[["mean", "ci_low", "ci_high"]].iloc[0].tolist(), rel=1e-3)
    assert (called, lam) == (name, at)
    assert point_at(page, LINES, *panels(LINES)[0]["series"][0]["marks"][0][:2])[1]
    assert not point_at(page, LINES, 1, 1)[1]


@pytest.mark.parametrize(("width", "drawn"), [(360, narrow), (1280, panels)])
def test_a_tip_is_never_cut_off(opened: Opener, width: int, drawn) -> None:
    page = opened(width=width)
    for series in (drawn(LINES)[0]["series"][0], drawn(LINES)[-1]["series"][-1]):
        for mark in (series["marks"][0], series["marks"][-1]):
            assert point_at(page, LINES, *mark[:2])[1]
            box = page.locator("#tip").bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert overflow(page) == 0


def test_arrow_keys_scroll_the_page_until_a_mark_is_read_and_then_read_one_after_the_other(page: Page) -> None:
    plot = page.locator(f"#fig-{LINES} .plot")
    plot.focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("ArrowDown")
    until(page, f"scrollY > {before}")
    assert page.locator("#tip:visible").count() == 0
    marks = [(one["name"], *mark[-2:]) for one in panels(LINES)[0]["series"] for mark in one["marks"]]
    for expected in marks[:3]:
        plot.press("ArrowRight")
        assert all(words in page.locator("#tip").inner_text() for words in expected)
        assert all(words in page.locator("#said").inner_text() for words in expected)
    plot.press("ArrowLeft")
    assert marks[1][1] in page.locator("#tip").inner_text()
    plot.press("ArrowDown")
    assert panels(LINES)[0]["series"][1]["name"] in page.locator("#tip").inner_text()
    plot.press("Escape")
    assert not page.locator("#tip").is_visible()


def test_a_screen_reader_hears_a_value_once(page: Page) -> None:
    """The tip is hidden from it; what the pointer brings up is not announced, what the keys bring up is."""
    mark = panels(LINES)[0]["series"][0]["marks"][0]
    assert point_at(page, LINES, *mark[:2])[1]
    assert page.locator("#tip").get_attribute("aria-hidden") == "true"
    assert page.locator("#said").count() == 0
    page.locator(f"#fig-{LINES} .plot").press("ArrowRight")
    assert page.locator("[role=status]#said").count() == 1


def test_on_a_telephone_panels_stand_below_each_other_and_a_touch_tells_a_value(opened: Opener) -> None:
    page = opened(width=390, has_touch=True, reduced_motion="reduce")
    too_wide = "plots => plots.filter(plot => plot.scrollWidth > plot.clientWidth).map(plot => plot.parentElement.id)"
    assert page.locator("figure .plot:has(.narrow)").evaluate_all(too_wide) == []
    size = """texts => Math.min(...texts.map((text) => (
      parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)))"""
    assert page.locator("figure .plot .narrow text").evaluate_all(size) > 9  # pixels; ticks have 10 and more
    plot = page.locator(f"#fig-{LINES} .plot")
    plot.scroll_into_view_if_needed()
    *place, _, y = alone(narrow(LINES)[0])
    page.touchscreen.tap(*plot.locator("svg:visible").evaluate(TO_SCREEN, place))
    assert y in page.locator("#tip").inner_text()
    page.touchscreen.tap(180, 8)
    assert not page.locator("#tip").is_visible()
    plot.press("ArrowRight")
    assert narrow(LINES)[0]["series"][0]["marks"][0][-1] in page.locator("#tip").inner_text()
