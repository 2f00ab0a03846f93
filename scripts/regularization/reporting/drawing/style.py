"""How every figure looks: one size, one type, and one colour, line style and marker per method.

The hues are Okabe & Ito's, which people with any colour vision tell apart. On white the light ones (orange, sky blue,
yellow, purple) are darkened until they stand out 3 : 1 from the page; on dark paper the originals are used.
The drawing uses the light colours; the page replaces each by a CSS variable, so dark mode needs no second drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib import font_manager

FONTS = Path(__file__).resolve().parents[4] / "report" / "fonts"
FAMILY = "Inter"
WIDTH = 6.3  # inches: the text width of the PDF

INK = "#1c2127"
MUTED = "#5b6570"
GRID = "#dfe3e8"
PAPER = "#fffffe"  # the page behind a figure: the face of an open marker

# name of the CSS variable: (on light paper, on dark paper)
COLOURS: dict[str, tuple[str, str]] = {
    "ink": (INK, "#e6e9ed"),
    "muted": (MUTED, "#a3adb8"),
    "grid": (GRID, "#363d46"),
    "paper": (PAPER, "#15181d"),
    "blue": ("#0072b2", "#3d9fd8"),
    "vermillion": ("#d55e00", "#e8772e"),
    "green": ("#009e73", "#1fb98d"),
    "orange": ("#b57b00", "#e69f00"),
    "sky": ("#2a8cc4", "#56b4e9"),
    "purple": ("#b45a8d", "#cc79a7"),
    "yellow": ("#8d8400", "#f0e442"),
}


LineStyle = Literal["-", "none"] | tuple[float, Sequence[float]]  # as matplotlib takes it: (offset, on-off lengths)


@dataclass(frozen=True)
class Look:
    """How a method is drawn and called."""

    label: str
    colour: str
    line: LineStyle
    marker: str


def _colour(name: str) -> str:
    return COLOURS[name][0]


METHODS: dict[str, Look] = {
    "none": Look("no regularization", _colour("ink"), "-", "o"),
    "l2_penalty": Look("L2 penalty", _colour("blue"), "-", "s"),
    "weight_decay": Look("weight decay", _colour("vermillion"), (0, (5, 1.5)), "^"),
    "norm_constraint": Look("norm constraint", _colour("green"), (0, (3, 1.2, 1, 1.2)), "D"),
    "input_noise": Look("input noise", _colour("purple"), (0, (1, 1)), "v"),
    "dropout": Look("dropout", _colour("orange"), (0, (6, 1.5, 1, 1.5)), "P"),
    "early_stopping": Look("early stopping", _colour("sky"), (0, (4, 1, 1, 1, 1, 1)), "X"),
    "ridge": Look("ridge, closed form", _colour("muted"), (0, (2, 1)), "d"),
    "dropout_weight_decay": Look("dropout and weight decay", _colour("yellow"), (0, (7, 2)), "p"),
    # Relatives share a hue; line and marker tell them apart.
    "layer_noise": Look("noise in every layer", _colour("purple"), (0, (5, 2)), "<"),
    "gaussian_dropout": Look("Gaussian dropout", _colour("orange"), (0, (1, 2)), "*"),
    "dropconnect": Look("DropConnect", _colour("orange"), (0, (3, 3)), "1"),
    "l1_penalty": Look("L1 penalty", _colour("blue"), (0, (5, 3)), "2"),
    "max_norm": Look("max-norm", _colour("green"), (0, (6, 2)), "h"),
    "adam": Look("Adam", _colour("muted"), "-", "8"),
    "adam_l2": Look("Adam with L2 penalty", _colour("blue"), (0, (2, 2)), ">"),
    "adamw": Look("AdamW", _colour("vermillion"), (0, (1, 2)), "H"),
}


def look(method: str) -> Look:
    """The method's look; a method added later without one is drawn in grey under its own name."""
    name, *values = method.replace("_", " ").split(":")  # of hyperparameters
    label = f"{name} ({', '.join(values)})" if values else name
    return METHODS.get(method, Look(label, MUTED, (0, (1, 2)), "x"))


def apply() -> None:
    """Set matplotlib up for deterministic SVG with real text in the report's typeface."""
    for path in sorted(FONTS.glob("Inter-*.otf")):
        font_manager.fontManager.addfont(path)
    mpl.rcdefaults()
    mpl.rc("font", family=FAMILY, size=8)
    mpl.rc("text", color=INK)
    mpl.rc("axes", labelsize=8.5, titlesize=8.5, titleweight="bold", titlelocation="left", labelcolor=INK)
    mpl.rc("axes", edgecolor=MUTED, linewidth=0.6, grid=True, axisbelow=True, facecolor="none", unicode_minus=True)
    mpl.rc("axes.spines", top=False, right=False)
    mpl.rc("axes.formatter", use_mathtext=False, useoffset=False)
    mpl.rc("xtick", labelsize=8, color=MUTED, labelcolor=INK)
    mpl.rc("ytick", labelsize=8, color=MUTED, labelcolor=INK)
    mpl.rc("xtick.major", width=0.6)
    mpl.rc("ytick.major", width=0.6)
    mpl.rc("xtick.minor", visible=False)
    mpl.rc("grid", color=GRID, linewidth=0.5)
    mpl.rc("legend", fontsize=8, frameon=False, handlelength=3.2)
    mpl.rc("lines", linewidth=1.4, markersize=4)
    mpl.rc("figure", facecolor="none")
    mpl.rc("figure.constrained_layout", use=True)
    mpl.rc("savefig", facecolor="none", transparent=True)
    mpl.rc("svg", fonttype="none")
