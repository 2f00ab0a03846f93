"""What the figures of the linear experiment draw: equivalences, implementations, stability, and the expected curve."""

import re

import numpy as np
import pandas as pd
import pytest

from figures.drawn import shown, styled
from figures.example_tables import Size, changed, with_runs
from regularization.analysis.tables import Tables
from regularization.naming import Key
from regularization.reporting.figures import draw
from regularization.reporting.figures.weight_decay import equivalences, implementations, null_space, risk_by_lambda
from regularization.reporting.words import number

PUBLISHED, MAPPED = (version.style.label for version in (implementations.PUBLISHED, implementations.MAPPED))

tables = styled(Size(experiments=("linear_regression",)))


def test_marks_of_the_equivalences_are_the_means_of_the_runs_and_need_ridge(tables: Tables) -> None:
    one = shown("weight-decay-equivalences", tables)
    runs = tables.runs[tables.runs["status"] == "ok"]
    means = runs.groupby(["setting", "method", "lam"])[["weight_norm", "risk"]].mean()
    assert {"converged", "zero_init_noise_0.1"} == set(one.data["setting"])
    for row in one.data.dropna(subset=["mean"]).itertuples():
        assert (row.norm, row.mean) == pytest.approx(tuple(means.loc[(row.setting, row.method, row.lam)]))
    assert draw("weight-decay-equivalences", with_runs(tables, tables.runs[tables.runs["method"] != "ridge"])) is None


def same_as_ridge(tables: Tables) -> Tables:
    """A study in which every method's run is ridge's at the same λ."""
    runs = tables.runs
    ridge = runs[runs["method"] == "ridge"].set_index(["setting", "lam", "seed"])
    keys = pd.MultiIndex.from_frame(runs[["setting", "lam", "seed"]])
    metrics = ["weight_norm", "risk"]
    return with_runs(tables, runs.assign(**{metric: ridge[metric].reindex(keys).to_numpy() for metric in metrics}))


def test_methods_that_are_ridge_lie_on_its_path_at_the_same_norm_and_others_are_named_with_their_distance(tables):
    equal = same_as_ridge(tables)
    data = equivalences.paths(equal, ("converged",))
    assert data["apart"].notna().sum() > 6
    assert data["apart"].abs().max() < 1e-12
    one = "setting == 'converged' and method == 'norm_constraint' and lam == 3"
    off = changed(equal, one, risk=lambda runs: 1.07 * runs["risk"])
    data = equivalences.paths(off, ("converged",))
    assert data.loc[data["method"] == "norm_constraint", "apart"].max() == pytest.approx(0.07)
    one = shown("weight-decay-equivalences", off)
    assert "Farthest from ridge's path: norm constraint (7.0\u202f% of the risk, trained to convergence)" in one.caption
    # A method whose λ mean something else, but whose solutions are ridge's, is equivalent to it.
    equal = same_as_ridge(tables)
    runs = equal.runs.copy()
    chosen = (runs["setting"] == "converged") & (runs["method"] == "l2_penalty")
    runs.loc[chosen, "lam"] *= 7
    data = equivalences.paths(with_runs(equal, runs), ("converged",))
    own = data[data["method"] == "l2_penalty"]
    assert 21 in set(own["lam"])
    assert own["apart"].abs().max() < 1e-12
    lost = changed(
        tables, "setting == 'converged' and method == 'l2_penalty' and lam == 3 and seed == 0", status="diverged"
    )
    data = equivalences.paths(lost, ("converged",))
    assert data[(data["method"] == "l2_penalty") & (data["lam"] == 3)]["apart"].isna().all()
    before, after = (shown("weight-decay-equivalences", study) for study in (tables, lost))
    words = re.compile(r"(\d+) cells in which a run diverged or collapsed are left out")
    assert int(words.search(after.caption)[1]) == int(words.search(before.caption)[1]) + 1


def test_differences_of_the_versions_are_those_of_the_runs_paired_by_seed_and_need_the_concise_version(tables):
    found = implementations.differences(tables)
    scratch, mapped, published = (
        tables.ok(Key("linear_regression", setting, method, lam, "0")).set_index("seed")["risk"]
        for setting, method, lam in (
            ("textbook", "l2_penalty", 3.0),
            ("concise_mapped", "weight_decay", 6.0),
            ("concise_published", "weight_decay", 3.0),
        )
    )
    for version, concise in ((MAPPED, mapped), (PUBLISHED, published)):
        own = found[(found["version"] == version) & (found["lam"] == 3)].set_index("seed")["difference"]
        pd.testing.assert_series_equal(own, concise / scratch - 1, check_names=False)
    assert found.loc[found["version"] == MAPPED, "difference"].abs().max() < 1e-14
    assert found.loc[found["version"] == PUBLISHED, "difference"].abs().min() > 1e-6
    runs = tables.runs[~tables.runs["setting"].str.startswith("concise")]
    assert draw("weight-decay-implementations", with_runs(tables, runs)) is None


def test_one_mapped_run_that_is_not_the_same_shows_in_the_caption_and_risks_stand_at_the_mapped_lambda(tables):
    same = shown("weight-decay-implementations", tables)
    assert "mapped, no run at any λ differs by more than" in same.caption
    off = changed(
        tables, "setting == 'concise_mapped' and lam == 6 and seed == 2", risk=lambda runs: 1.25 * runs["risk"]
    )
    one = shown("weight-decay-implementations", off)
    assert "differs by more than 0.25 of its risk" in one.caption
    row = one.data[(one.data["version"] == MAPPED) & (one.data["lam"] == 3) & (one.data["quantity"] != "risk")]
    assert row["ci_high"].item() == pytest.approx(0.25)
    data = implementations.risks(tables)
    mapped = data[data["version"] == MAPPED].set_index("lam")["mean"]
    cell = tables.cell(Key("linear_regression", "concise_mapped", "weight_decay", 6.0, "0"), "risk")
    assert cell is not None
    assert mapped[3.0] == pytest.approx(cell.mean)


def test_shares_of_diverged_runs_and_the_boundary_found_are_those_of_the_runs_on_both_its_sides(tables):
    one = shown("weight-decay-stability", tables)
    for row in one.data[one.data["method"] != "theory"].itertuples():
        cell = tables.select(Key("linear_regression", row.setting, row.method, row.lam, "0"))
        assert row.share == pytest.approx((cell["status"] != "ok").mean())
        assert row.norm == pytest.approx(cell["weight_norm"].median())
        assert row.ci_low - 1e-12 <= row.share <= row.ci_high + 1e-12
    assert one.data["n_diverged"].sum() > 0
    assert draw("weight-decay-stability", with_runs(tables, tables.runs[tables.runs["lam"] < 600])) is None
    near = "setting == 'textbook' and lam > 200 and method in ('l2_penalty', 'weight_decay')"
    kept = with_runs(tables, tables.runs[tables.runs["setting"] == "textbook"])
    none = shown("weight-decay-stability", changed(kept, near, status="ok"))
    assert "up to λ = 700 no run diverges" in none.caption
    every = shown("weight-decay-stability", changed(kept, f"{near} and lam == 700", status="diverged"))
    assert "up to λ = 300 no run diverges, from λ = 700 all do" in every.caption
    some = shown(
        "weight-decay-stability",
        changed(changed(kept, near, status="ok"), f"{near} and lam == 300 and seed == 0", status="diverged"),
    )
    assert "some do at λ = 300" in some.caption


def test_learning_curves_are_the_first_run_over_the_band_of_all(tables: Tables) -> None:
    one = shown("weight-decay-curves", tables)
    assert set(one.data["lam"]) == {0.0, 3.0}
    curve = tables.curve(tables.baseline("linear_regression", "textbook"))
    own = curve[curve["seed"] == 0].sort_values("epoch")["test_loss"].to_numpy()
    assert any(np.array_equal(line.get_ydata(), own) for line in one.figure.axes[0].lines)
    last = curve[curve["epoch"] == curve["epoch"].max()]["test_loss"].median()
    assert f"{number(last)} on new data" in one.caption


def test_the_weights_slide_along_the_input_only_and_weight_decay_shrinks_what_lies_across() -> None:
    across = np.array([-null_space.X[1], null_space.X[0]])
    free, decayed = (null_space.paths(lam) @ across for lam in (0.0, null_space.LAM))
    assert free == pytest.approx(np.repeat(free[:, :1], free.shape[1], axis=1))
    factor = (1 - null_space.RATE * null_space.LAM) ** null_space.N_STEPS
    assert decayed[:, -1] == pytest.approx(factor * decayed[:, 0])
    assert null_space.paths(0.0)[:, -1] @ null_space.X == pytest.approx(null_space.Y, abs=1e-3)


def test_theory_is_drawn_where_its_methods_were_measured_and_named_in_the_legend(tables: Tables) -> None:
    one = shown("weight-decay-risk", tables)
    names = {text.get_text() for legend in one.figure.legends for text in legend.get_texts()}
    for quantity, (words, methods) in risk_by_lambda.TRAINED.items():
        drawn = one.data[(one.data["method"] == words) & (one.data["setting"] == "textbook")]
        cells_of = one.data[one.data["method"].isin(methods) & (one.data["setting"] == "textbook")]
        assert set(drawn["lam"]) == set(cells_of.dropna(subset=["mean"])["lam"])
        own = tables.reference("textbook", quantity).set_index("lam")["value"]
        assert drawn["mean"].tolist() == own[drawn["lam"]].tolist()
        lines = [line.get_ydata() for line in one.figure.axes[0].lines]
        assert drawn.empty or any(np.array_equal(line, drawn["mean"]) for line in lines), words
    assert "trained, in theory" in names
    without = tables.replace(theory=tables.theory[~tables.theory["quantity"].isin(risk_by_lambda.TRAINED)])
    bare = shown("weight-decay-risk", without)
    assert "what theory expects" in one.caption
    assert "what theory expects" not in bare.caption
