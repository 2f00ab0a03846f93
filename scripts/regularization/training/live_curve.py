"""A learning curve that grows in the terminal while a run is trained; plain lines where there is no terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import Self

import plotext
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

HEIGHT = 18  # rows of the plot
COLOURS = (12, 9, 10, 13, 11, 14)  # the terminal's bright blue, red, green, magenta, yellow and cyan
# Of the metrics, where colours are of runs; and as the legend has them.
MARKERS = {"braille": "⠤⠤", "•": "••", "+": "++", "x": "xx"}
Points = list[tuple[int, dict[str, float]]]


class LiveCurve:
    """A context manager that draws metrics against the epoch, of one run or of several over each other.

    Of a single run each metric has a colour of its own; of several each run has one, and each metric a marker. `begin`
    names the run that `add` is of from then on.
    """

    def __init__(self, metrics: Sequence[str], epochs: int, console: Console | None = None, runs: int = 1) -> None:
        self.metrics, self.epochs, self.several = tuple(metrics), epochs, runs > 1
        self.console = console or Console(highlight=False)
        self.points: dict[str, Points] = {"": []} if runs == 1 else {}
        self._live = Live(console=self.console, auto_refresh=False) if self.console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def begin(self, run: str) -> None:
        """Begin the curve of another run."""
        self.points = {**(self.points if self.several else {}), run: []}

    def add(self, epoch: int, values: Mapping[str, float]) -> None:
        """Add the metrics after an epoch (0: before training) and show those that are drawn."""
        run = next(reversed(self.points))
        self.points[run].append((epoch, {name: float(value) for name, value in values.items()}))
        if self._live is None:
            self.console.print(self.line(run))
        else:
            self._live.update(self.picture(), refresh=True)

    def line(self, run: str) -> Text:
        """Write a run's latest point: "epoch 12/100   train_loss 0.0345   test_loss 0.0721", in the curves' colours."""
        epoch, values = self.points[run][-1]
        parts = [Text(run, style=f"color({self._colour(run, '')})")] if self.several else []
        parts += [Text(f"epoch {epoch:>{len(str(self.epochs))}}/{self.epochs}")]
        shown = [name for name in self.metrics if name in values]
        parts += [Text(f"{name} {values[name]:.4g}", style=f"color({self._colour(run, name)})") for name in shown]
        return Text("   ").join(parts)

    def legend(self) -> Text:
        """Write which metric is which line."""
        if self.several:
            signs = [Text(f"{sign} {name}") for name, sign in zip(self.metrics, MARKERS.values())]
        else:
            signs = [Text(f"⠤⠤ {name}", style=f"color({self._colour('', name)})") for name in self.metrics]
        return Text("   ").join(signs)

    def picture(self) -> RenderableType:
        """Draw the curves so far, below them the legend and each run's latest point; a logarithm shows no 0, ∞, NaN."""
        figure = plotext.figure
        figure.clear()
        figure.theme("simple")
        figure.legend(False)
        figure.plot_size(min(self.console.width, 100), HEIGHT)
        figure.label("epoch", "x")
        figure.ruler("x").lim(0, self.epochs).ticks(sorted({self.epochs * quarter // 4 for quarter in range(5)}))
        curves = {
            (run, name): [(epoch, values[name]) for epoch, values in points if 0 < values.get(name, 0) < math.inf]
            for run, points in self.points.items()
            for name in self.metrics
        }
        drawable = [value for curve in curves.values() for _, value in curve]
        if drawable:
            low, high = math.log10(min(drawable)), math.log10(max(drawable))
            ticks = [low + (high - low) * quarter / 4 for quarter in range(5)] if high > low else [low]
            figure.ruler("y").ticks(ticks, [f"{10**tick:.2g}" for tick in ticks])
        for (run, name), curve in curves.items():
            if curve:
                epochs, heights = [epoch for epoch, _ in curve], [math.log10(value) for _, value in curve]
                sign = list(MARKERS)[self.metrics.index(name) if self.several else 0]
                marker = plotext.marker(sign, self._colour(run, name))
                figure.draw(figure.signal(epochs, heights, marker=marker).lines())
        latest = [self.line(run) for run, points in self.points.items() if points]
        return Group(Text.from_ansi(figure.build().string()), self.legend(), *latest)

    def _colour(self, run: str, metric: str) -> int:
        place = list(self.points).index(run) if self.several else self.metrics.index(metric)
        return COLOURS[place % len(COLOURS)]
