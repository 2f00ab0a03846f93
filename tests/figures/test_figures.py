"""The figures: drawn from whatever part of a study there is, captions computed, drawings reproducible."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from figures.example_tables import SMOKE, Size, cells, example_tables
from figures.reports import report
from regularization.figures import all_exhibits, exhibit, style, weight_decay_initialisation, weight_decay_lambda
from regularization.figures.exhibit import Exhibit, svg_text
from regularization.reporting.words import number
from regularization.tables import Tables, TablesError, chosen_on_validation

ALL = [
    "weight-decay-curves", "weight-decay-initialisation", "weight-decay-risk", "weight-decay-risk-zero-init",
    "weight-decay-norm", "weight-decay-samples", "dropout-curves", "dropout-samples", "dropout-strength",
    "dropout-grid",
]  # fmt: skip


FEW = ("textbook", "zero_init_noise_0.1", "samples_20", "samples_300")


@pytest.fixture(scope="module")
def tables() -> Tables:
    style.apply()
    return example_tables()


@pytest.fixture(scope="module")
def exhibits(tables: Tables) -> dict[str, Exhibit]:
    return {one.name: one for one in all_exhibits(tables)}


def with_runs(tables: Tables, runs: pd.DataFrame) -> Tables:
    """The same study with other runs; its cells follow."""
    return replace(tables, runs=runs, cells=cells(runs))


def test_a_study_with_both_experiments_shows_every_figure(exhibits: dict[str, Exhibit]) -> None:
    assert list(exhibits) == ALL


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(experiments=("weight_decay",), seeds=2, linear=FEW), [name for name in ALL if "weight-decay" in name]),
        (Size(experiments=("dropout",), seeds=2), [name for name in ALL if "dropout" in name]),
        (SMOKE, ["weight-decay-curves", "weight-decay-initialisation", "weight-decay-risk", "weight-decay-norm",
                 "dropout-strength", "dropout-grid"]),
        (Size(seeds=1, lam=(0.0,), linear=("samples_20",), mlp=("textbook_concise",), methods=("none",)),
         ["dropout-curves"]),
    ],
    ids=["weight decay alone", "dropout alone", "smoke: one seed", "hardly anything"],
)  # fmt: skip
def test_part_of_a_study_shows_the_figures_it_has_data_for(size: Size, expected: list[str]) -> None:
    part = example_tables(size)
    found = all_exhibits(part)
    assert [one.name for one in found] == expected
    for one in found:
        ET.fromstring(svg_text(one.figure, one.name))
        assert "nan" not in one.caption


def test_the_manifest_lists_files_that_exist_and_data_that_were_drawn() -> None:
    folder = report().figures
    entries = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in entries] == ALL
    for entry in entries:
        assert (folder / entry["svg"]).is_file()
        assert len(pd.read_csv(folder / entry["data"])) > 0
        assert entry["section"] in ("weight_decay", "dropout")


def test_a_figure_that_is_gone_leaves_no_file_behind(tmp_path: Path, exhibits: dict[str, Exhibit]) -> None:
    few = list(exhibits.values())[:2]
    exhibit.write(few, tmp_path)
    exhibit.write(few[:1], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{few[0].name}.csv", f"{few[0].name}.svg", "figures.json"}


def test_a_description_that_repeats_the_caption_is_refused(tmp_path: Path, exhibits: dict[str, Exhibit]) -> None:
    one = next(iter(exhibits.values()))
    with pytest.raises(ValueError, match="must describe the picture"):
        exhibit.write([replace(one, alt=one.caption)], tmp_path)


def test_a_character_the_typeface_lacks_is_an_error(exhibits: dict[str, Exhibit]) -> None:
    style.apply()
    one = all_exhibits(example_tables(SMOKE))[0]
    one.figure.text(0.5, 0.5, "漢")
    with pytest.raises(UserWarning, match="missing from font"):
        svg_text(one.figure, one.name)


@pytest.mark.parametrize("name", ALL)
def test_a_drawing_has_unique_ids_real_text_and_no_date(name: str) -> None:
    text = (report().figures / f"{name}.svg").read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\bid="([^"]+)"', text))
    assert max(ids.values()) == 1
    assert text.count("<text") > 5
    assert "dc:date" not in text


@pytest.mark.parametrize("name", [name for name in ALL if "curves" not in name])
def test_a_caption_counts_the_seeds_and_the_diverged_runs_behind_its_means(
    name: str, exhibits: dict[str, Exhibit]
) -> None:
    one = exhibits[name]
    assert re.search(r"Means over (1 to )?6 seeds", one.caption)
    lost = one.data.drop_duplicates(
        [c for c in ("setting", "curve", "method", "lam", "p", "quantity") if c in one.data]
    )
    lost = int(lost["n_diverged"].sum())
    if lost:
        assert re.search(rf"\b{lost} runs in \d+ cells? diverged", one.caption)
    else:
        assert "No run diverged" in one.caption


def test_the_means_drawn_are_the_means_of_the_runs(tables: Tables, exhibits: dict[str, Exhibit]) -> None:
    drawn = exhibits["weight-decay-risk"].data
    drawn = drawn[drawn["n"].notna()]
    runs = tables.runs[tables.runs["status"] == "ok"]
    means = runs.groupby(["setting", "method", "lam"])["risk"].mean()
    assert len(drawn) > 20
    for row in drawn.dropna(subset=["mean"]).itertuples():
        method = "none" if row.lam == 0 and row.method != "ridge" else row.method  # all methods share the baseline
        assert row.mean == pytest.approx(means[row.setting, method, row.lam])


def test_the_account_of_the_risk_is_the_null_space_energy_of_the_runs(tables: Tables) -> None:
    account = weight_decay_initialisation.account(tables).set_index(["setting", "quantity"])["mean"]
    runs = tables.runs.query("setting == 'textbook' and method == 'none'")
    assert account["textbook", "null space at λ = 0"] == pytest.approx((runs["null_space_norm"] ** 2).mean())
    assert account["textbook", "risk at λ = 0"] == pytest.approx(runs["risk"].mean())
    assert account["zero_init", "null space at λ = 0"] == 0


def test_captions_follow_the_data(tables: Tables) -> None:
    """Ten times the risk in the tables is ten times the risk in the words."""
    runs = tables.runs.copy()
    textbook = (runs["setting"] == "textbook") & (runs["method"] == "none")
    runs.loc[textbook, "risk"] *= 10
    expected = number(runs.loc[textbook, "risk"].mean(), 4)
    (changed,) = weight_decay_initialisation.exhibits(with_runs(tables, runs))
    assert expected in changed.caption


def test_a_method_added_later_is_drawn_without_further_ado(tables: Tables) -> None:
    runs = tables.runs[tables.runs["setting"] == "textbook"]
    new = runs[runs["method"] == "l2_penalty"].assign(method="spectral_norm")
    found = weight_decay_lambda.exhibits(with_runs(tables, pd.concat([runs, new])))
    assert "spectral norm" in found[0].alt
    assert "spectral norm" in svg_text(found[0].figure, found[0].name)


def test_the_stability_boundary_is_drawn_where_the_study_comes_near_it(tables: Tables) -> None:
    near = weight_decay_lambda.exhibits(tables)[0]
    assert "unstable from λ ≈ 650" in svg_text(near.figure, near.name)
    far = weight_decay_lambda.exhibits(example_tables(Size(seeds=2, lam=(0.0, 1.0, 3.0), linear=("textbook",))))[0]
    assert "unstable from" not in svg_text(far.figure, far.name)


def test_a_cell_whose_runs_all_diverged_is_counted_and_not_drawn(tables: Tables) -> None:
    runs = tables.runs.copy()
    lost = (runs["setting"] == "textbook") & (runs["method"] == "l2_penalty") & (runs["lam"] == 300)
    metrics = ["train_loss", "validation_loss", "test_loss", "weight_norm", "risk", "null_space_norm"]
    runs.loc[lost, metrics] = np.nan
    runs.loc[lost, "status"] = "diverged"
    one = weight_decay_lambda.exhibits(with_runs(tables, runs))[0]
    cell = one.data.query("setting == 'textbook' and method == 'l2_penalty' and lam == 300")
    assert cell["n_diverged"].item() == lost.sum()
    assert np.isnan(cell["mean"].item())
    assert "% diverged" in svg_text(one.figure, one.name)


def test_selection_looks_at_validation_data_only_and_at_no_cell_with_diverged_runs() -> None:
    shared = {"method": ["l2_penalty"] * 3, "lam": [1.0, 2.0, 3.0], "p": ["0"] * 3}
    test = pd.DataFrame({**shared, "mean": [1.0, 2.0, 3.0], "n_diverged": 0})
    validation = pd.DataFrame({**shared, "mean": [9.0, 5.0, 1.0], "n_diverged": [0, 0, 1]})
    chosen = chosen_on_validation(test, validation)
    assert chosen is not None
    assert chosen["lam"] == 2.0
    assert chosen["mean"] == 2.0
    assert chosen_on_validation(test, validation.iloc[:0]) is None


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match=r"runs\.parquet.*theory\.parquet"):
        Tables.read(tmp_path)
