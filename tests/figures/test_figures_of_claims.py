"""Figures that show what a claim measures show the claim's own number."""

import numpy as np
import pandas as pd
import pytest

import claims
from figures.drawn import shown, styled
from figures.example_tables import Size, with_runs
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import measure
from regularization.claims.chapter import c14_decay_is_harmless_for_large_truth
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence, network
from regularization.claims.matched import log_ratio
from regularization.naming import Key
from regularization.reporting.facts import facts
from regularization.reporting.figures import draw
from regularization.reporting.figures.dropout import curves, noise_injection, probes, right_or_confident
from regularization.reporting.figures.weight_decay import large_weights
from regularization.reporting.words import fixed, number, plain, verbatim
from regularization.theory.ridge_risk import ridge_risk

SIZE = Size(
    linear=("textbook", "zero_init_noise_0.1", "zero_init_large_weights", "large_weights"),
    mlp=("samples_500", "samples_500_shorter", "samples_2000", "random_labels_3920"),
)

tables = styled(SIZE)


def test_the_change_of_the_risk_is_the_claims_and_the_minimiser_with_many_samples_about_so(tables: Tables) -> None:
    claim = c14_decay_is_harmless_for_large_truth
    found = claims.measured("c14", tables)
    data = large_weights.ratios(tables, claim.SETTING).set_index("lam")
    assert data.loc[CHAPTER_LAM, "mean"] == pytest.approx(1 + claims.number(found, "relative"), abs=0.05)
    assert data.loc[0.0, "mean"] == 1
    one = shown("weight-decay-large-weights", tables)
    assert f"{number(data.loc[CHAPTER_LAM, 'mean'])} times as large with 20 examples" in one.caption
    # There from one draw of the inputs, here in the limit of large samples and inputs.
    theory = large_weights.minimiser(tables, np.array([0.0, CHAPTER_LAM])).set_index("lam")["mean"]
    x, lams = np.random.default_rng(0).standard_normal((1, large_weights.N_MANY, 200)), np.array([0.0, CHAPTER_LAM])
    without, decayed = ridge_risk(x, np.full(200, 0.1), 0.1, lams).total[0]
    assert theory[CHAPTER_LAM] == pytest.approx(decayed / without, rel=0.05)
    assert theory[0.0] == 1
    runs = tables.runs[tables.runs["setting"] != large_weights.FEW]
    assert draw("weight-decay-large-weights", with_runs(tables, runs)) is None


def test_the_ratio_of_the_jacobians_is_the_claims_at_equal_training_loss(tables: Tables) -> None:
    data = probes.matched(tables)
    assert set(data["method"]) == {"weight_decay", "dropout"}
    evidence = Evidence(tables, np.random.default_rng(0))
    for row in data.itertuples():
        key = Key("fashion_mnist", "samples_500", row.method, row.lam, row.p)
        assert row.mean == pytest.approx(np.exp(-log_ratio(evidence, key, row.output).mean()))
    alone = tables.runs[tables.runs["setting"] != "samples_500_shorter"]
    assert draw("smoothness", with_runs(tables, alone)) is None, "nothing fits as closely"


def test_accuracies_with_random_labels_are_the_claims_and_true_labels_are_shown_at_the_same_number(tables):
    found = claims.measured("c18", tables)
    random = curves.fits(tables)["random"]
    assert random["train"] - random["test"] == pytest.approx(found.effect)
    one = shown("random-labels", tables)
    assert set(one.data["setting"]) == {"random_labels_3920", "samples_2000"}


def test_the_difference_between_the_noises_is_the_claims_and_each_begins_at_the_network_without_any(tables):
    found = measure(claims.CLAIMS["c25"], tables, "test_loss")
    one = shown("noise-injection", tables)
    assert fixed(-found.effect, 3)[:-1] in one.caption
    chosen = one.data[one.data["chosen"] & (one.data["metric"] == "test_loss")].set_index("method")["mean"]
    assert chosen["input_noise"] - chosen["layer_noise"] == pytest.approx(found.effect)
    data = noise_injection.by_variance(tables, "samples_500", "test_loss")
    start = data[data["variance"] == 0]
    assert set(start["method"]) == {*noise_injection.ADDED, *noise_injection.MULTIPLIED}
    assert start["mean"].tolist() == [start["mean"].iloc[0]] * len(start)
    dropped = data[(data["method"] == "dropout") & (data["p"] == "0.9/0.9")]
    assert dropped["variance"].item() == pytest.approx(9)


def test_noise_in_every_layer_is_drawn_at_the_variance_in_hidden_layers_that_validation_data_choose(tables: Tables):
    runs = tables.runs[tables.runs["method"] != "layer_noise"]
    noisy = tables.runs[(tables.runs["method"] == "layer_noise") & (tables.runs["lam"] == 0.3)]
    cells = [(0.0, "0.1/0.1", 0.1), (0.3, "0.1/0.1", 0.0), (0.3, "0.3/0.3", 0.2)]
    more = []
    for lam, p, worse in cells:
        loss, name = noisy["validation_loss"] + worse, noisy["run_id"] + f":{lam}:{p}"
        more.append(noisy.assign(lam=lam, p=p, run_id=name, validation_loss=loss))
    changed = with_runs(tables, pd.concat([runs, *more], ignore_index=True))
    data = noise_injection.by_variance(changed, "samples_500", "test_loss")
    assert data.loc[data["method"] == "layer_noise", ["lam", "p", "variance"]].to_numpy().tolist() == [
        [0.0, "0.1/0.1", 0.0],
        [0.3, "0.1/0.1", 0.3],
    ]
    assert "there with variance 0.1, which" in shown("noise-injection", changed).caption


def test_where_no_noise_is_best_or_none_can_be_chosen_the_caption_says_so(tables: Tables) -> None:
    runs = tables.runs.copy()
    noisy = runs["method"].isin(noise_injection.ADDED)
    runs.loc[noisy, ["validation_loss", "test_loss"]] += 10
    assert "choose no noise" in shown("noise-injection", with_runs(tables, runs)).caption
    one = shown("noise-injection", with_runs(tables, tables.runs.assign(validation_loss=np.nan)))
    assert one.finding == "Test error against the variance of the noise."
    assert "Rings" not in one.caption
    assert not one.data["chosen"].any()


def test_confidence_is_drawn_beside_accuracy_at_the_strengths_that_validation_chooses(tables: Tables) -> None:
    one, evidence = shown("right-or-confident", tables), Evidence(tables, np.random.default_rng(0))
    assert list(dict.fromkeys(one.data["method"])) == list(right_or_confident.METHODS)[:-1]
    assert set(shown("at-its-best", tables).data["method"]) == set(right_or_confident.METHODS)
    for method, cell in one.data.groupby("method"):
        key = evidence.chosen("samples_500", method)
        assert (key.lam, key.p) == (cell["lam"].iloc[0], cell["p"].iloc[0])
        drawn = cell.set_index("metric")["mean"]
        for metric in ("confidence", "tempered_loss"):
            assert drawn[metric] == pytest.approx(evidence.values(key, metric).mean())
        assert drawn["accuracy"] == pytest.approx(evidence.values(key, "test_accuracy").mean())
        assert drawn["loss"] == pytest.approx(evidence.values(key, "test_loss").mean())
    decayed = evidence.chosen("samples_500", "weight_decay")
    difference = evidence.differences(decayed, tables.baseline("fashion_mnist", "samples_500"), "tempered_loss").mean()
    found = right_or_confident.at_best(tables)
    assert found is not None
    assert found.methods["weight_decay"].change["tempered_loss"].mean == pytest.approx(difference)
    assert found.methods["weight_decay"].strength == f"λ = {plain(decayed.lam)}"


def test_without_validation_images_or_calibration_confidence_is_not_drawn(tables: Tables) -> None:
    for calibration in (pd.DataFrame(), tables.calibration.assign(tempered_loss=np.nan)):
        without = tables.replace(calibration=calibration)
        assert draw("right-or-confident", without) is None
        assert facts.calibration(without).empty
        with pytest.raises(NotMeasured):
            Evidence(without, np.random.default_rng(0)).values(network(), "tempered_loss")


def test_every_network_cell_with_a_temperature_is_a_row_of_means_over_the_runs_that_did_not_diverge(tables) -> None:
    cell = (tables.runs["setting"] == "samples_500") & (tables.runs["method"] == "none")
    hit = tables.runs.index[cell][:1]
    status = tables.runs["status"].mask(tables.runs.index.isin(hit), "diverged")
    diverged = with_runs(tables, tables.runs.assign(status=status))
    rows = facts.calibration(diverged)
    kept_some = {name for name in tables.studied("fashion_mnist") if not name.startswith("textbook")}
    assert set(rows["setting"]) == {*map(verbatim, kept_some)}
    row = rows[(rows["setting"] == verbatim("samples_500")) & (rows["method"] == "no regularization")].iloc[0]
    kept = tables.calibration[tables.calibration["run_id"].isin(tables.runs.loc[cell].drop(hit)["run_id"])]
    assert row["temperature"] == number(kept["temperature"].mean(), 3)
    assert row["ece"] == fixed(100 * kept["ece"].mean(), 1)
