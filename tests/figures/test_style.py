"""The palette: every method recognisable by colour, line and marker, on light and on dark paper."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from regularization.methods import method_names
from regularization.reporting.drawing.style import COLOURS, METHODS, look
from regularization.reporting.figures.dropout import grid


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = np.array(to_rgb(colour))
    return float(
        np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    )


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# The hue of a relative.
SHARING = {"layer_noise", "gaussian_dropout", "dropconnect", "l1_penalty", "max_norm", "adam", "adam_l2", "adamw"}


def test_every_method_has_a_look_of_its_own_and_numbers_can_be_read_on_every_shade() -> None:
    assert set(METHODS) <= set(method_names())
    for one, other in itertools.combinations(METHODS.values(), 2):
        assert (one.colour, one.line) != (other.colour, other.line)
        assert one.marker != other.marker
    for (name, one), (other_name, other) in itertools.combinations(METHODS.items(), 2):
        if not SHARING & {name, other_name}:
            assert one.colour != other.colour
            assert one.line != other.line or {one.label, other.label} == {"no regularization", "L2 penalty"}
    names = ("spectral_norm", "spectral_norm:radius=0.5:n_steps=2")
    assert [look(name).label for name in names] == ["spectral norm", "spectral norm (radius=0.5, n steps=2)"]
    shades = LinearSegmentedColormap.from_list("", grid.SHADES)
    for share in np.linspace(0, 1, 101):
        text = grid.LIGHT_TEXT if share > grid.DARK_FROM else grid.DARK_TEXT
        assert contrast(shades(share), text) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted(set(COLOURS) - {"grid", "paper"}))
def test_marks_stand_out_from_the_page(name: str, dark: bool) -> None:
    """WCAG 2 asks 3 : 1 of graphics and 4.5 : 1 of text."""
    needed = 4.5 if name in ("ink", "muted") else 3.0
    assert contrast(COLOURS[name][dark], COLOURS["paper"][dark]) >= needed
