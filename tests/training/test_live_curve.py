"""The learning curve in the terminal: what a person sees, with and without a terminal."""

import io
import math
from itertools import pairwise

from rich.console import Console

from regularization.training.live_curve import LiveCurve


def screen(points: list[tuple[int, dict[str, float]]], *, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, color_system=None)
    with LiveCurve(("train_loss", "test_loss"), 40, console) as curve:
        for epoch, values in points:
            curve.add(epoch, values)
    return out.getvalue()


def test_without_a_terminal_points_are_lines_and_what_a_logarithm_cannot_show_stops_nothing():
    text = screen(
        [(0, {"train_loss": 12.5, "test_loss": 13.0, "risk": 1.0}), (40, {"train_loss": 0.00123456, "test_loss": 9})],
        terminal=False,
    )
    assert text.splitlines() == [
        "epoch  0/40   train_loss 12.5   test_loss 13",
        "epoch 40/40   train_loss 0.001235   test_loss 9",
    ]
    losses = (0.0, math.inf, math.nan, 1.0)
    text = screen([(epoch, {"train_loss": loss}) for epoch, loss in enumerate(losses)], terminal=True)
    assert "epoch  1/40   train_loss inf" in text
    assert "epoch  3/40   train_loss 1" in text


def test_in_a_terminal_the_curve_falls_on_a_logarithmic_axis():
    """A loss that halves every ten epochs is a straight line from the top left to the bottom right."""
    text = screen([(epoch, {"train_loss": 2 ** (-epoch / 10)}) for epoch in range(0, 41, 2)], terminal=True)
    rows = [line for line in text.split("epoch 40/40")[-2].splitlines()[-20:] if "│" in line or "┤" in line]
    braille = [[column for column, symbol in enumerate(row) if "⠀" < symbol <= "⣿"] for row in rows]
    middles = [sum(columns) / len(columns) for columns in braille if columns]
    assert len(middles) >= 12
    slopes = [b - a for a, b in pairwise(middles[1:-1])]
    assert all(abs(slope - slopes[0]) <= 1.5 for slope in slopes)
    assert slopes[0] > 2
    assert rows[0].lstrip().startswith("1┤")
    assert rows[-1].lstrip().startswith("0.062┤")


def test_of_several_runs_each_has_a_colour_and_the_legend_names_the_lines():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, color_system="256")
    with LiveCurve(("train_loss", "test_loss"), 1, console, runs=2) as curve:
        for lam in (0, 3):
            curve.begin(f"λ = {lam}")
            curve.add(0, {"train_loss": 1, "test_loss": 2, "risk": 3})
            curve.add(1, {"train_loss": 0.5, "test_loss": 1, "risk": 3})
    last = out.getvalue().split("⠤⠤ train_loss")[-1]
    assert "•• test_loss" in last
    colours = [last.split(f"λ = {lam}")[0].split("[")[-1] for lam in (0, 3)]
    assert colours[0] != colours[1]
    assert curve.points["λ = 3"][-1] == (1, {"train_loss": 0.5, "test_loss": 1, "risk": 3})
