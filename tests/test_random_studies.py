"""Whatever the check of a configuration accepts ends in a sound report: examples that once did not, and random ones.

The workflow's programs run in this process, on made-up images, without slides and, but for every tenth random study,
without drawings for phones and the PDF. `make fuzz` tries other seeds than the dozen that is always tried.
"""

import html
import io
import json
import math
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from copy import deepcopy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import shared
from claims import reads_well
from cohorts import made_up_images
from regularization import claims
from regularization.claims.evidence import Evidence
from regularization.methods import method_class, method_names
from regularization.naming import CELL
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.own import SHIPPED
from regularization.reporting.ledger import ALGEBRA
from regularization.settings import EXPERIMENTS
from regularization.study import plan
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.study.reading import load, validated
from studies import ROOT

FIRST, NUMBER = map(int, os.environ.get("SEEDS", "0 12").split())
pytestmark = pytest.mark.slow
INPUTS = Path(__file__).parent / "inputs"
NAMES = {"NA": "N.A", "nan": "n-n"}  # that are no names, and what they are called instead
OF = shared.cases(__file__)
SEEN = cache(lambda: load([ROOT / "config.yaml"]))


def random_study(seed: int) -> dict[str, Any]:
    """A small configuration that the check accepts, always the same for a seed."""
    rng = np.random.default_rng(seed)
    while True:
        config = _random(rng)
        with suppress(ConfigurationError):
            validated(config, check_machine=False)
            return config


def _random(rng: np.random.Generator) -> dict[str, Any]:
    def some(values: Sequence[Any], most: int) -> list[Any]:
        return [values[i] for i in rng.permutation(len(values))[: rng.integers(1, most + 1)]]

    def one(values: Sequence[Any]) -> Any:
        return values[rng.integers(len(values))]

    config = {**deepcopy(SEEN()), "device": "cpu", "gates": [], "study": [], "title": one(OF["titles"])}
    config["experiments"] = one([[*EXPERIMENTS[:1]], [*EXPERIMENTS[1:]], [*EXPERIMENTS]])
    for experiment in config["experiments"]:
        network, catalogue, of = experiment == "fashion_mnist", config["settings"][experiment], OF[experiment]
        # Settings that figures and claims ask for, made small, beside others of any name.
        small = {*some(of["asked"], 8), *some([*catalogue], 2), *some(OF["names"], 3)[rng.integers(2) :], "textbook"}
        for name in sorted(small):
            n = one(of["n_train"])
            own = {"n_train": n, "batch_size": int(rng.integers(1, n + 1)), "epochs": one(OF["epochs"])}
            own |= {key: one(values) for key, values in of["free"].items() if rng.random() < 0.3}
            own |= {"images": "blocks", "hidden": one(of["hidden"])} if network else {}
            catalogue[name] = {**catalogue.get(name, {}), **own}
        methods = [name for name in method_names() if experiment in method_class(name).experiments]
        for _ in range(rng.integers(1, 4)):
            chosen = ["none"] * (rng.random() < 0.7) + some(methods, 5)
            entry = {"experiment": experiment, "methods": [*dict.fromkeys(chosen)], "settings": some(sorted(small), 6)}
            keyed = {key for name in chosen for key in method_class(name).keyed_by}
            entry |= {key: some(OF[key], 4) for key in ("lam", "p") if key in keyed}
            entry |= {key: bool(rng.random() < 0.5) for key in ("predictions", "probes" if network else "account")}
            config["study"].append({**entry, "seeds": one(OF["seeds"])})
        metric = "train_accuracy" if network else "risk"
        gate = {"experiment": experiment, "settings": some(sorted(small), 2), "method": "none", "metric": metric}
        config["gates"] += [{**gate, "at_least": 0.5}] * (rng.random() < 0.3)
    return config


class Finished(NamedTuple):
    """A study's results, every figure as it was drawn, and the report's page."""

    folder: Path
    study: Configuration
    figures: dict[str, Figure]
    page: str


def finish(config: dict[str, Any], folder: Path, *, whole: bool = False) -> Finished:
    """Run a study to its report; `whole`: with the drawings for phones and the PDF."""
    study = validated({**config, "results": str(folder)}, check_machine=False)
    tables, config_, data = folder / "tables", folder / "config.json", folder / "data" if study.needs_images else None
    figures, write = dict[str, Figure](), exhibit.write

    def kept(name: str, drawn: exhibit.Exhibit, *where: Any) -> None:
        write(name, drawn, *where)
        figures[name] = drawn.figure

    def run(program: str, **given: Any) -> None:
        import_module(program).main(**given)

    library = "regularization.reporting"
    changed = {"sys.stdin": io.StringIO(study.as_json()), "sys.stdout": io.StringIO(), "sys.stderr": io.StringIO()}
    changed |= {"regularization.system.fetching.load": lambda folder: made_up_images(500), "make_figures.write": kept}
    changed |= {f"{library}.drawing.exhibit.slide": lambda *_: b"", "regularization.claims.measure": _measured}
    light = {f"{library}.drawing.exhibit.narrow": lambda *_: False, f"{library}.page.pdf.document": lambda *_: b"%PDF"}
    with ExitStack() as stack:
        for what, by in (changed if whole else changed | light).items():
            stack.enter_context(patch(what, by))
        tables.mkdir(parents=True, exist_ok=True)
        run("plan_study", output=folder)
        if data:
            data.mkdir()
            (data / "fetch.json").write_text('{"source": "made up", "version": null, "sha256": {"a": "0"}}')
        for one in plan.cohorts(study):
            where = folder / "cohorts" / one.experiment / one.name
            run("train_cohort", config=config_, experiment=one.experiment, cohort=one.name, output=where, data=data)
        for name in study.experiments:
            cohorts, made = folder / "cohorts" / name, folder / "aggregated" / name
            run("aggregate_experiment", config=config_, cohorts=cohorts, experiment=name, output=made)
            shutil.copy(made / "predictions.parquet", tables / f"predictions_{name}.parquet")
        run("collect_tables", config=config_, aggregated=folder / "aggregated", output=tables, data=data)
        run("make_theory", config=config_, output=tables / "theory.parquet")
        shutil.copytree(_examples(), tables, dirs_exist_ok=True)
        split, parts = tables / "decomposition.parquet", tables / "parts.parquet"
        run("make_decomposition", tables=tables, output=split, data=data, examples=parts)
        run("make_tuning", runs=tables / "runs.parquet", output=tables / "tuning.parquet")
        for ledger in ("evaluate_claims", "evaluate_controls"):
            run(ledger, tables=tables, config=config_, output=folder)
        run("make_figures", tables=tables, output=folder / "figures", config=config_)
        page = folder / "report.html"
        files = {"html": page, "pdf": folder / "report.pdf", "figures": folder / "figures"}
        run("render_report", tables=tables, config=config_, **files)
    return Finished(folder, study, figures, page.read_text(encoding="utf-8"))


_measure, _known = claims.measure, dict[Any, Any]()


def _measured(claim: Any, tables: Any, variation: str = "", *, evidence: Any = Evidence) -> Any:
    """What `claims.measure` finds; about algebra and the chapter's example, the same in every study, only once."""
    key = claim.id, variation, repr(evidence)
    if key in _known:
        return _known[key]
    found = _measure(claim, tables, variation, evidence=evidence)
    return _known.setdefault(key, found) if claim.says("table") in (ALGEBRA, "decomposition") else found


@cache
def _examples() -> Path:
    """The chapter's example, which is the same in every study."""
    folder = Path(tempfile.mkdtemp(prefix="regularization-examples-"))
    import_module("make_examples").main(folder / "parts.parquet", folder / "examples.parquet")
    return folder


# --- what is wrong with it ------------------------------------------------------------------------------------------

UNREADABLE = re.compile(r"\b(nan|NaN|None(?! of)|inf|Infinity|undefined)\b|\b\d+(\.\d+)?e[+-]?\d\d\b|\{[{%]|[%}]\}")
GROUPED = ("identities", "bias-variance-example", "study-cost")  # figures whose ticks are names within groups


def problems(done: Finished) -> list[str]:
    """What is wrong with a finished study's report: numbers that are none, what is missing, what looks alike."""
    runs = pd.read_parquet(done.folder / "tables" / "runs.parquet", columns=[*CELL, "status"])
    return [*_unreadable(done, {*runs["setting"]}), *_missing(done, runs), *_alike(done.figures)]


def text_of(page: str) -> str:
    """What a reader sees of a page, as text."""
    shown = re.sub(r"<(script|style|head|annotation|pre)\b.*?</\1>", " ", page, flags=re.DOTALL)
    shown = re.sub(r"</(td|th|tr|p|li|text|h\d|div|figcaption|title)>", " ", shown)
    return html.unescape(re.sub(r"<[^>]*>", "", shown)).replace("\u200b", "").replace("\u00ad", "")


def _unreadable(done: Finished, names: set[str]) -> Iterator[str]:
    text = re.sub("|".join(map(re.escape, sorted(names, key=len, reverse=True))), "", text_of(done.page))
    for found in UNREADABLE.finditer(text):
        yield f"the page says {text[max(0, found.start() - 60) : found.end() + 20]!r}"
    for path in sorted((done.folder / "figures").glob("*.svg")):
        if found := re.search(r"[\"> ,(]-?(nan|inf)[\"< ,)]", path.read_text(encoding="utf-8")):
            yield f"{path.name} holds {found[0]!r}"
    for claim in json.loads((done.folder / "claims.json").read_text(encoding="utf-8")):
        if claim["answer"] and not reads_well(claim["answer"]):
            yield f"{claim['id']} answers {claim['answer']!r}"


def _missing(done: Finished, runs: pd.DataFrame) -> Iterator[str]:
    text, rows = text_of(done.page), rows_of(done.page, "tbl-own")
    for name in runs["setting"].unique():
        if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text):
            yield f"the setting {name} is nowhere in the page"
    labels = {look(method).label for method in runs["method"].unique()}
    yield from (f"{label} is nowhere in the page" for label in labels if label.lower() not in text.lower())
    if (title := done.study.title) and title not in text:
        yield f"the title {title!r} is not in the page"
    named = {(row[0], row[1]) for row in rows_of(done.page, "tbl-lost")}
    for setting, method in (
        runs.loc[runs["status"] != "ok", ["setting", "method"]].drop_duplicates().itertuples(index=False)
    ):
        if (setting, look(method).label) not in named:
            yield f"that runs of {method} in {setting} were lost is not in the page"
    for (experiment, setting), own in (
        runs.loc[~runs["setting"].isin(SHIPPED), CELL].drop_duplicates().groupby(CELL[:2])
    ):
        measure = {"linear_regression": "risk"}.get(experiment, "test accuracy")  # the other experiment has none
        cells, told = own[own["method"] != "none"], {row[1] for row in rows if (row[0], row[2]) == (setting, measure)}
        if len(told) < max(len(cells), 1):
            yield f"of the setting {setting} the page tells {sorted(told)} of {cells[CELL[2:]].to_numpy().tolist()}"


def rows_of(page: str, table: str) -> list[list[str]]:
    """The rows of a numbered table of the page, as text."""
    body = page.partition(f'id="{table}"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr\b.*?</tr>", body, flags=re.DOTALL)
    return [[" ".join(text_of(cell).split()) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", row, 16)] for row in rows]


def _alike(figures: dict[str, Figure]) -> Iterator[str]:
    """Ticks of an axis and entries of a legend that no reader could tell apart."""
    for name, figure in figures.items():
        for axis in (side for axes in figure.axes for side in (axes.xaxis, axes.yaxis) if name not in GROUPED):
            low, high = sorted(axis.get_view_interval())
            ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
            told = Counter(text for text in axis.get_major_formatter().format_ticks(ticks) if text.strip())
            yield from (f"{name}: {n} ticks are {text!r}" for text, n in told.items() if n > 1)
        for legend in filter(None, (*figure.legends, *(axes.get_legend() for axes in figure.axes))):
            told = Counter(text.get_text() for text in legend.get_texts())
            yield from (f"{name}: {n} entries of the legend are {entry!r}" for entry, n in told.items() if n > 1)


# --- tests ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """An example, finished when it is first asked for; `names` with the two names changed."""
    folder = tmp_path_factory.mktemp("examples")

    @cache
    def finished(name: str) -> Finished:
        text = (INPUTS / f"{name}.yaml").read_text(encoding="utf-8")
        changed = folder / f"{name}.yaml"
        changed.write_text(re.sub(r"\b(NA|nan)\b", lambda found: NAMES[found[0]], text), encoding="utf-8")
        return finish(load([ROOT / "config.yaml", changed]), folder / name)

    return finished


@pytest.mark.parametrize("name", [path.stem for path in sorted(INPUTS.glob("*.yaml"))])
def test_an_example_that_once_broke_the_report_ends_in_a_sound_one(
    name: str, finished: Callable[[str], Finished]
) -> None:
    assert problems(finished(name)) == []


@pytest.mark.parametrize("seed", range(FIRST, FIRST + NUMBER))
def test_a_random_study_ends_in_a_sound_report(seed: int, tmp_path: Path) -> None:
    assert problems(finish(random_study(seed), tmp_path / "results", whole=seed == 0)) == []


def test_names_that_programs_read_as_values_are_refused_and_all_others_survive_every_reader(finished) -> None:
    with pytest.raises(ConfigurationError) as error:
        validated(load([ROOT / "config.yaml", INPUTS / "names.yaml"]), check_machine=False)
    said = str(error.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in said] == [
        *("settings.linear_regression.NA", "settings.linear_regression.nan", "settings.fashion_mnist.NA"),
    ]
    done = finished("names")
    cells = pd.read_csv(done.folder / "tables" / "cells.csv")  # as anybody reads it
    assert set(cells["setting"]) == {"N.A", "n-n", "a--b", "x...y", "constructor", "e.g.x_", "Nul"}


def test_what_diverged_is_said_cell_by_cell_and_theory_of_too_large_a_step_is_none(finished) -> None:
    done = finished("diverge")
    lost = [row for row in rows_of(done.page, "tbl-own") if row[0] == "wild"]
    assert len(lost) == 4  # two p, two measures
    assert {(row[3], row[4], row[6]) for row in lost} == {("–", "–", "0 of 2")}
    assert "all runs lost" in text_of(done.page)
    theory = pd.read_csv(finished("fast").folder / "tables" / "theory.csv").set_index(["setting", "quantity"])["value"]
    assert theory["fast", "stability_boundary"].item() == -math.inf
    assert theory["fast", "sgd_risk"].min() > 1e6
    fast = [row for row in rows_of(finished("fast").page, "tbl-own") if row[0] == "fast"]
    assert {(row[4], row[6]) for row in fast} == {("–", "0 of 2")}


def test_all_of_many_settings_are_drawn_and_the_checks_find_what_is_wrong(finished) -> None:
    done, figure = finished("many"), Figure()
    titles = [axes.get_title(loc="left") for axes in done.figures["own"].axes]
    assert [*dict.fromkeys(titles)] == ["n100", "n150", "n200", "n250", "n300", "n350"]
    figure.subplots().set_yticks([0, 0.5], ["n100", "n100"])
    table = done.page.partition('id="tbl-own"')[2].partition("</table>")[0]
    row = re.findall(r"<tr\b[^>]*>(?:(?!</tr>).)*n350.*?</tr>", table, re.DOTALL)[-1]
    for broken, says in {
        done.page.replace("n100", "n1OO"): "the setting n100 is nowhere",
        done.page.replace("</main>", "<p>worth nan here</p></main>"): "worth nan here",
        done.page.replace(row, ""): "of the setting n350 the page tells",
    }.items():
        assert says in "; ".join(problems(done._replace(page=broken)))
    assert problems(done._replace(figures={"own": figure})) == ["own: 2 ticks are 'n100'"]
