"""Figures that show what a claim measures show the claim's own number."""

import numpy as np
import pandas as pd
import pytest

import claims
from figures.drawn import shown, styled
from figures.example_tables import Size, with_runs
from figures.test_figures import MOST_LETTERS
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import measure
from regularization.claims.chapter import c14_decay_is_harmless_for_large_truth
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence, network
from regularization.claims.matched import log_ratio
from regularization.naming import Key
from regularization.reporting.drawing import style
from regularization.reporting.facts import facts
from regularization.reporting.figures import draw
from regularization.reporting.figures.dropout import noise_injection, random_labels, right_or_confident, smoothness
from regularization.reporting.figures.weight_decay import large_weights
from regularization.reporting.words import fixed, number, plain
from regularization.theory.ridge_risk import ridge_risk

SIZE = Size(
    linear=("textbook", "zero_init_noise_0.1", "zero_init_large_weights", "large_weights"),
    mlp=("samples_500", "samples_2000", "random_labels_2000"),
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


def test_the_ratio_of_the_jacobians_is_the_claims_and_crosses_what_it_compares_at_equal_training_loss(tables):
    data = smoothness.ratios(smoothness.probed(tables))
    assert (data.loc[(data["method"] == "none") & (data["quantity"] != "train_loss"), "mean"] == 1).all()
    # A copy of the network without decay, trained for fewer epochs to the loss that the decayed one has.
    data = smoothness.ratios(smoothness.probed(tables))
    decayed = Key(
        "fashion_mnist", "samples_500", "weight_decay", smoothness.strongest_fitting(data, "weight_decay"), "0/0"
    )
    plain = tables.select(decayed._replace(method="none", lam=0.0))
    goal = tables.ok(decayed).set_index("seed")["train_loss"]
    shorter = plain.assign(setting="shorter", run_id=plain["run_id"] + "-shorter", train_loss=plain["seed"].map(goal))
    probes = tables.probes[tables.probes["run_id"].isin(plain["run_id"])]
    probes = probes.assign(run_id=probes["run_id"] + "-shorter", value=0.5 * probes["value"])
    settings = tables.settings[(tables.settings["setting"] == "samples_500") & (tables.settings["epochs"] > 1)]
    settings = settings[settings["experiment"] == "fashion_mnist"].assign(setting="shorter", epochs=7)
    matched = with_runs(tables, pd.concat([tables.runs, shorter])).replace(
        probes=pd.concat([tables.probes, probes]), settings=pd.concat([tables.settings, settings])
    )
    found = smoothness.ratios(smoothness.probed(matched))
    jacobian = found[found["quantity"] == "jacobian_norm"].set_index(["setting", "method", "lam"])["mean"]
    ours, theirs = jacobian["samples_500", "weight_decay", decayed.lam], jacobian["shorter", "none", 0.0]
    assert theirs == pytest.approx(0.5)
    ratio = log_ratio(Evidence(matched, np.random.default_rng(0)), decayed, "jacobian_norm")
    assert ratio.mean() == pytest.approx(np.log(theirs / ours), abs=0.05), "the claim's, seed by seed"
    caption = shown("smoothness", matched).caption
    assert "without decay, but with as much training loss, it is 0.5" in caption
    assert "Crosses: without weight decay after 7 epochs" in caption
    assert "Crosses" not in shown("smoothness", tables).caption


def test_marks_are_open_where_the_training_images_are_not_fitted_and_the_caption_says_where_none_are(tables):
    runs = tables.runs.copy()
    runs.loc[(runs["method"] == "weight_decay") & (runs["lam"] == 0.01), "train_accuracy"] = 0.98
    lower = shown("smoothness", with_runs(tables, runs)).figure.axes[2]  # training loss against λ
    opened = [line for line in lower.lines if line.get_markerfacecolor() == style.PAPER]
    assert {float(x) for line in opened for x in line.get_xdata()} == {0.01}
    unfitted = with_runs(tables, tables.runs.assign(train_accuracy=0.5))
    assert "no λ fits the training images" in shown("smoothness", unfitted).caption


def test_accuracies_with_random_labels_are_the_claims_and_true_labels_are_shown_at_the_same_number(tables):
    found = claims.measured("c18", tables)
    data = random_labels.final(tables, random_labels.settings_of(tables))
    random = data[data["labels"] == "random"].set_index("part")["mean"]
    assert random["train"] - random["test"] == pytest.approx(found.effect)
    finding = shown("random-labels", tables).finding
    assert number(random["train"]) in finding
    assert number(random["test"]) in finding
    one = shown("random-labels", tables)
    curves = one.data[one.data["of"] == "curve"]
    assert set(curves["setting"]) == {"random_labels_2000", "samples_2000"}


def test_where_true_labels_had_other_images_or_epochs_or_there_were_many_the_words_follow(tables: Tables) -> None:
    """Their accuracies are not those of the images that had random labels."""

    def finding(**true: int) -> str:
        settings = tables.settings.copy()
        settings.loc[settings["setting"] == "samples_2000", list(true)] = list(true.values())
        return shown("random-labels", tables.replace(settings=settings)).finding

    assert finding().count("on 2,000 images (30 epochs)") == 1
    for other, words in (({"n_train": 1900}, "1,900 images (30 epochs)"), ({"epochs": 90}, "2,000 images (90 epochs)")):
        random, true = finding(**other).split(";")
        assert "on 2,000 images (30 epochs)" in random
        assert f"with true labels on {words}" in true
        assert len(finding(**other)) <= MOST_LETTERS
    assert "short of the 5" in shown("random-labels", tables).caption
    many = tables.replace(settings=tables.settings.replace({"n_train": {2000: 20_000}}))
    assert "short of the 5" not in shown("random-labels", many).caption


def test_the_difference_between_the_noises_is_the_claims_and_each_begins_at_the_network_without_any(tables):
    found = measure(claims.CLAIMS["c25"], tables, "test_loss")
    one = shown("noise-injection", tables)
    assert fixed(-found.effect, 3)[:-1] in one.finding
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
    assert list(dict.fromkeys(one.data["method"])) == list(right_or_confident.METHODS)
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
    assert f"with one temperature a run by {number(difference)}" in one.finding
    assert f"(λ = {plain(decayed.lam)})" in one.caption


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
    assert set(rows["setting"]) == {name for name in tables.studied("fashion_mnist") if not name.startswith("textbook")}
    row = rows[(rows["setting"] == "samples_500") & (rows["method"] == "no regularization")].iloc[0]
    kept = tables.calibration[tables.calibration["run_id"].isin(tables.runs.loc[cell].drop(hit)["run_id"])]
    assert row["temperature"] == number(kept["temperature"].mean(), 3)
    assert row["ece"] == fixed(100 * kept["ece"].mean(), 1)
