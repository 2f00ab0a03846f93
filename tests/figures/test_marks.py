"""The values that a drawing carries: what was drawn, where it was drawn, and nothing that an axis does not say."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

import shared
from figures.reports import report
from regularization.reporting.drawing import exhibit, marks, style, vector
from regularization.reporting.drawing.axes import cells_line, cut_at
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.marks import Mark, Series

CASES = shared.cases(__file__)


@pytest.fixture(autouse=True)
def _style() -> None:
    style.apply()


def drawn(figure: Figure) -> list[Series]:
    """The series of the first panel of a figure, after drawing it."""
    exhibit.svg_text(figure, "figure")
    return list(marks.panels(figure)[0].series)


def values(series: Series) -> list[tuple[str, str]]:
    return [(mark.x, mark.y) for mark in series.marks]


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_marks_lie_where_the_drawing_has_them(scale: str) -> None:
    """The markers' places in the SVG, read from it, are those of the marks."""
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots(1, 2)
    axes[1].set_yscale(scale)
    axes[1].plot([1, 2, 5], [0.3, 30, 2], "o", label="x")
    axes[1].set_ylabel("a label that takes room\nof two lines")
    svg = exhibit.svg_text(figure, "figure")
    used = {(float(x), float(y)) for x, y in re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)"', svg)}
    (panel,) = marks.panels(figure)
    for mark in panel.series[0].marks:
        assert any(np.hypot(x - mark.place[0], y - mark.place[1]) < 0.15 for x, y in used)


def test_a_bars_mark_is_its_rectangle_and_a_cell_whose_interval_is_cut_off_tells_its_mean_alone() -> None:
    figure = Figure(figsize=(4, 3))
    axis = figure.subplots()
    axis.bar(["a", "b"], [3, 5], color="#0072b2", label="n")
    svg = exhibit.svg_text(figure, "figure")
    (panel,) = marks.panels(figure)
    corners = re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) [\d.]+L[\d.]+ ([\d.]+)', svg)
    boxes = [(float(left), float(top), float(right), float(bottom)) for left, bottom, right, top in corners]
    for mark in panel.series[0].marks:
        assert any(np.allclose(mark.place, box, atol=0.15) for box in boxes)
    assert values(panel.series[0]) == [("a", "3"), ("b", "5")]
    cells = pd.DataFrame({"x": [1, 2], "mean": [1.0, 2.0], "ci_low": [-1.0, 1.5], "ci_high": [3.0, 2.5]})
    figure = Figure()
    axis = figure.subplots()
    cells_line(axis, cut_at(cells, 0.1), "x", style.look("none"))
    axis.set_ylim(0, 4)
    assert values(drawn(figure)[0]) == [("1", "1"), ("2", "2 (1.5 to 2.5)")]


def test_what_is_moved_or_cut_off_or_a_reference_is_not_told() -> None:
    figure = Figure()
    axis = figure.subplots()
    axis.plot([1, 2, 3, 4], [1, np.nan, 3, 100])
    axis.set_ylim(0, 10)
    assert values(drawn(figure)[0]) == [("1", "1"), ("3", "3")]
    figure = Figure()
    axis = figure.subplots()
    axis.plot([1], [10], ">", gid=marks.UNTOLD)
    axis.plot([1, 2], [3, 4], color="#0072b2")
    axis.vlines([1], [2], [4], color="#0072b2")
    axis.vlines([2], [0], [5], color="#0072b2", gid=marks.UNTOLD)
    (only,) = drawn(figure)
    assert values(only) == [("1", "3 (2 to 4)"), ("2", "4")]
    figure = Figure()
    axis = figure.subplots()
    axis.axhline(1)
    axis.axvline(2)
    axis.plot([1], [1], "o")
    assert len(drawn(figure)) == 1


def test_intervals_and_bands_are_told_with_their_point_and_what_may_be_anothers_is_not() -> None:
    figure = Figure()
    axis = figure.subplots()
    axis.plot([1, 2], [3, 4], color="#0072b2")
    axis.vlines([1, 2], [2.5, 3.5], [3.25, 4.75], color="#0072b2")
    axis.plot([1, 2], [7, 8], color="#d55e00")
    axis.fill_between([1, 2], [6, 7], [8, 9], color="#d55e00", alpha=0.2)
    axis.plot([1, 2], [5, 5], color="#009e73")
    first, second, third = drawn(figure)
    assert values(first) == [("1", "3 (2.5 to 3.25)"), ("2", "4 (3.5 to 4.75)")]
    assert values(second) == [("1", "7 (6 to 8)"), ("2", "8 (7 to 9)")]
    assert values(third) == [("1", "5"), ("2", "5")]
    figure = Figure()
    axis = figure.subplots()
    axis.plot([1, 1], [3, 3.1], "o", color="#0072b2")
    axis.vlines([1, 1], [2, 2.5], [4, 3.5], color="#0072b2")
    assert values(drawn(figure)[0]) == [("1", "3"), ("1", "3.1")]
    figure = Figure()
    axis = figure.subplots()
    axis.plot([0.5, -0.25], [0, 1], "o", color="#0072b2")
    axis.hlines([0, 1], [0.4, -0.5], [0.6, 0], color="#0072b2")
    axis.set_yticks([0, 1], ["c01", "c02"])
    assert values(drawn(figure)[0]) == [("0.5 (0.4 to 0.6)", "c01"), ("−0.25 (−0.5 to 0)", "c02")]


def test_axes_of_words_and_legend_entries_that_look_alike_give_names_and_other_numbers_nothing() -> None:
    figure = Figure()
    axis = figure.subplots()
    axis.plot([0.1, 1, 1.5], [1, 2, 3], "o")
    axis.set_xticks([0, 1], ["0.2/0.5", "none"])
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{10**value:g}"))
    assert values(drawn(figure)[0]) == [("0.2/0.5", ""), ("none", "")]
    figure = Figure()
    axis = figure.subplots()
    axis.plot([1, 2], [1, 2], "s", color="#0072b2")
    axis.plot([1, 2], [2, 3], "^", color="#0072b2", label="its own name")
    axis.plot([1, 2], [3, 4], "o", color="#0072b2")
    handles = [axis.plot([], [], marker, color="#0072b2", label=words)[0] for marker, words in
               (("s", "squares"), ("^", "others"), ("o", "one"), ("o", "two"))]  # fmt: skip
    figure.legend(handles=handles)
    assert [series.name for series in drawn(figure)][:3] == ["squares", "its own name", ""]


@pytest.mark.parametrize(("label", "value"), CASES["tick_labels"])
def test_tick_labels_are_read_as_numbers(label: str, value: float | None) -> None:
    assert marks._value(label) == (None if value is None else pytest.approx(value))


UNREAD = {"dropout-grid", "setup-linear", "setup-network"}  # a heat map, whose values are written in it, and diagrams


def told(name: str) -> list[tuple[str, Mark]]:
    """The marks that a stored drawing carries, with what their horizontal axis is called."""
    stored = json.loads(vector.marks((report().figures / f"{name}.svg").read_text(encoding="utf-8")))
    return [
        (panel["x"], Mark(tuple(mark[:-2]), mark[-2], mark[-1]))
        for panel in stored
        for series in panel["series"]
        for mark in series["marks"]
    ]


NUMERAL = r"−?\d[\d,]*\.?\d*(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
VALUE = re.compile(rf"({NUMERAL})(?: \(({NUMERAL}) to ({NUMERAL})\))?")


def untrue(name: str, data: pd.DataFrame) -> list[str]:
    """Marks of a drawing with a value that is nowhere among the numbers drawn, as they are or as percentages."""
    numbers = data.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float).ravel()
    if "n_diverged" in data:
        numbers = np.append(numbers, data["n_diverged"] / (data["n"] + data["n_diverged"]))
    if "change" in data:  # drawn from the mean without regularization on
        start = data["mean"] - data["change"]
        numbers = np.concatenate([numbers, start + data["lower"], start + data["higher"]])
    numbers = np.concatenate([numbers, 100 * numbers, 1 - numbers, 100 - 100 * numbers])
    numbers = numbers[np.isfinite(numbers)]
    wrong = []
    for _, mark in told(name):
        values = [words for side in (mark.x, mark.y) if (found := VALUE.fullmatch(side)) for words in found.groups()]
        for words in filter(None, values):
            if not np.isclose(numbers, marks._value(words.replace(" × ", "×")), rtol=2e-3, atol=1e-12).any():
                wrong.append(f"{mark.x}, {mark.y}: {words}")
    return wrong


@pytest.mark.parametrize("name", sorted(set(FIGURES) - set(CASES["derived"])))
def test_every_value_told_is_a_number_behind_the_figure(name: str) -> None:
    if name not in exhibit.read(report().figures):
        pytest.skip("the made-up study lacks its data")
    data = pd.read_csv(report().figures / f"{name}.csv")
    assert (told(name) == []) == (name in UNREAD)
    assert untrue(name, data) == []
    if name not in UNREAD:
        assert untrue(name, data.head(0)) != []  # it would be seen


def test_a_drawing_is_short_and_readable_without_its_typeface() -> None:
    text = (report().figures / "weight-decay-risk.svg").read_text(encoding="utf-8")
    assert not re.search(r' (?:x|y)="-?\d+\.\d{3}', text)
    assert "'Inter', 'Helvetica Neue', Arial, sans-serif" in text
    assert "font-family: 'Inter'; " not in text
