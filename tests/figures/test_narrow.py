"""Drawings for a phone: every figure's panels one below the other, all of it inside a page that is narrow."""

import json
import re
from itertools import pairwise

from matplotlib.figure import Figure

from figures.drawn import all_shown, styled
from figures.reports import report
from regularization.reporting.drawing import exhibit, vector
from regularization.reporting.drawing.narrow import WIDTH, narrow

tables = styled()


def test_panels_stand_one_below_the_other_as_high_as_before_and_nothing_is_cut_off(tables) -> None:
    for name, one in all_shown(tables).items():
        figure = one.figure
        figure.draw_without_rendering()
        before = sorted(axes.get_window_extent().height for axes in figure.axes)
        assert narrow(figure), name
        figure.draw_without_rendering()
        assert figure.get_figwidth() == WIDTH
        boxes = sorted((axes.get_window_extent() for axes in figure.axes), key=lambda box: -box.y1)
        assert all(upper.y0 >= lower.y1 for upper, lower in pairwise(boxes)), name
        after = sorted(box.height for box in boxes)  # higher where an axis has to keep its proportions
        assert all(new > 0.95 * old for new, old in zip(after, before, strict=True)), name
        drawn = figure.get_tightbbox()
        assert drawn.x0 > -0.01, name
        assert drawn.x1 < WIDTH + 0.01, name


def test_the_stored_drawing_has_a_place_for_every_mark_and_ids_of_its_own() -> None:
    for name, entry in exhibit.read(report().figures).items():
        files = (report().figures / entry.file(suffix) for suffix in ("svg", "narrow.svg"))
        broad, slim = (file.read_text(encoding="utf-8") for file in files)
        marks = [len(series["marks"]) for panel in json.loads(vector.marks(broad)) for series in panel["series"]]
        assert len(json.loads(vector.marks(slim))) == sum(marks), name
        assert f'width="{72 * WIDTH:g}pt"' in slim, name
        ids = re.findall(r'\bid="([^"]+)"', slim)
        assert len(ids) == len(set(ids)), name


def test_labels_that_panels_shared_are_on_each_and_a_figure_with_its_own_layout_stays(tables) -> None:
    figure = Figure()
    (left, right) = figure.subplots(1, 2, sharey=True)
    left.set_ylabel("loss")
    assert not right.yaxis.get_tick_params()["labelleft"]
    assert narrow(figure)
    assert right.get_ylabel() == "loss"
    assert right.yaxis.get_tick_params()["labelleft"]
    figure = Figure()
    figure.add_axes((0.1, 0.1, 0.8, 0.8))
    assert not narrow(figure)
