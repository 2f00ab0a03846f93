"""The batched trainer: a run's numbers depend on the run alone, and they obey the laws of the science."""

from collections.abc import Container, Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

import shared
from cohorts import (
    LINEAR_METHODS,
    NETWORK_METHODS,
    TINY,
    linear_cells,
    made_up_images,
    network_cells,
    rows,
    same_bits,
    same_numbers,
    settings_of,
    train,
)
from regularization.columns import ACTIVATION_VARIANCES
from regularization.draws import Draws
from regularization.methods import Method, method_class, method_names
from regularization.reporting.drawing import style
from regularization.settings import FashionMLPSetting
from regularization.streams import generator
from regularization.system import fashion_mnist
from regularization.theory.data import training_inputs
from regularization.theory.stability import stability_boundary
from regularization.training.loop import status_of, train_cohort
from regularization.training.network import Network
from regularization.training.tasks import Assignment, log_spaced_epochs, programs
from regularization.training.tasks.fashion_mnist import FashionMLP, training_images, training_labels, validation_images
from regularization.training.tasks.linear_regression import TILE, WIDTH
from studies import entry, planned

# One method of every kind of program: these run under other processors' arithmetic too. The others multiply and update
# as one of them does.
LINEAR_KINDS = {"weight_decay", "norm_constraint", "input_noise", "dropout", "ridge"}
NETWORK_KINDS = {"weight_decay", "dropout", "layer_noise", "max_norm", "adamw"}


def each_of(methods: Iterable[str], kinds: Container[str]) -> pytest.MarkDecorator:
    """A test of every method; those of `kinds` are marked `arithmetic`."""
    marked = [pytest.param(name, marks=[pytest.mark.arithmetic] * (name in kinds)) for name in methods]
    return pytest.mark.parametrize("method", marked)


@pytest.fixture(scope="module")
def images() -> fashion_mnist.Images:
    return made_up_images(n_test=500)


@each_of(LINEAR_METHODS, LINEAR_KINDS)
def test_a_linear_run_depends_neither_on_its_cohorts_size_nor_on_its_place_in_it(method):
    catalogue = {"textbook": {"epochs": 20}, "noisy": {"epochs": 20, "noise_std": 0.1}}
    settings = settings_of("linear_regression", **catalogue, larger={"epochs": 3, "n_train": 50})
    cells = linear_cells(method)
    parts = [rows("linear_regression", name, method, cells, range(5)) for name in settings]
    whole = pd.concat(parts, ignore_index=True)
    result = train(whole, settings)
    alone = train(rows("linear_regression", "noisy", method, cells[-1:], [1]), settings)
    same_numbers(alone, result)
    same_numbers(train(whole.sample(frac=1, random_state=1), settings), result)
    same_numbers(train(whole[whole["seed"].isin([1, 3]) & (whole["setting"] != "textbook")], settings), result)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@each_of(["l2_penalty", "weight_decay", "early_stopping", "norm_constraint", "ridge"], LINEAR_KINDS)
def test_a_linear_run_has_the_same_bits_at_every_place_of_a_program(method, dtype):
    """Also with one sample in the last batch, fewer features and more samples than features."""
    shapes = {"textbook": {}, "one": {"batch_size": 19}, "few": {"n_features": 17, "n_train": 31, "batch_size": 7}}
    settings = settings_of("linear_regression", **{name: {"epochs": 3, **shape} for name, shape in shapes.items()})
    cells = [(50 + k, "0") for k in range(WIDTH + 3)]  # two programs
    alone_in_other_places_and_widths = cells[:1], cells[1 : TILE + 1], cells[3:20], cells[20:], cells[-1:]
    for name in settings:
        together = train(rows("linear_regression", name, method, cells, range(3)), settings, dtype=dtype)
        for some in alone_in_other_places_and_widths:
            same_numbers(train(rows("linear_regression", name, method, some, [1]), settings, dtype=dtype), together)


@each_of(NETWORK_METHODS, NETWORK_KINDS)
def test_a_network_run_depends_neither_on_its_cohorts_size_nor_on_its_place_in_it(method, images):
    settings = settings_of("fashion_mnist", tiny=TINY)
    cells = network_cells(method)
    whole = rows("fashion_mnist", "tiny", method, cells[:1], range(3)).assign(probes=method == "dropout")
    result = train(whole, settings, images)
    same_numbers(train(whole[whole["seed"] == 1], settings, images), result)
    same_numbers(train(whole.iloc[:0:-1], settings, images), result)


@pytest.mark.arithmetic
@pytest.mark.parametrize("odd", [{"batch_size": 13}, {"hidden": (1,)}], ids=["batch of one", "layer of one"])
def test_a_network_that_is_alone_multiplies_single_rows_and_columns_as_among_others(odd, images):
    settings = settings_of("fashion_mnist", tiny={**TINY, **odd})
    p = "0.5/0.5" if "hidden" not in odd else "0.5"
    whole = rows("fashion_mnist", "tiny", "dropout_weight_decay", [(0.01, p)], range(3)).assign(probes="hidden" in odd)
    alone = train(whole[whole["seed"] == 1], settings, images)
    same_numbers(alone, train(whole, settings, images))
    assert len(alone.runs) == 1


@pytest.mark.parametrize(
    "method",
    [
        *("weight_decay", "l1_penalty", "dropout", "dropconnect", "dropout_weight_decay", "layer_noise"),
        *("gaussian_dropout", "max_norm", "adamw"),
    ],
)
def test_runs_with_different_lam_or_p_can_share_a_network_program(method, images):
    """With cohort_by lacking λ and p the decay is a tensor instead of a number: equal up to rounding, masks exactly."""
    settings = settings_of("fashion_mnist", tiny=TINY)
    cells = network_cells(method)

    def runs_of(some):
        return train(rows("fashion_mnist", "tiny", method, some, range(2)), settings, images).runs.set_index("run_id")

    together, metrics = runs_of(cells), ["train_loss", "test_loss", "weight_norm"]
    for cell in cells:
        apart = runs_of([cell])
        np.testing.assert_allclose(together.loc[apart.index, metrics], apart[metrics], rtol=1e-5)


def test_every_method_has_a_file_with_one_class_and_trains_what_it_says(images):
    assert {*LINEAR_METHODS, *NETWORK_METHODS} == {*style.METHODS} <= {*method_names()}, "a user may have added one"
    for name in style.METHODS:
        assert issubclass(method_class(name), Method)
        assert method_class(name).name() == name
        linear = name in (*LINEAR_METHODS, "dropout_weight_decay")
        assert ("linear_regression" in method_class(name).experiments) == linear
        assert ("fashion_mnist" in method_class(name).experiments) == (name in NETWORK_METHODS)


def linear(method, cells, seeds, **setting):
    """The result of one setting's runs."""
    settings = settings_of("linear_regression", setting=setting)
    return train(rows("linear_regression", "setting", method, cells, seeds), settings)


def test_what_the_data_cannot_see_shrinks_by_one_minus_eta_lam_a_step():
    for method, lam in (("none", 0), ("l2_penalty", 3), ("weight_decay", 3)):
        result = linear(method, [(lam, "0")], range(10))
        start = result.curves[result.curves["epoch"] == 0].set_index("run_id")["null_space_norm"]
        end = result.runs.set_index("run_id")["null_space_norm"]
        np.testing.assert_allclose(end, start[end.index] * (1 - 0.003 * lam) ** 400, rtol=1e-9)
        assert 11 < start.mean() < 16, "√180 ≈ 13.4 at init_std 1"


def test_at_convergence_penalty_and_constraint_are_ridge():
    setting = {"init_std": 0.0, "noise_std": 0.1, "batch_size": 20, "learning_rate": 0.06, "epochs": 4000}
    cells = [(1, "0"), (5, "0"), (10, "0")]
    ridge = linear("ridge", cells, range(3), **setting)
    for method in ("l2_penalty", "weight_decay", "norm_constraint"):
        trained = linear(method, cells, range(3), **setting)
        metrics = ["risk", "train_loss", "weight_norm"]
        np.testing.assert_allclose(trained.runs[metrics], ridge.runs[metrics], rtol=1e-6, err_msg=method)
        np.testing.assert_allclose(trained.predictions["weight"], ridge.predictions["weight"], atol=1e-8)


def test_risk_is_what_a_large_test_sample_measures():
    runs = linear("none", [(0, "0")], [0, 1], noise_std=0.1, n_test=200_000, n_features=20, epochs=5).runs
    np.testing.assert_allclose(runs["test_loss"], runs["risk"], rtol=0.02)


@pytest.mark.arithmetic
def test_beyond_the_stability_boundary_runs_diverge_and_are_recorded():
    boundary = stability_boundary(np.stack(list(training_inputs(20, 200, 5))), 0.003)
    assert ((boundary > 600) & (boundary < 680)).all()
    runs = linear("l2_penalty", [(300, "0"), (800, "0"), (1e6, "0")], range(5)).runs
    status = runs.groupby("lam")["status"].agg(set).to_dict()
    assert status == {300.0: {"ok"}, 800.0: {"diverged"}, 1e6: {"diverged"}}


@pytest.mark.arithmetic
def test_a_run_that_ends_a_little_above_a_tiny_start_is_ok_and_one_that_grows_has_diverged():
    """From zero the objective starts at half the targets' mean square; at λ of 200 and 300 some runs end above it."""
    still = linear("l2_penalty", [(200, "0"), (300, "0")], range(40), init_std=0.0).runs
    assert (still["status"] == "ok").all()
    noises = [generator("data", seed, part=1).standard_normal(20) for seed in range(40)]
    targets = [
        0.05 + x.sum(axis=1) * 0.01 + 0.01 * e for x, e in zip(training_inputs(20, 200, 40), noises, strict=True)
    ]
    start = still["seed"].map({seed: (y**2).mean() / 2 for seed, y in enumerate(targets)})
    end = still["train_loss"] / 2 + still["lam"] / 2 * still["weight_norm"] ** 2
    assert (end > start).any(), "nothing ends above its start: this test tests nothing"
    assert (end < 10 * start).all()
    growing = linear("l2_penalty", [(700, "0")], range(10)).runs
    assert (growing["status"] == "diverged").all()
    assert np.isfinite(growing["weight_norm"]).all()


@pytest.mark.arithmetic
def test_a_run_that_had_learnt_and_ends_with_nothing_has_collapsed():
    for wanted, runs in shared.cases(__file__).items():
        start, end, losses, above_chance = (np.array(part, dtype=float) for part in zip(*runs, strict=True))
        assert status_of(start, end, losses.T, above_chance).tolist() == [wanted] * len(runs)


def test_networks_that_a_long_step_threw_back_to_chance_have_collapsed_and_linear_models_have_no_chance(images):
    thrown = {**TINY, "n_train": 200, "batch_size": 20, "learning_rate": 0.5, "schedule": "constant", "epochs": 12}
    small = replace(images, test_images=images.test_images[:500], test_labels=images.test_labels[:500])
    result = train(
        rows("fashion_mnist", "s", "none", [(0, "0/0")], range(6)), settings_of("fashion_mnist", s=thrown), small
    )
    losses = result.curves.groupby("run_id")["train_loss"]
    learnt = losses.min() < 0.9 * losses.first()
    runs = result.runs.set_index("run_id")
    nothing = (runs["train_accuracy"] <= 0.12) | (losses.last() >= losses.first())
    assert ((runs["status"] == "collapsed") == (learnt & nothing)).all()
    assert set(runs["status"]) == {"ok", "collapsed"}, "some of both: else this test tests nothing"
    assert set(linear("none", [(0, "0")], range(3)).runs["status"]) == {"ok"}


def test_curves_have_the_variance_of_hidden_activations_over_the_first_test_images(images):
    settings = settings_of("fashion_mnist", two=TINY, one={**TINY, "hidden": (7,)})
    for name, setting in settings.items():
        runs = rows("fashion_mnist", name, "none", [(0, "0/0" if name == "two" else "0")], [3])
        first = train(runs, settings, images).curves.iloc[0]
        network, h = FashionMLP(runs, setting, images).initial_network(), images.test_images[:2_000] / 255
        for layer, column in enumerate(ACTIVATION_VARIANCES):
            if layer >= len(setting.hidden):
                assert np.isnan(first[column])
                continue
            h = np.maximum(h @ network.weights[layer][0].double().numpy() + network.biases[layer][0].numpy(), 0)
            assert first[column] == pytest.approx(h.var(axis=0).mean(), rel=1e-5)
    assert linear("none", [(0, "0")], [0]).curves[[*ACTIVATION_VARIANCES]].isna().all(axis=None)


def test_the_written_out_backward_pass_is_autograds_gradient():
    torch.manual_seed(0)
    sizes = (7, 6, 5, 3)
    weights = [torch.randn(2, a, b, dtype=torch.float64) for a, b in pairwise(sizes)]
    biases = [torch.randn(2, 1, b, dtype=torch.float64) for b in sizes[1:]]
    x, labels = torch.randn(2, 4, 7, dtype=torch.float64), torch.randint(0, 3, (2, 4))
    one_hot = torch.nn.functional.one_hot(labels, 3).double()
    method, draws, rate = method_class("dropout")(p=(0.2, 0.5), n_hidden=2), Draws([3, 4]), 0.1

    leaves = [t.clone().requires_grad_() for t in (*weights, *biases)]
    h = x
    for layer in range(3):
        h = h @ leaves[layer] + leaves[3 + layer]
        if layer < 2:
            h = torch.relu(h)
            h = h * draws.dropout_mask((0.2, 0.5)[layer], h, part=layer)
    # The mean over the batch of each group's loss; groups are independent, so their sum has their gradients.
    loss = -(torch.log_softmax(h, dim=2) * one_hot).sum(dim=2).mean(dim=1).sum()
    gradients = torch.autograd.grad(loss, leaves)
    expected = [leaf.detach() - rate * gradient for leaf, gradient in zip(leaves, gradients, strict=True)]

    network = Network([w.clone() for w in weights], [b.clone() for b in biases])
    network.sgd_step(x, lambda out: (torch.softmax(out, 2) - one_hot) / 4, method, draws, rate)
    for measured, wanted in zip((*network.weights, *network.biases), expected, strict=True):
        torch.testing.assert_close(measured, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.arithmetic
def test_dropout_masks_are_shared_over_p_fresh_at_every_step_and_layer_and_unbiased():
    like, draws = torch.ones(2, 200, 100), Draws([5, 6])
    few, many = draws.dropout_mask(0.2, like), draws.dropout_mask(0.5, like)
    assert not (few.eq(0) & many.ne(0)).any(), "a unit dropped at p = 0.2 is dropped at p = 0.5"
    assert set(few.unique().tolist()) == {0.0, 1.25}
    for p, mask in ((0.2, few), (0.5, many)):
        error = np.sqrt(p / (1 - p) / mask.numel())
        assert abs(mask.mean().item() - 1) < 4 * error
    assert not torch.equal(few[0], few[1])
    assert not torch.equal(few, draws.dropout_mask(0.2, like, part=1))
    draws.step = 1
    assert not torch.equal(few, draws.dropout_mask(0.2, like))
    assert draws.dropout_mask(1.0, like).eq(0).all()
    assert draws.dropout_mask(0.0, like).eq(1).all()
    mixed = draws.dropout_mask(torch.tensor([0.2, 1.0])[:, None, None], like)
    assert torch.equal(mixed[0], draws.dropout_mask(0.2, like)[0])
    assert mixed[1].eq(0).all()


def test_seeds_train_on_disjoint_blocks_and_never_on_validation_images():
    setting = settings_of("fashion_mnist", tiny={**TINY, "n_train": 500})["tiny"]
    blocks = np.concatenate([training_images(setting, seed) for seed in range(100)])
    assert len(np.unique(blocks)) == 50_000
    assert not np.intersect1d(blocks, validation_images()).size
    assert np.array_equal(training_images(setting, 100), training_images(setting, 0))


def test_the_stated_share_of_the_labels_is_replaced_by_uniformly_random_ones(images):
    for share in (0.3, 1.0):
        setting = FashionMLPSetting(n_train=20_000, images="blocks", random_labels=share)
        own = images.train_labels[training_images(setting, 1)]
        labels = training_labels(setting, 1, images.train_labels)
        assert labels.dtype == own.dtype
        # A random label is the image's own one time in ten. Four standard errors.
        changed = 0.9 * share
        assert abs((labels != own).mean() - changed) < 4 * (changed * (1 - changed) / 20_000) ** 0.5
        counts = np.bincount(labels[labels != own], minlength=10)
        assert stats.chisquare(counts).pvalue > 1e-4, "no class is favoured"
    few = training_labels(FashionMLPSetting(n_train=20_000, images="blocks", random_labels=0.3), 1, images.train_labels)
    assert (few[few != own] == labels[few != own]).all(), "a larger share replaces more labels by the same ones"


@pytest.mark.arithmetic
def test_random_labels_are_those_of_the_data_seed_and_of_training_only(images):
    settings = settings_of("fashion_mnist", tiny=TINY, random={**TINY, "random_labels": 1.0})
    true, random = (
        FashionMLP(rows("fashion_mnist", name, "none", [(0, "0/0")], [0, 1], [0, 1]), settings[name], images)
        for name in ("tiny", "random")
    )
    assert torch.equal(true._train, random._train)
    network = true.initial_network()
    batches = [next(iter(task.minibatches(1))) for task in (true, random)]
    assert torch.equal(batches[0][0], batches[1][0]), "the same images in the same order"
    assert 0.7 < (batches[0][1] != batches[1][1]).any(dim=2).double().mean() < 1
    measured, wanted = (task.final_metrics(network)[1] for task in (random, true))
    for part in ("validation_loss", "validation_accuracy", "test_loss", "test_accuracy"):
        assert np.array_equal(measured[part], wanted[part]), "validation and test keep their labels"
    assert (measured["train_loss"] != wanted["train_loss"]).all()
    # Groups are (seed, data seed) = (0, 0), (0, 1), (1, 0), (1, 1).
    assert same_as_first(random._train_labels) == [False, True, False]
    assert torch.equal(random._train_labels[1], random._train_labels[3])


def test_labels_at_random_leave_nothing_to_learn_that_carries_over(images):
    settings = settings_of("fashion_mnist", random={**TINY, "random_labels": 1.0, "epochs": 60})
    runs = train(rows("fashion_mnist", "random", "none", [(0, "0/0")], range(2)), settings, images).runs
    assert (runs["train_accuracy"] > 0.9).all(), "the network fits them"
    assert (abs(runs["test_accuracy"] - 0.1) < 0.1).all(), "and guesses on what is new"


@pytest.mark.arithmetic
@pytest.mark.parametrize(
    ("experiment", "values", "p"), [("linear_regression", {"epochs": 20}, "0.5"), ("fashion_mnist", TINY, "0.2/0.5")]
)
def test_a_crossed_run_on_its_own_seeds_data_is_the_ordinary_run_bit_for_bit(experiment, values, p, images):
    settings = settings_of(experiment, small=values)
    crossed, ordinary = (
        train(rows(experiment, "small", "dropout", [(0, p)], range(3), data_seeds), settings, images)
        for data_seeds in (range(2), None)
    )
    same_bits(crossed.runs[crossed.runs["seed"] == crossed.runs["data_seed"]], ordinary.runs, ["run_id"])
    same_bits(crossed.curves, ordinary.curves, ["run_id", "epoch"])
    assert crossed.runs["test_loss"].is_unique, "six runs, none of them like another"


def same_as_first(groups) -> list[bool]:
    """Whether groups 1, 2, … are, bit by bit, group 0."""
    return [np.array_equal(group, groups[0]) for group in groups[1:]]


@pytest.mark.arithmetic
def test_the_same_data_seed_means_the_same_samples_and_the_same_seed_the_same_start_and_order(images):
    runs = rows("fashion_mnist", "tiny", "none", [(0, "0/0")], [0, 1], [0, 1])
    network = FashionMLP(runs, settings_of("fashion_mnist", tiny=TINY)["tiny"], images)
    weights, (x, _) = network.initial_network().weights[0], next(iter(network.minibatches(1)))
    assert same_as_first(network._train) == [False, True, False]
    assert same_as_first(weights) == [True, False, False]
    order = [generator("order", seed, step=1).permutation(40)[:16] for seed in (0, 0, 1, 1)]
    for group, (positions, data_seed) in enumerate(zip(order, (0, 1, 0, 1), strict=True)):
        chosen = training_images(network.setting, data_seed)[positions]
        np.testing.assert_allclose(x[group], images.train_images[chosen].astype(np.float32) / 255)

    runs = rows("linear_regression", "textbook", "norm_constraint", [(1, "0")], [0, 1], [0, 1])
    settings = settings_of("linear_regression", textbook={"epochs": 2})
    (linear,) = programs(Assignment(runs, settings, method_class("norm_constraint")))
    assert same_as_first(linear.inputs()) == [False, True, False]
    assert same_as_first(linear.initial_network().weights[0]) == [True, False, False]


def test_max_norm_leaves_no_unit_with_longer_weights_and_shortens_only_those_that_were():
    torch.manual_seed(0)
    before = torch.randn(2, 9, 6, dtype=torch.float64)
    after = before.clone()
    method_class("max_norm")(lam=1 / 9).project(after)
    norms = before.norm(dim=1, keepdim=True)
    torch.testing.assert_close(after, torch.where(norms <= 3, before, 3 * before / norms), rtol=1e-14, atol=0)
    assert 0 < (norms > 3).double().mean() < 1, "the example has units of both kinds"


def test_gaussian_dropout_has_dropouts_mean_and_variance_and_layer_noise_the_variances_lam_and_p():
    h, draws = torch.full((1, 400, 500), 2.0, dtype=torch.float64), Draws([3])
    n = h.numel()
    gaussian, derivative = method_class("gaussian_dropout")(p=(0.0, 0.2), n_hidden=2).perturb_hidden(h, 1, draws)
    dropped, _ = method_class("dropout")(p=(0.0, 0.2), n_hidden=2).perturb_hidden(h, 1, draws)
    layers = method_class("layer_noise")(lam=0.1, p=(0.2, 0.3), n_hidden=2)
    noisy, one = layers.perturb_hidden(h, 1, draws)
    inputs = layers.perturb_inputs(h, draws)
    for sample, variance in ((gaussian, 4 * 0.25), (dropped, 4 * 0.25), (noisy, 0.3), (inputs, 0.1)):
        assert sample.mean().item() == pytest.approx(2, abs=4 * (variance / n) ** 0.5)
        assert sample.var().item() == pytest.approx(variance, rel=0.02)
    assert torch.equal(derivative, gaussian / 2), "what multiplies h multiplies its gradient"
    assert one is None, "what is added to h does not change its gradient"
    assert abs(np.corrcoef(inputs.flatten(), noisy.flatten())[0, 1]) < 4 / n**0.5, "each layer has noise of its own"


def test_curves_have_at_most_sixteen_log_spaced_points_from_start_to_end():
    for epochs in (1, 2, 10, 100, 4000):
        points = log_spaced_epochs(epochs, 16)
        assert (points[0], points[-1]) == (0, epochs)
        assert len(points) <= 16
        assert list(points) == sorted(set(points))


def test_a_cohort_of_two_methods_is_refused():
    runs = pd.concat([rows("linear_regression", "textbook", m, [(0, "0")], [0]) for m in ("none", "weight_decay")])
    with pytest.raises(ValueError, match="a cohort holds one method"):
        train_cohort(runs, settings_of("linear_regression"), dtype="float64", device="cpu")


def test_planned_runs_are_what_comes_back():
    runs = planned(entry("linear_regression", methods=["l2_penalty"], lam=[1, 3], seeds=3, predictions=True))
    result = train(runs, settings_of("linear_regression"))
    assert result.runs["run_id"].tolist() == runs["run_id"].tolist()
    assert result.predictions.groupby("run_id", sort=False).size().to_dict() == dict.fromkeys(runs["run_id"], 201)
