"""A learning curve that grows in the terminal while a run is trained; plain lines where there is no terminal."""

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import plotext
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

HEIGHT = 18  # rows of the plot
COLOURS = (12, 9, 10, 13)  # the terminal's bright blue, red, green and magenta


class LiveCurve:
    """A context manager that draws metrics, at most one a colour, against the epoch, up to the last, `epochs`."""

    def __init__(self, metrics: Sequence[str], epochs: int, console: Console | None = None) -> None:
        self._colours = dict(zip(metrics, COLOURS))
        self.epochs = epochs
        self.console = console or Console(highlight=False)
        self.points: list[tuple[int, dict[str, float]]] = []
        self._live = Live(console=self.console, auto_refresh=False) if self.console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def add(self, epoch: int, values: Mapping[str, float]) -> None:
        """Add the metrics after an epoch (0: before training) and show them; other metrics in `values` are ignored."""
        self.points.append((epoch, {name: float(values[name]) for name in self._colours if name in values}))
        if self._live is None:
            self.console.print(self.line())
        else:
            self._live.update(self.picture(), refresh=True)

    def line(self) -> Text:
        """Write the latest point: "epoch 12/100   train_loss 0.0345   test_loss 0.0721", in the curves' colours."""
        epoch, values = self.points[-1]
        parts = [Text(f"epoch {epoch:>{len(str(self.epochs))}}/{self.epochs}")]
        parts += [Text(f"{name} {value:.4g}", style=f"color({self._colours[name]})") for name, value in values.items()]
        return Text("   ").join(parts)

    def picture(self) -> RenderableType:
        """Draw the curves so far, with the latest point below. What a logarithm cannot show (0, ∞, NaN) is left out."""
        figure = plotext.figure
        figure.clear()
        figure.theme("simple")
        figure.legend(False)
        figure.plot_size(min(self.console.width, 100), HEIGHT)
        figure.label("epoch", "x")
        figure.ruler("x").lim(0, self.epochs).ticks(sorted({self.epochs * quarter // 4 for quarter in range(5)}))
        drawable = [value for _, values in self.points for value in values.values() if 0 < value < math.inf]
        if drawable:
            low, high = math.log10(min(drawable)), math.log10(max(drawable))
            ticks = [low + (high - low) * quarter / 4 for quarter in range(5)] if high > low else [low]
            figure.ruler("y").ticks(ticks, [f"{10**tick:.2g}" for tick in ticks])
        for name, colour in self._colours.items():
            curve = [(epoch, values[name]) for epoch, values in self.points if 0 < values.get(name, 0) < math.inf]
            if curve:
                epochs, heights = [epoch for epoch, _ in curve], [math.log10(value) for _, value in curve]
                figure.draw(figure.signal(epochs, heights, marker=plotext.marker("braille", colour)).lines())
        return Group(Text.from_ansi(figure.build().string()), self.line())
