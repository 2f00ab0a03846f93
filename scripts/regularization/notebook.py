"""What notebooks use: a finished study's results by name, and runs trained in memory, drawn as the report draws.

    from regularization import open_results, train

Engine, tables and figures are the workflow's: a run that is trained here has the bits of the study's run.
"""

import regularization.system.job

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.aggregation import cells_table, settings_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.dictionary import Section, described
from regularization.analysis.tables import Tables
from regularization.columns import CURVE_COLUMNS, METRICS
from regularization.naming import CELL, Key, parse_p
from regularization.reporting.drawing import style
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, log_axis, panels, seed_band
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import svg_text
from regularization.reporting.figures import draw
from regularization.reporting.figures.own import cell_in_words
from regularization.study import plan, reading
from regularization.system import devices, fetching
from regularization.system.errors import UserError
from regularization.system.suggestions import not_one_of
from regularization.training.one_run import train_one

PROJECT = Path(__file__).resolve().parents[2]
HUES = [light for name, (light, _) in style.COLOURS.items() if name not in ("muted", "grid", "paper")]


@dataclass(frozen=True)
class Drawing:
    """A figure in the report's style, which a notebook shows: matplotlib's, and the text of its SVG."""

    figure: Figure
    svg: str = field(repr=False)

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True)
class Results:
    """A study's tables, each an attribute (`results.cells`, a data frame), and what is asked of them by name.

    `where` chooses cells by their columns, each with one value or several: `setting="textbook", lam=[0, 3]`.
    """

    tables: Tables  # what the report asks the same tables
    weights: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)  # of runs trained here: see `train`

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table by its name; its `attrs["units"]` are the units of its columns."""
        if name not in TABLES:
            raise AttributeError(f"there is no table {name!r}; there are: {', '.join(TABLES)}")
        table = self.tables.table(name).copy(deep=False)
        table.attrs["units"] = self.describe(name)["unit"].to_dict()
        return table

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *TABLES]

    def __repr__(self) -> str:
        n_runs, n_cells = len(self.tables.runs), len(self._cells({}))
        return f"{n_runs:,} runs in {n_cells:,} cells of {', '.join(self.tables.experiments)}"

    def describe(self, table: str) -> pd.DataFrame:
        """A table's columns: the unit, empty for names and counts, and the meaning."""
        columns = described().get(_known("a table", table, TABLES), Section()).columns
        rows = {name: column[1:] for name, column in columns.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["unit", "meaning"])

    def cell(self, **where: Any) -> pd.DataFrame:
        """One cell's means and intervals, a row a metric, with the unit."""
        cells = self.tables.cells.merge(self._cells(where, most=1)).set_index("metric").drop(columns=CELL)
        return cells.assign(unit=self.describe("runs")["unit"])

    def curve(self, **where: Any) -> pd.DataFrame:
        """The learning curves of one cell's runs, a row a seed and epoch; none of a closed form."""
        return self.tables.curve(Key(*self._cells(where, most=1).iloc[0]), whole=True)

    def claim(self, name: str) -> pd.Series:
        """A claim by its id, such as "c05", and how it came out: a row of the table `claims`."""
        known = _known("a claim that was weighed", name, self.tables.claims.get("id", []))
        return self.tables.claims.set_index("id").loc[known]

    def plot_curves(self, metric: str = "test_loss", **where: Any) -> Drawing:
        """A metric by epoch: of each cell the median over seeds, with a band of the middle 80 %."""
        cells = self._cells(where, most=len(HUES)).sort_values("method", key=lambda name: name != "none", kind="stable")

        def fill(axis: Axes) -> None:
            for cell, colour in zip(cells.itertuples(index=False), HUES, strict=False):
                curve, line = self.tables.curve(Key(*cell)), style.look(cell.method).line
                label = cell_in_words(cell) + (": no curve" if curve.empty else "")
                seed_band(axis, curve, metric, colour, linestyle=line, label=label)
            axis.set_xlabel("epoch")

        return self._drawn(metric, fill)

    def plot_lambda(self, metric: str = "test_loss", **where: Any) -> Drawing:
        """A metric's mean and 95 % interval by λ, a line a method, in the one setting of the chosen cells."""
        cells = self._cells(where)
        settings = cells[CELL[:2]].drop_duplicates()
        if len(settings) != 1:
            raise UserError(f"{len(settings)} settings are chosen. Allowed: 1. Give setting= one of\n{settings}")
        [(experiment, setting)] = settings.itertuples(index=False)

        def fill(axis: Axes) -> None:
            for method in cells["method"].unique():
                cells_line(axis, self.tables.path(setting, method, metric, experiment), "lam", style.look(method))
            lambda_axis(axis, cells["lam"].to_numpy())

        return self._drawn(metric, fill)

    def figure(self, name: str) -> Drawing:
        """A figure of the report, drawn from these results."""
        with mpl.rc_context():
            exhibit = draw(_known("a figure", name, FIGURES), self.tables)
            if exhibit is None:
                raise UserError(f"these results lack what the figure {name} shows")
            return Drawing(exhibit.figure, svg_text(exhibit.figure, name))

    def _cells(self, where: dict[str, Any], most: int | None = None) -> pd.DataFrame:
        """The chosen cells, columns `CELL`; `UserError` lists them where they are none, or too many."""
        cells = self.tables.runs[CELL].drop_duplicates(ignore_index=True)
        for column, wanted in where.items():
            values = np.atleast_1d(wanted).tolist()
            cells = cells[cells[_known("a column that names cells", column, CELL)].isin(values)]
        if most and not 0 < len(cells) <= most:
            chosen = f"{len(cells)} cells are chosen. Allowed: 1{f' to {most}' * (most > 1)}. Choose by column from"
            raise UserError(f"{chosen}\n{cells if len(cells) else self._cells({})}")
        return cells

    def _drawn(self, metric: str, fill: Callable[[Axes], None]) -> Drawing:
        """A panel of a metric, in the report's style; what a notebook draws besides keeps its own."""
        unit = self.describe("runs")["unit"].get(_known("a metric", metric, METRICS), "")
        with mpl.rc_context():
            style.apply()
            figure, ((axis,),) = panels(2.7)
            fill(axis)
            axis.set_ylabel(metric.replace("_", " ") + (f" ({unit})" if unit else ""))
            if not metric.endswith("accuracy"):
                log_axis(axis)
            legend_above(figure, axis.get_lines())
            return Drawing(figure, svg_text(figure, metric))


def open_results(folder: Path | str | None = None) -> Results:
    """The results in a folder, as `make` leaves them (None: the project's `results`); `TablesError` without any."""
    return Results(Tables.read(Path(folder or PROJECT / "results") / "tables"))


def train(
    experiment: str,
    method: str | Sequence[str] = "none",
    *,
    lam: float | Sequence[float] | None = None,
    p: float | str | Sequence[float | str] | None = None,
    seeds: int = 1,
    setting: str = "textbook",
    **changes: Any,
) -> Results:
    """Train every combination of methods, λ, p and seeds 0 … seeds − 1, one after the other; nothing is written.

    A curve has a point an epoch, at most 100; `weights` are, by run_id, weight_1 (inputs, outputs), bias_1 (outputs,),
    weight_2, …, of closed forms none. Settings are those of `config.yaml`; `changes` are parameters that differ, as in
    `n_train=40`: the setting is then called `textbook.changed`. `ConfigurationError` lists everything that cannot be.
    """
    shipped = PROJECT / "config.yaml"
    catalogue = reading.load([shipped])["settings"].get(experiment, {})
    over: dict[str, Any] = {"experiments": [experiment], "gates": []}
    if changes and setting in catalogue:
        changes = {**(catalogue[setting] or {}), **changes}
        over["settings"] = {experiment: {(setting := f"{setting}.changed"): changes}}
    several = {"methods": method, "lam": lam, "p": p}
    entry = {name: np.atleast_1d(given).tolist() for name, given in several.items() if given is not None}
    layers = [list(parse_p(str(one))) for one in entry.get("p", [])]  # of a single one, config.yaml has the number
    entry |= {"p": [one if len(one) > 1 else one[0] for one in layers]} if layers else {}
    over["study"] = [{"experiment": experiment, "settings": [setting], "seeds": seeds, **entry}]
    study = reading.validated(reading.load([shipped], over), check_machine=False)
    task, dtype = study.settings[experiment][setting], study.execution[experiment].dtype
    images = fetching.load(PROJECT / study.results / "data") if study.needs_images else None
    planned = plan.runs(plan.cohorts(study))
    weights: dict[str, dict[str, np.ndarray]] = {name: {} for name in planned["run_id"]}
    rows, curves, device = [], [], devices.chosen(study.device)
    with devices.in_use(device):
        for name, learnt in weights.items():
            points: dict[int, Any] = {}
            run = planned[planned["run_id"] == name].reset_index(drop=True)
            measured: dict[str, Any] = {"dtype": dtype, "device": device, "on_epoch": points.__setitem__}
            rows.append(train_one(run, task, images=images, learnt=learnt, **measured).to_dict())
            curves += [{"run_id": name, "epoch": epoch, **metrics} for epoch, metrics in points.items()]
    runs, found = pd.DataFrame(rows), pd.DataFrame(curves, columns=CURVE_COLUMNS)
    used = settings_table({experiment: {setting: task}})
    return Results(Tables(runs=runs, curves=found, cells=cells_table(runs), settings=used), weights)


def _known(kind: str, name: str, names: Iterable[str]) -> str:
    """The name, if it is one of them; else `UserError` says which there are."""
    if name not in (known := list(names)):
        raise UserError(not_one_of(kind, name, known))
    return name
