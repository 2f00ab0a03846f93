"""Assemble a picture of the report for the README: some of its figures on one sheet, as a PNG.

Usage: python scripts/make_gallery.py --figures results/figures --output results/gallery.png
"""

from pathlib import Path
from typing import Annotated

from regularization.reporting.drawing import exhibit
from regularization.reporting.page.gallery import gallery
from regularization.system.command_line import Figures, Report, answered, option
from regularization.system.files import write_bytes

CHOSEN = {
    "weight-decay-account": "What is the risk made of?",
    "dropout-grid": "Dropout or weight decay, or both?",
    "weight-decay-risk": "How does the test error depend on λ?",
    "weight-decay-samples": "Do more samples help?",
}


def main(figures: Figures, output: Annotated[Path, option(Path, "the PNG")], report: Report = Path("report")) -> None:
    drawn = exhibit.read(figures)
    shown = {title: drawn[name] for name, title in CHOSEN.items() if name in drawn}
    # Where a small study lacks some, others take their place under their own names.
    others = {name.replace("-", " ").capitalize(): entry for name, entry in drawn.items() if name not in CHOSEN}
    picture = gallery(dict([*shown.items(), *others.items()][: len(CHOSEN)]), figures, report)
    write_bytes(picture, output)
    print(f"{output}: {len(picture) / 1000:.0f} kB")


if __name__ == "__main__":
    answered(main)
