"""The figures: drawn from whatever part of a study there is, captions computed, drawings reproducible."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shared
import studies
from figures.drawn import Drawn, all_shown, draw_all, shown, styled
from figures.example_analyses import CROSSED
from figures.example_tables import SMOKE, Size, example_tables, with_runs, without_analyses
from figures.reports import report
from regularization.analysis import catalogue
from regularization.analysis.aggregation import cells_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.tables import Tables, TablesError, chosen_on_validation
from regularization.reporting.drawing import catalogue as drawings
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import svg_text
from regularization.reporting.facts import weight_decay
from regularization.reporting.figures import draw
from regularization.reporting.figures.dropout import grid, probes
from regularization.reporting.figures.weight_decay import account
from regularization.reporting.page.explorer import explorers
from regularization.reporting.words import number
from regularization.study import reading
from regularization.system.errors import UserError

CASES = shared.cases(__file__)
WEIGHT_DECAY, DROPOUT = CASES["weight_decay"], CASES["dropout"]
EXAMPLE = "bias-variance-example"  # needs no run of the study
BIAS_VARIANCE = ["bias-variance-linear", "bias-variance-network", "bias-variance-crossed", EXAMPLE]
CLAIMS = ["identities"]
FIRST = [f"answer-{name}" for name in ("start", "honest", "plenty")]
SETUPS = ["setup-linear", "setup-network"]
ALL = [*FIRST, *SETUPS, *CLAIMS, *WEIGHT_DECAY, *DROPOUT, *BIAS_VARIANCE]
DERIVED = {*CLAIMS, *DROPOUT[9:], *BIAS_VARIANCE}


# Their captions say of what they are: replicates, claims, jobs, medians, one seed's examples, one example's weights,
# cells without a diverged run.
WITHOUT_MEANS = {*BIAS_VARIANCE, *CLAIMS, *SETUPS, "null-space", "weight-decay-stability",
                 "weight-decay-equivalences"}  # fmt: skip
KINDS = ("svg", "narrow.svg", "png", "csv", "json", "rst")
MOST_LETTERS = 170  # of a caption's bold part

tables = styled()


@pytest.fixture(scope="module")
def exhibits(tables: Tables) -> dict[str, Drawn]:
    return all_shown(tables)


def test_a_study_with_both_experiments_shows_every_figure_but_those_of_analyses_not_made(exhibits, tables):
    assert list(exhibits) == ALL
    assert list(draw_all(without_analyses(tables))) == [name for name in ALL if name not in DERIVED]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(experiments=("linear_regression",), seeds=3, linear=tuple(CASES["few_settings"])),
         ["answer-start", "setup-linear", *WEIGHT_DECAY, "bias-variance-linear", EXAMPLE]),
        (Size(experiments=("fashion_mnist",), seeds=3), [*FIRST[1:], "setup-network", *DROPOUT, *BIAS_VARIANCE[1:]]),
        (SMOKE, [*FIRST[:2], *SETUPS, *CASES["one_seed"], EXAMPLE]),
        (Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("textbook",), methods=("none",)),
         ["setup-network", "null-space", "dropout-curves", EXAMPLE]),
    ],
    ids=["weight decay alone", "dropout alone", "smoke: one seed", "hardly anything"],
)  # fmt: skip
def test_part_of_a_study_shows_the_figures_it_has_data_for(size: Size, expected: list[str]) -> None:
    part = example_tables(size)
    found = all_shown(part)
    assert list(found) == [name for name in ALL if name in {*CLAIMS, *expected}]
    assert {*expected} < {*found}
    for one in found.values():
        ET.fromstring(svg_text(one.figure, one.name))
        assert "nan" not in one.caption


def with_settings_of_their_own(tables: Tables) -> Tables:
    """The study with a twin of every setting, made for a question of its own: other numbers in every table.

    The chapter's example has no settings of the study, and the crossed design is asked for wherever there is one.
    """
    twins = {}
    crossed = tables.runs.loc[tables.runs["setting"] == CROSSED, "run_id"]
    for name in ("runs", "curves", "probes", "account", "settings", "decomposition", "tuning"):
        twin = tables.table(name).copy()
        if "run_id" in twin:
            twin = twin[~twin["run_id"].isin(crossed)]
        if "setting" in twin:
            twin = twin[(twin["setting"] != CROSSED) & (twin["experiment"] != "example")]
            twin["setting"] += "_of_its_own"
        if "run_id" in twin:
            twin["run_id"] += "_of_its_own"
        numbers = twin.select_dtypes("float").columns.difference(["lam", "level", "strength", *tables.settings.columns])
        twin[numbers] *= 0.5
        twins[name] = pd.concat([tables.table(name), twin], ignore_index=True)
    return tables.replace(**twins, cells=cells_table(twins["runs"]))


def test_a_setting_made_for_one_question_enters_no_figure_that_did_not_ask_for_it(exhibits, tables) -> None:
    more = with_settings_of_their_own(tables)
    with_twins = all_shown(more)
    assert list(with_twins) == [*ALL, "own"]
    added = with_twins.pop("own")
    assert added.data["setting"].str.endswith("_of_its_own").all()
    assert {"textbook_of_its_own", "samples_500_of_its_own"} <= set(added.data["setting"])
    changed = [
        name
        for name, one in exhibits.items()
        if name != "smoothness"  # which asks for networks of every other length
        and (
            not one.data.reset_index(drop=True).equals(with_twins[name].data.reset_index(drop=True))
            or one.caption != with_twins[name].caption
        )
    ]
    assert changed == []
    assert weight_decay.context(more) == weight_decay.context(tables)
    assert explorers(more) == explorers(tables)


def test_every_figure_is_stored_with_words_and_data_and_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = report().figures
    assert {path.name for path in folder.iterdir()} == {f"{name}.{kind}" for name in FIGURES for kind in KINDS}
    for name, entry in exhibit.read(folder).items():
        assert len(pd.read_csv(folder / entry.file("csv"))) > 0
        assert entry.name == name
    folder = report(SMOKE).figures
    left_out = set(FIGURES) - set(exhibit.read(folder))
    assert "dropout-curves" in left_out
    assert "Not drawn" in ET.fromstring((folder / "dropout-curves.svg").read_text(encoding="utf-8"))[0].text
    with pytest.raises(UserError, match="is missing"):
        exhibit.read(tmp_path)
    with pytest.raises(TablesError, match="'curves' is not among those declared: cells, runs"):
        Tables.read(report().tables, ("runs", "cells")).curves  # noqa: B018
    with pytest.raises(TablesError, match=r"runs\.parquet.*theory\.parquet"):
        Tables.read(tmp_path)


def test_the_standard_study_asks_for_everything_and_a_subset_for_what_it_trains() -> None:
    standard = reading.validated(reading.load([studies.ROOT / "config.yaml"]), check_machine=False)
    assert (catalogue.asked(standard), list(drawings.asked(standard))) == ([*TABLES], [*FIGURES])
    linear = studies.entry("linear_regression", methods=["l2_penalty"], lam=[0, 3, 10], seeds=50)
    few, fewer = studies.study(linear), studies.study(linear, claims=[], sections=["setups"])
    assert {*TABLES} - {*catalogue.asked(few)} == {"decomposition", "examples"}
    assert {*catalogue.asked(few)} - {*catalogue.asked(fewer)} == {*catalogue.tables_of("ledger")}
    assert {figure.section for figure in drawings.asked(few).values()} == {"claims", "weight_decay", "study"}
    assert {*drawings.asked(fewer)} == {"setup-linear", "weight-decay-curves"}


def test_what_a_study_does_not_ask_for_could_not_have_been_drawn(tables: Tables) -> None:
    """Of each figure that asks for something: without just that there is nothing to draw."""
    without = {name: example_tables(Size(experiments=tuple({*tables.experiments} - {name}), seeds=2))
               for name in tables.experiments}  # fmt: skip
    for name, figure in FIGURES.items():
        needed = {table: TABLES[table].asked_by for table in figure.tables if TABLES[table].asked_by}
        lacking = [without[one] for one in {drawings.EXPERIMENTS.get(figure.section), *needed.values()} & {*without}]
        rows = {table: tables.table(table).iloc[:0] for table, what in needed.items() if what not in without}
        lacking += [tables.replace(**{table: none}) for table, none in rows.items()]
        assert not any(draw(name, study) for study in lacking), name


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_from_the_tables_that_the_catalogue_names(name: str, exhibits: dict[str, Drawn]) -> None:
    """A table that is read but not named would leave the figure stale when it changes."""
    one = draw(name, Tables.read(report().tables, FIGURES[name].tables))
    if name not in exhibits:
        assert one is None
        return
    assert one is not None
    assert exhibit.entry(name, one).caption == exhibits[name].caption
    assert svg_text(one.figure, name) == (report().figures / f"{name}.svg").read_text(encoding="utf-8")


def test_a_repeated_description_and_a_character_the_typeface_lacks_are_errors(tmp_path, exhibits, monkeypatch):
    monkeypatch.setattr(exhibit, "render", lambda template, facts, block: "The same.")
    one = exhibits["weight-decay-norm"]
    with pytest.raises(ValueError, match="must describe the picture"):
        exhibit.write(one.name, one.exhibit, tmp_path, "")
    monkeypatch.undo()
    one = shown("weight-decay-norm", example_tables(SMOKE))
    one.figure.text(0.5, 0.5, "漢")
    with pytest.raises(UserWarning, match="missing from font"):
        svg_text(one.figure, one.name)


@pytest.mark.parametrize("name", ALL)
def test_a_drawing_has_unique_ids_real_text_and_no_date_and_its_finding_about_two_lines(name, exhibits):
    text = (report().figures / f"{name}.svg").read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\bid="([^"]+)"', text))
    assert max(ids.values()) == 1
    assert text.count("<text") > (1 if name in SETUPS else 5)  # a picture to scale has a title a part and no axis
    assert "dc:date" not in text
    # Of the printed page; details follow in the caption's plain part.
    _, finding, plain_part = exhibits[name].caption.split("**", 2)
    assert len(finding.replace("\\", "")) <= MOST_LETTERS
    assert plain_part.strip()


@pytest.mark.parametrize("name", [name for name in ALL if "curves" not in name and name not in WITHOUT_MEANS])
def test_a_caption_counts_the_seeds_and_the_diverged_runs_behind_its_means(name, exhibits):
    one = exhibits[name]
    if name in {"tuning", *FIRST[:2]}:  # over seeds of which no strength diverged; the figures of these answers count
        assert "Means over 6 seeds" in one.caption
        return
    assert re.search(r"Means over (\d to )?6 seeds", one.caption)
    lost = 0
    if "n_diverged" in one.data:
        cell = [c for c in ("setting", "curve", "version", "method", "lam", "p") if c in one.data]
        lost = int(one.data.drop_duplicates(cell)["n_diverged"].sum())
    if lost:
        assert re.search(rf"\b{lost} runs in \d+ cells? diverged or collapsed", one.caption)
    else:
        assert "No run diverged or collapsed" in one.caption


def test_the_means_and_accounts_drawn_are_those_of_the_runs_and_bars_as_long_as_the_risk(tables, exhibits):
    drawn = exhibits["weight-decay-risk"].data
    drawn = drawn[drawn["n"].notna()]
    runs = tables.runs[tables.runs["status"] == "ok"]
    means = runs.groupby(["setting", "method", "lam"])["risk"].mean()
    assert len(drawn) > 20
    for row in drawn.dropna(subset=["mean"]).itertuples():
        method = "none" if row.lam == 0 and row.method != "ridge" else row.method  # all methods share the baseline
        assert row.mean == pytest.approx(means[row.setting, method, row.lam])
    drawn = account.parts(tables).set_index(["setting", "lam", "part"])["mean"].sort_index()
    runs = tables.account.query("setting == 'textbook' and method == 'none'")
    assert drawn["textbook", 0.0, "initialisation"] == pytest.approx(runs["initialisation"].mean())
    for setting, lam in {(setting, lam) for setting, lam, _ in drawn.index}:
        cell = drawn[setting, lam]
        assert cell.drop("risk").sum() == pytest.approx(cell["risk"])
    # Bars end at the means: what is ten thousand times as large ends as many powers of ten to the right.
    for axis, setting in zip(exhibits["weight-decay-account"].figure.axes, account.STARTS, strict=True):
        ends = {bar.get_x() + bar.get_width() for bar in axis.patches if bar.get_width() > 0}
        for lam in (0.0, 3.0):
            for part in ("risk", "signal_error", "noise_floor"):
                assert any(end == pytest.approx(drawn[setting, lam, part]) for end in ends)


def test_learning_curves_are_of_the_p_nearest_to_the_wanted_and_the_grid_has_the_crossed_cells_only(tables, exhibits):
    """With 0, 0.1, 0.5 and 0.9 studied, 0.1 stands for 0.2 and 0.9 for 0.8; medians end at the runs' own."""
    one = exhibits["dropout-strength-curves"]
    assert sorted(one.data["p"].unique()) == [0, 0.1, 0.5, 0.9]
    runs = tables.runs[(tables.runs["setting"] == "samples_500") & tables.runs["method"].isin(["none", "dropout"])]
    last = one.data[one.data["epoch"] == 100].set_index(["p", "part", "quantity"])["median"]
    scale = 1 + 3 * np.exp(-10)  # how far above its end a curve of the example is
    for p in (0, 0.1, 0.5, 0.9):
        own = runs[runs["p"] == f"{p:g}/{p:g}"]
        assert last[p, "test", "loss"] == pytest.approx(scale * own["test_loss"].median())
        assert last[p, "train", "error"] == pytest.approx(1 - scale * own["train_accuracy"].median())
        assert f"With p = {p:g} the median" in one.alt
        assert f"ends at {number(last[p, 'test', 'loss'])}" in one.alt
    # Nothing is left out and no cell is a hole; where everything was crossed there is nothing below.
    whole = shown("dropout-grid", tables)
    assert [len(axis.texts) for axis in whole.figure.axes] == [16, 16]
    runs = tables.runs
    single = (runs["lam"] == 0) | (runs["p"] == "0/0")
    part = with_runs(tables, runs[single | ((runs["lam"] == 0.003) & (runs["p"] == "0.5/0.5"))])
    one = shown("dropout-grid", part)
    assert [len(axis.texts) for axis in one.figure.axes] == [4, 4, 4, 4, 4, 4]  # 2 × 2, p alone, λ alone; two metrics
    assert all(text.get_text() for axis in one.figure.axes for text in axis.texts)
    paths = shown("dropout-grid", with_runs(tables, runs[single]))
    assert [len(axis.texts) for axis in paths.figure.axes] == [4, 4, 4, 4]


@pytest.mark.parametrize(("lam", "p", "where"), CASES["where_the_best_cell_lies"])
def test_where_the_best_cell_lies_is_found(lam: float, p: float, where: list | None) -> None:
    """In a grid whose λ and p were crossed up to 0.01 and 0.5; each alone went further."""
    lams, ps = (0.0, 0.003, 0.01), (0.0, 0.1, 0.5)
    places = [(one, other) for one in lams for other in ps] + [(0.1, 0.0), (0.0, 0.7), (0.0, 0.9)]
    table = pd.DataFrame(places, columns=["lam", "probability"])
    names = {(False, False): "none", (False, True): "dropout", (True, False): "weight_decay"}
    table["method"] = [names.get((one > 0, other > 0), "dropout_weight_decay") for one, other in places]
    best = table[(table["lam"] == lam) & (table["probability"] == p)].iloc[0]
    assert grid.edge(table, best) == (where and tuple(where))


def test_captions_follow_the_data(tables: Tables) -> None:
    """Ten times the risk in the tables is ten times the risk in the words."""
    account = tables.account.copy()
    textbook = (account["setting"] == "textbook") & (account["method"] == "none")
    account.loc[textbook, ["risk", "initialisation"]] *= 10
    changed = shown("weight-decay-account", tables.replace(account=account))
    for column in ("risk", "initialisation"):
        assert number(account.loc[textbook, column].mean(), 4) in f"{changed.caption} {changed.alt}"


def test_probes_are_compared_within_a_run_or_a_seed_without_diverged_ones(tables: Tables) -> None:
    """Seeds that differ a hundred times more than p does not show; at p = 0 the difference is nothing."""
    shift = tables.probes["run_id"].str.extract(r"seed=(\d+)")[0].astype(float)
    noisy = tables.replace(probes=tables.probes.assign(value=tables.probes["value"] + 10 * shift))
    before, after = (probes.against_none(probes.probed(study), "noise_accuracy") for study in (tables, noisy))
    np.testing.assert_allclose(after["mean"], before["mean"], atol=1e-9)
    assert (after["ci_high"] - after["ci_low"]).max() < 1e-6
    assert (after.loc[after["probability"] == 0, "mean"] == 0).all()
    runs = tables.runs.copy()
    lost = (runs["setting"] == "samples_500") & (runs["p"] == "0.5/0.5") & (runs["method"] == "dropout")
    runs.loc[lost & (runs["seed"] < 2), "status"] = "diverged"
    caption = shown("robustness", with_runs(tables, runs)).caption
    assert "2 runs in 1 cell diverged or collapsed" in caption
    assert "Means over 4 to 6 seeds" in caption
    table = probes.averaging(probes.probed(tables), "loss")
    assert table.loc[table["level"] == 10, "mean"].to_numpy() == pytest.approx(0.6 + 0.01 - 0.65)


def test_selection_looks_at_validation_data_only() -> None:
    shared = {"method": ["l2_penalty"] * 3, "lam": [1.0, 2.0, 3.0], "p": ["0"] * 3}
    test = pd.DataFrame({**shared, "mean": [1.0, 2.0, 3.0], "n_diverged": 0})
    validation = pd.DataFrame({**shared, "mean": [9.0, 5.0, 1.0], "n_diverged": [0, 0, 1]})
    chosen = chosen_on_validation(test, validation)
    assert chosen is not None
    assert chosen["lam"] == 2.0
    assert chosen["mean"] == 2.0
    assert chosen_on_validation(test, validation.iloc[:0]) is None


def test_a_method_added_later_and_a_squared_bias_below_zero_are_drawn(tables: Tables) -> None:
    runs = tables.runs[tables.runs["setting"] == "textbook"]
    new = runs[runs["method"] == "l2_penalty"].assign(method="spectral_norm")
    one = shown("weight-decay-risk", with_runs(tables, pd.concat([runs, new])))
    assert "spectral norm" in one.alt
    assert "spectral norm" in svg_text(one.figure, one.name)
    # Unbiased estimates of something near 0 fall below it.
    table = tables.decomposition.copy()
    table.loc[table["component"] == "bias", ["value", "ci_low"]] *= -1
    one = shown("bias-variance-linear", tables.replace(decomposition=table))
    ET.fromstring(svg_text(one.figure, one.name))


def test_a_cell_whose_runs_all_diverged_is_counted_and_not_drawn_and_stability_only_where_it_is_near(tables):
    runs = tables.runs.copy()
    lost = (runs["setting"] == "textbook") & (runs["method"] == "l2_penalty") & (runs["lam"] == 300)
    metrics = ["train_loss", "validation_loss", "test_loss", "weight_norm", "risk", "null_space_norm"]
    runs.loc[lost, metrics] = np.nan
    runs.loc[lost, "status"] = "diverged"
    one = shown("weight-decay-risk", with_runs(tables, runs))
    cell = one.data.query("setting == 'textbook' and method == 'l2_penalty' and lam == 300")
    assert cell["n_diverged"].item() == lost.sum()
    assert np.isnan(cell["mean"].item())
    assert "% diverged" in svg_text(one.figure, one.name)
    near = shown("weight-decay-risk", tables)
    assert "unstable from λ ≈ 650" in svg_text(near.figure, near.name)
    far = shown("weight-decay-risk", example_tables(Size(seeds=2, lam=(0.0, 1.0, 3.0), linear=("textbook",))))
    assert "unstable from" not in svg_text(far.figure, far.name)
