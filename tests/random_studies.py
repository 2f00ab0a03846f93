"""Studies that nobody thought of: small random configurations, carried to a report, and what is wrong with that.

`make fuzz` tries many (`python tests/random_studies.py FIRST NUMBER`), `test_random_studies.py` a fixed dozen. The
workflow's programs run in this process, on made-up images, without slides and, but for every tenth study, without
drawings for phones and the PDF.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
    import regularization.system.job  # before NumPy

import contextlib
import html
import io
import json
import re
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import aggregate_experiment
import collect_tables
import evaluate_claims
import evaluate_controls
import make_decomposition
import make_examples
import make_figures
import make_theory
import make_tuning
import plan_study
import render_report
import shared
import train_cohort
from claims import reads_well
from cohorts import made_up_images
from regularization import claims
from regularization.analysis.tables import Tables
from regularization.claims.claim import Claim
from regularization.claims.evidence import Evidence, Gather
from regularization.claims.variations import ALGEBRA
from regularization.methods import method_class, method_names
from regularization.naming import CELL
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.style import look
from regularization.reporting.page import pdf
from regularization.settings import EXPERIMENTS
from regularization.study import plan
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.study.reading import load, validated
from regularization.system import fetching
from studies import ROOT

OF = shared.cases(__file__)


# --- configurations -------------------------------------------------------------------------------------------------


@cache
def shipped() -> Any:
    return load([ROOT / "config.yaml"])


def random_study(seed: int) -> dict[str, Any]:
    """A small configuration that the check accepts, always the same for a seed."""
    rng = np.random.default_rng(seed)
    while True:
        config = _random(rng)
        with contextlib.suppress(ConfigurationError):
            validated(config, check_machine=False)
            return config


def _random(rng: np.random.Generator) -> dict[str, Any]:
    def some(values: Sequence[Any], most: int) -> list[Any]:
        return [values[i] for i in rng.permutation(len(values))[: rng.integers(1, most + 1)]]

    def one(values: Sequence[Any]) -> Any:
        return values[rng.integers(len(values))]

    config = {**deepcopy(shipped()), "device": "cpu", "gates": [], "study": [], "title": one(OF["titles"])}
    config["experiments"] = [["linear_regression"], ["fashion_mnist"], [*EXPERIMENTS]][rng.integers(3)]
    for experiment in config["experiments"]:
        network, catalogue, of = experiment == "fashion_mnist", config["settings"][experiment], OF[experiment]
        # Settings that figures and claims ask for, made small, beside others of any name.
        small = {*some([*catalogue], 5), *(some(OF["names"], 3) if rng.random() < 0.6 else ()), "textbook"}
        for name in sorted(small):
            n = one(of["n_train"])
            own = {"n_train": n, "batch_size": int(rng.integers(1, n + 1)), "epochs": one(OF["epochs"])}
            own |= {key: one(values) for key, values in of["free"].items() if rng.random() < 0.3}
            own |= {"images": "blocks", "hidden": one(of["hidden"])} if network else {}
            catalogue[name] = {**catalogue.get(name, {}), **own}
        methods = [name for name in method_names() if experiment in method_class(name).experiments]
        for _ in range(rng.integers(1, 4)):
            chosen = ["none"] * (rng.random() < 0.7) + some(methods, 5)
            entry = {"experiment": experiment, "methods": [*dict.fromkeys(chosen)], "settings": some(sorted(small), 5)}
            keyed = {key for name in chosen for key in method_class(name).keyed_by}
            entry |= {key: some(OF[key], 4) for key in ("lam", "p") if key in keyed}
            entry |= {key: bool(rng.random() < 0.5) for key in ("predictions", "probes" if network else "account")}
            config["study"].append({**entry, "seeds": one(OF["seeds"])})
        metric = "train_accuracy" if network else "risk"
        gate = {"experiment": experiment, "settings": some(sorted(small), 2), "method": "none", "metric": metric}
        config["gates"] += [{**gate, "at_least": 0.5}] * (rng.random() < 0.3)
    return config


# --- to the report --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finished:
    """A study's results, every figure as it was drawn, and the report's page."""

    folder: Path
    study: Configuration
    figures: Mapping[str, Figure]
    page: str


def finish(config: dict[str, Any], folder: Path, *, whole: bool = False) -> Finished:
    """Run a study to its report; `whole`: with the drawings for phones and the PDF."""
    study = validated({**config, "results": str(folder)}, check_machine=False)
    tables, data, stored = folder / "tables", folder / "data" if study.needs_images else None, folder / "config.json"
    figures, written = dict[str, Figure](), exhibit.write

    def write(name: str, drawn: exhibit.Exhibit, *where: Any) -> None:
        written(name, drawn, *where)
        figures[name] = drawn.figure

    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(patch.object(fetching, "load", lambda folder: made_up_images(n_test=500)))
        stack.enter_context(patch.object(claims, "measure", _measured))
        stack.enter_context(patch.object(exhibit, "slide", lambda *_: b""))
        stack.enter_context(patch.object(make_figures, "write", write))
        if not whole:
            stack.enter_context(patch.object(exhibit, "narrow", lambda figure: False))
            stack.enter_context(patch.object(pdf, "document", lambda *_: b"%PDF"))
        if data:
            data.mkdir(parents=True)
            (data / "fetch.json").write_text(json.dumps({"source": "made up", "version": None, "sha256": {"a": "0"}}))
        with patch.object(sys, "stdin", io.StringIO(study.as_json())):
            plan_study.main(folder)
        for cohort in plan.cohorts(study):
            where = folder / "cohorts" / cohort.experiment
            train_cohort.main(stored, cohort.experiment, cohort.name, where / cohort.name, data)
        for experiment in study.experiments:
            where, made = folder / "cohorts" / experiment, folder / "aggregated" / experiment
            aggregate_experiment.main(stored, folder / "plan.parquet", where, experiment, made)
            tables.mkdir(exist_ok=True)
            shutil.copy(made / "predictions.parquet", tables / f"predictions_{experiment}.parquet")
        collect_tables.main(stored, folder / "aggregated", tables, data)
        make_theory.main(stored, tables / "theory.parquet")
        for path in _examples().iterdir():
            shutil.copy(path, tables)
        make_decomposition.main(tables, tables / "decomposition.parquet", data, tables / "parts.parquet")
        make_tuning.main(tables / "runs.parquet", tables / "tuning.parquet")
        evaluate_claims.main(tables, None, folder)
        evaluate_controls.main(tables, folder)
        make_figures.main(tables, folder / "figures", stored)
        page, document = folder / "report.html", folder / "report.pdf"
        render_report.main(tables, folder / "figures", page, document, stored, ROOT / "report")
    return Finished(folder, study, figures, page.read_text(encoding="utf-8"))


_measure, _algebra = claims.measure, dict[Any, Any]()


def _measured(claim: Claim, tables: Tables, variation: str = "", *, evidence: Gather = Evidence) -> Any:
    """What `claims.measure` finds; claims about algebra, which is the same in every study, are measured once."""
    if claim.table != ALGEBRA:
        return _measure(claim, tables, variation, evidence=evidence)
    key = claim.id, variation, evidence
    if key not in _algebra:
        _algebra[key] = _measure(claim, tables, variation, evidence=evidence)
    return _algebra[key]


@cache
def _examples() -> Path:
    """The chapter's example, which is the same in every study."""
    folder = Path(tempfile.mkdtemp(prefix="regularization-examples-"))
    make_examples.main(folder / "parts.parquet", folder / "examples.parquet")
    return folder


# --- what is wrong with it ------------------------------------------------------------------------------------------

GROUPED = ("identities", "bias-variance-example", "study-cost")  # figures whose ticks are names within groups
UNREADABLE = re.compile(r"\b(nan|NaN|None(?! of)|inf|Infinity|undefined)\b|\d\.?e[+-]?\d\d|\{[{%]|[%}]\}")


def problems(done: Finished) -> list[str]:
    """What is wrong with a finished study's report: numbers that are none, what is missing, what looks alike."""
    return [*_unreadable(done), *_missing(done), *_alike(done)]


def text_of(page: str) -> str:
    """What a reader sees of a page, as text."""
    shown = re.sub(r"<(script|style|head|annotation)\b.*?</\1>", " ", page, flags=re.DOTALL)
    shown = re.sub(r"</(td|th|tr|p|li|text|h\d|div|figcaption|title)>", " ", shown)
    return html.unescape(re.sub(r"<[^>]*>", "", shown)).replace("\u200b", "").replace("\u00ad", "")


def _unreadable(done: Finished) -> Iterator[str]:
    text = text_of(done.page)
    for name in _settings(done):
        text = text.replace(name, "")
    for found in UNREADABLE.finditer(text):
        yield f"the page says {text[max(0, found.start() - 60) : found.end() + 20]!r}"
    for path in sorted((done.folder / "figures").glob("*.svg")):
        if found := re.search(r"[\"> ,(]-?(nan|inf)[\"< ,)]", path.read_text(encoding="utf-8")):
            yield f"{path.name} holds {found[0]!r}"
    for claim in json.loads((done.folder / "claims.json").read_text(encoding="utf-8")):
        if claim["answer"] and not reads_well(claim["answer"]):
            yield f"{claim['id']} answers {claim['answer']!r}"


def _settings(done: Finished) -> list[str]:
    cells = pd.read_parquet(done.folder / "tables" / "cells.parquet")
    return sorted(set(cells["setting"]), key=len, reverse=True)


def _missing(done: Finished) -> Iterator[str]:
    text = text_of(done.page)
    runs = pd.read_parquet(done.folder / "tables" / "runs.parquet")
    for name in _settings(done):
        if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text):
            yield f"the setting {name} is nowhere in the page"
    for method in runs["method"].unique():
        if method != "none" and look(method).label.lower() not in text.lower():
            yield f"the method {method} is nowhere in the page"
    if (title := done.study.title) and title not in text:
        yield f"the title {title!r} is not in the page"
    # Every cell of a setting that the report knows nothing about has its row.
    known = set((ROOT / "report" / "settings.txt").read_text(encoding="utf-8").split())
    own = runs.loc[~runs["setting"].isin(known), CELL].drop_duplicates()
    alone = ~own.groupby(CELL[:2])["method"].transform(lambda methods: (methods != "none").any())
    rows = rows_of(done.page, "tbl-own")
    for setting, cells in own[(own["method"] != "none") | alone].groupby("setting"):
        told = {row[1] for row in rows if row[0] == setting}
        if len(told) < len(cells):
            yield f"of the setting {setting} the page tells {sorted(told)} of {cells[CELL[2:]].to_numpy().tolist()}"


def rows_of(page: str, table: str) -> list[list[str]]:
    """The rows of a numbered table of the page, as text."""
    _, _, rest = page.partition(f'id="{table}"')
    body = rest.partition("</table>")[0]
    return [
        [" ".join(text_of(cell).split()) for cell in re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, flags=re.DOTALL)]
        for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", body, flags=re.DOTALL)
    ]


def _alike(done: Finished) -> Iterator[str]:
    """Marks of a legend, ticks of an axis and panels of a row of a figure that no reader could tell apart."""
    for name, figure in done.figures.items():
        for axes in figure.axes:
            grouped = name in (
                "identities",
                "bias-variance-example",
                "study-cost",
            )  # whose ticks are names within groups
            for which, axis in () if grouped else (("x", axes.xaxis), ("y", axes.yaxis)):
                yield from (f"{name}: two ticks of {which} are {one!r}" for one in _twice(_ticks(axes, axis)))
        for legend in (*figure.legends, *(one for axes in figure.axes if (one := axes.get_legend()))):
            entries = [text.get_text() for text in legend.get_texts()]
            looks = [_look(handle) for handle in legend.legend_handles if isinstance(handle, Line2D)]
            yield from (f"{name}: two entries of the legend are {one!r}" for one in _twice([*entries, *looks]))
        lines = [(axes, line.get_label()) for axes in figure.axes for line in axes.lines]
        named = [(axes, label) for axes, label in lines if not str(label).startswith("_")]
        if name in ("dropout-strength", "weight-decay-samples"):  # a line each
            yield from (f"{name}: two lines are called {one[1]!r}" for one in _twice(named))


def _ticks(axes: Axes, axis: Any) -> list[str]:
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
    return [label for label in axis.get_major_formatter().format_ticks(ticks) if label.strip()]


def _look(line: Line2D) -> tuple[Any, ...]:
    dashes = line._dash_pattern  # type: ignore[attr-defined]
    return to_hex(line.get_color()), line.get_linestyle(), str(dashes), line.get_marker(), line.get_markerfacecolor()


def _twice(values: list[Any]) -> list[Any]:
    return [value for value, n in Counter(values).items() if n > 1]


# --- make fuzz ------------------------------------------------------------------------------------------------------


def tried(seed: int) -> list[str]:
    """What is wrong with the random study of a seed, an error on its way included."""
    with tempfile.TemporaryDirectory(prefix="regularization-fuzz-") as folder:
        try:
            return problems(finish(random_study(seed), Path(folder, "results"), whole=seed % 10 == 0))
        except (Exception, SystemExit) as error:
            return [f"{type(error).__name__}: {error}", traceback.format_exc()]


def main() -> int:
    first, number = map(int, sys.argv[1:])
    wrong = 0
    for seed in range(first, first + number):
        start = time.perf_counter()
        found = tried(seed)
        wrong += bool(found)
        print(f"{seed}: {'; '.join(found) if found else 'ok'} ({time.perf_counter() - start:.0f} s)", flush=True)
    print(f"{number - wrong} of {number} random studies, seeds {first} to {first + number - 1}, end in a sound report")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
