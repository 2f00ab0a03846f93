"""The chapter's plain loops against closed forms and against each other."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from regularization.settings import LinearRegressionSetting
from regularization.system.errors import UserError
from regularization.textbook import fashion_mlp, inputs, runs, utilities
from regularization.textbook.dropout import dropout_layer, with_dropout
from regularization.textbook.linear_regression import l2_penalty, linreg, project, train_concisely, train_from_scratch
from regularization.textbook.utilities import cosine, first_steps, linear, minibatches, with_noise
from regularization.theory.equivalences import constraint_radius, input_dropout_weights
from regularization.theory.null_space import row_space
from regularization.theory.ridge import ridge_weights

torch.set_num_threads(1)


def regression(seed: int, n: int, d: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs (n, d), targets (n, 1), initial weights (d, 1) and bias (1,), float64."""
    rng = np.random.default_rng(seed)
    x, y, w, b = (torch.from_numpy(rng.standard_normal(shape)) for shape in ((n, d), (n, 1), (d, 1), 1))
    return x + 0.3, y, w, b


def classified(n: int, d: int, classes: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (n, d), float64, and the labels 0, 1, … of as many classes in turn."""
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=draw, dtype=torch.float64), torch.arange(n) % classes


def equal_path(one, other, **tolerance) -> None:
    """The same weights and biases."""
    for ours, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(ours.detach(), theirs.detach(), **tolerance)


def shuffled(x: torch.Tensor, y: torch.Tensor, batch_size: int, n_epochs: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return [list(minibatches(x, y, torch.from_numpy(rng.permutation(len(x))), batch_size)) for _ in range(n_epochs)]


def parameters(sizes: tuple[int, ...], seed: int = 0, dtype: torch.dtype = torch.float64):
    draw = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(a, b, generator=draw, dtype=dtype) / a**0.5, torch.randn(b, generator=draw, dtype=dtype) / 10)
        for a, b in pairwise(sizes)
    ]


def test_one_step_is_the_chapter_s_formula_and_its_parts_are():
    """One minibatch moves w ← (1−ηλ)w − (η/|B|)Σ x(ŷ−y), b ← b − (η/|B|)Σ(ŷ−y): the bias is not decayed."""
    x, y, w, b = regression(0, 5, 7)
    error = x @ w + b - y
    expected_w, expected_b = (1 - 0.03 * 2) * w - 0.03 / 5 * x.T @ error, b - 0.03 / 5 * error.sum()
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), [[(x, y)]], learning_rate=0.03, lam=2)
    equal_path((w, b), (expected_w, expected_b), rtol=1e-13, atol=0)
    w = torch.tensor([[3.0], [4.0]])
    assert l2_penalty(w).item() == 12.5
    torch.testing.assert_close(linreg(torch.tensor([[1.0, 1.0]]), w, torch.tensor([0.5])), torch.tensor([[7.5]]))


def test_full_batches_are_gradient_descent_and_projected_ones_end_at_ridge():
    x, y, w, b = regression(1, 20, 200)
    expected_w, expected_b = w.numpy(), b.numpy()
    for _ in range(100):
        error = x.numpy() @ expected_w + expected_b - y.numpy()
        expected_w = (1 - 0.003 * 3) * expected_w - 0.003 * x.numpy().T @ error / 20
        expected_b = expected_b - 0.003 * error.mean()
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), [[(x, y)]] * 100, learning_rate=0.003, lam=3)
    np.testing.assert_allclose(w.detach().numpy(), expected_w, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(b.detach().numpy(), expected_b, rtol=1e-9)
    x, y, w, b = regression(2, 8, 12)
    lam = np.full((1, 1, 1), 0.5)
    radius = constraint_radius(x.numpy()[None], y.numpy()[None], lam).item()
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), [[(x, y)]] * 2000, learning_rate=0.1, radius=radius)
    ridge, intercept = ridge_weights(x.numpy()[None], y.numpy()[None], lam)
    np.testing.assert_allclose(w.detach().numpy(), ridge[0], atol=1e-8)
    np.testing.assert_allclose(b.detach().numpy(), intercept[0, 0], atol=1e-8)


@given(
    n=st.integers(2, 12),
    d=st.integers(1, 12),
    batch_size=st.integers(1, 12),
    learning_rate=st.floats(1e-4, 0.02),
    lam=st.floats(0, 30),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_concise_with_half_the_rate_and_twice_the_decay_is_from_scratch(n, d, batch_size, learning_rate, lam, seed):
    """Same parameters and batches in, the same path to float64 rounding out."""
    x, y, w, b = regression(seed, n, d)
    epochs = shuffled(x, y, batch_size, 3, seed)
    model = linear(w, b)
    train_concisely(model, epochs, learning_rate=learning_rate / 2, weight_decay=2 * lam)
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), epochs, learning_rate=learning_rate, lam=lam)
    equal_path((model.weight.T, model.bias), (w, b), rtol=1e-9, atol=1e-12)


def test_as_published_two_versions_end_apart_and_training_multiplies_what_the_data_cannot_see():
    """The chapter's λ = 3: the concise version steps twice as far on the data and starts from a random bias."""
    setting = LinearRegressionSetting()
    published = LinearRegressionSetting(loss="squared_error", bias_init_std=1.0)
    scratch = runs.train_linear(setting, "l2_penalty", lam=3, seed=0)
    mapped = LinearRegressionSetting(loss="squared_error", learning_rate=setting.learning_rate / 2)
    same = runs.train_linear(mapped, "weight_decay", lam=6, seed=0)
    concise = runs.train_linear(published, "weight_decay", lam=3, seed=0)
    for name, value in scratch.items():
        assert same[name] == pytest.approx(value, rel=1e-9)
    assert abs(concise["train_loss"] / scratch["train_loss"] - 1) > 0.2
    # At the chapter's sizes, after every epoch and not only in norm: P⊥w = (1 − ηλ)^t P⊥w₀.
    setting = LinearRegressionSetting(epochs=25)
    x, y = inputs.linear_data(setting, 0).train
    basis = torch.from_numpy(row_space(x.numpy()[None])[0])
    for lam in (0.0, 3.0, 100.0):
        w, b = inputs.linear_parameters(setting, 0)
        hidden = w.detach() - basis.T @ (basis @ w.detach())

        def check(epoch: int, w=w, lam=lam, hidden=hidden) -> None:
            seen = basis.T @ (basis @ w.detach())
            torch.testing.assert_close(
                w.detach() - seen, (1 - 0.003 * lam) ** (4 * epoch) * hidden, rtol=1e-9, atol=1e-12
            )

        train_from_scratch(w, b, inputs.epochs(setting, 0, (x, y)), learning_rate=0.003, lam=lam, on_epoch=check)
    # σ = 0.01, w₀ ~ N(0, 1): exact risk about 180 = d − n, all but a hundredth of it in the null space.
    ends = [runs.train_linear(LinearRegressionSetting(), "none", seed=seed) for seed in range(3)]
    for end in ends:
        assert end["null_space_norm"] ** 2 == pytest.approx(end["risk"], rel=0.01)
    assert np.mean([end["risk"] for end in ends]) == pytest.approx(180, abs=4 * (2 * 180 / 3) ** 0.5)


@pytest.mark.arithmetic
@given(radius=st.floats(0.01, 10), seed=st.integers(0, 2**32))
def test_projection_moves_to_the_nearest_point_of_the_ball_and_leaves_its_inside_alone(radius, seed):
    draw = np.random.default_rng(seed)
    before = torch.from_numpy(draw.standard_normal((4, 1)) * 3)
    after = before.clone()
    project(after, radius)
    if before.norm() <= radius:
        assert torch.equal(after, before)
        return
    assert after.norm().item() == pytest.approx(radius)
    others = draw.standard_normal((1000, 4))
    others *= radius * draw.uniform(0, 1, (1000, 1)) / np.linalg.norm(others, axis=1, keepdims=True)
    assert np.linalg.norm(others - before.numpy().T, axis=1).min() >= (before - after).norm().item()


@pytest.mark.parametrize("perturbation", ["noise", "dropout"])
def test_training_on_perturbed_inputs_hovers_around_the_minimiser_of_the_expected_loss(perturbation):
    """The mean of the last 3,000 of 4,000 small steps is within a tenth of the way from plain least squares."""
    x, y, w, b = regression(3, 10, 3)
    draw, n_steps, lam, p = torch.Generator().manual_seed(0), 4000, 1.0, 0.4
    epochs = [[(x, y)]] * n_steps
    if perturbation == "noise":
        target, _ = ridge_weights(x.numpy()[None], y.numpy()[None], np.full((1, 1, 1), lam))
        noises = (torch.randn(x.shape, generator=draw, dtype=x.dtype) for _ in range(n_steps))
        epochs = with_noise(epochs, lam**0.5, noises)
    else:
        target, _ = input_dropout_weights(x.numpy()[None], y.numpy()[None], p)
        epochs = with_dropout(epochs, p, (torch.rand(x.shape, generator=draw) for _ in range(n_steps)))
    path = []
    keep = lambda _: path.append(w.detach().clone())  # noqa: E731
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), epochs, learning_rate=0.02, on_epoch=keep)
    mean = torch.stack(path[1000:]).mean(dim=0).numpy()
    least_squares, _ = ridge_weights(x.numpy()[None], y.numpy()[None], np.zeros((1, 1, 1)))
    assert np.linalg.norm(mean - target[0]) < 0.1 * np.linalg.norm(least_squares[0] - target[0])


@pytest.mark.arithmetic
def test_early_stopping_leaves_the_weights_where_they_were_after_its_last_step():
    x, y, w, b = regression(4, 10, 15)
    epochs = shuffled(x, y, 4, 6)
    other_w, other_b = w.clone(), b.clone()
    train_from_scratch(w.requires_grad_(), b.requires_grad_(), first_steps(epochs, 8), learning_rate=0.01)
    kept = [epochs[0], epochs[1], epochs[2][:2]]  # 3 + 3 + 2 steps
    train_from_scratch(other_w.requires_grad_(), other_b.requires_grad_(), kept, learning_rate=0.01)
    assert torch.equal(w, other_w)
    assert torch.equal(b, other_b)


@given(p=st.floats(0.01, 0.99), x=st.floats(-10, 10))
@settings(max_examples=20)
def test_dropout_keeps_the_mean_and_adds_variance(p, x):
    """E[x′] = x and Var[x′] = x²p/(1−p), over 40,000 draws; 5 standard errors."""
    uniforms = torch.rand(40_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    dropped = dropout_layer(torch.full((40_000,), x, dtype=torch.float64), p, uniforms)
    odds = p / (1 - p)
    assert dropped.mean().item() == pytest.approx(x, abs=5 * abs(x) * (odds / 40_000) ** 0.5 + 1e-12)
    kept = (dropped != 0).double().mean().item() if x != 0 else 1 - p
    assert kept == pytest.approx(1 - p, abs=5 * (p * (1 - p) / 40_000) ** 0.5)
    # given the share kept, the variance is exact: x²·k(1−k)/(1−p)²
    variance = x**2 * kept * (1 - kept) / (1 - p) ** 2
    assert dropped.var(correction=0).item() == pytest.approx(variance, rel=1e-9, abs=1e-12)


@pytest.mark.arithmetic
def test_dropout_of_nothing_and_of_everything_and_outside_0_to_1():
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert dropout_layer(x, 0, torch.zeros(3, 4)) is x
    assert torch.equal(dropout_layer(x, 1, torch.full((3, 4), 0.999)), torch.zeros(3, 4))
    for p in (-0.1, 1.01, math.nan):
        with pytest.raises(ValueError, match=r"a dropout probability lies in \[0, 1\], got"):
            dropout_layer(x, p, torch.ones(3, 4))


def test_from_scratch_and_concise_networks_agree_mask_by_mask():
    """The concise network draws; what it dropped is handed to the other as uniforms 0 (drop) and 1 (keep)."""
    layers = parameters((6, 9, 8, 4))
    concise = fashion_mlp.concise_mlp(layers, (0.2, 0.5))
    masks = []
    for module in concise:
        if isinstance(module, nn.Dropout):
            module.register_forward_hook(lambda _, x, y: masks.append(((y != 0) | (x[0] == 0)).double()))
    scratch = fashion_mlp.DropoutMLP(layers, (0.2, 0.5), iter([masks]))
    x, labels = classified(50, 6, 4, seed=1)
    torch.manual_seed(0)
    for model in (concise, scratch):
        fashion_mlp.cross_entropy(model(x), labels).mean().backward()
    assert all(0 < mask.mean() < 1 for mask in masks)
    # Weight and bias of every layer in turn, on both sides.
    equal_path(*([part.grad for part in model.parameters()] for model in (scratch, concise)), rtol=1e-12, atol=1e-15)


@pytest.mark.arithmetic
@pytest.mark.parametrize("build", ["scratch", "concise"])
def test_at_inference_dropout_is_the_identity_bit_by_bit(build):
    layers, x = parameters((6, 9, 8, 4)), torch.randn(50, 6, dtype=torch.float64)
    model, plain = (
        fashion_mlp.DropoutMLP(layers, p, iter([])) if build == "scratch" else fashion_mlp.concise_mlp(layers, p)
        for p in ((0.2, 0.5), (0.0, 0.0))
    )
    assert torch.equal(model.eval()(x), plain.eval()(x))


def test_every_forward_pass_reads_fresh_uniforms_and_the_gradient_passes_through_kept_units_only():
    uniforms = ([torch.rand(5, 9), torch.rand(5, 8)] for _ in range(2))
    model = fashion_mlp.DropoutMLP(parameters((6, 9, 8, 4)), (0.5, 0.5), uniforms)
    x = torch.randn(5, 6, dtype=torch.float64)
    assert not torch.equal(model(x), model(x))
    with pytest.raises(StopIteration):
        model(x)
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    dropout_layer(x, 0.2, torch.tensor([0.1, 0.3, 0.2, 0.9])).sum().backward()
    torch.testing.assert_close(x.grad, torch.tensor([0, 1.25, 0, 1.25]))


def test_decay_and_penalty_are_the_same_for_sgd_under_the_library_s_schedule():
    layers, (x, labels), ends = parameters((6, 9, 4)), classified(20, 6, 4, seed=1), []
    for penalty, decay in ((0.1, 0.0), (0.0, 0.1)):
        model = fashion_mlp.DropoutMLP(layers, (0.0,), iter([]))
        trainer = fashion_mlp.with_decay(torch.optim.SGD, model, 0.5, decay)
        batches = shuffled(x, labels, 8, 5)
        fashion_mlp.train(model, batches, trainer, lam=penalty, schedule=lambda step: cosine(step, 15))
        ends.append(model)
    equal_path(*(model.parameters() for model in ends), rtol=1e-11, atol=1e-13)
    assert not torch.allclose(ends[0].layers[0].weight, layers[0][0].T, rtol=0.1)
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    library = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=40)
    for step in range(40):
        assert cosine(step, 40) == pytest.approx(library.get_last_lr()[0], rel=1e-9)
        optimiser.step()
        library.step()


def test_the_network_learns_and_an_epoch_reports_what_it_trained_on():
    """Three separable blobs: accuracy 1 after twenty epochs, with the running loss falling."""
    noise, labels = classified(60, 3, 3, seed=0)
    x, losses = 4 * torch.eye(3)[labels] + 0.3 * noise.float(), []
    uniforms = ([torch.rand(20, 16)] for _ in range(60))
    model = fashion_mlp.DropoutMLP(parameters((3, 16, 3), dtype=torch.float32), (0.2,), uniforms)
    trainer = fashion_mlp.with_decay(torch.optim.SGD, model, 0.2)
    fashion_mlp.train(model, shuffled(x, labels, 20, 20), trainer, on_epoch=lambda _, loss, __: losses.append(loss))
    assert losses[-1] < losses[0] / 5
    assert utilities.evaluate_accuracy(model, [(x, labels)]) == 1
    # Mean loss and accuracy of each minibatch before its step.
    model, (x, labels) = linear(*parameters((4, 3))[0]), classified(10, 4, 3, seed=0)
    before = fashion_mlp.cross_entropy(model(x), labels).mean().item()
    steps = []
    batches = minibatches(x, labels, torch.arange(10), 4)
    loss, accuracy = utilities.train_epoch(model, batches, fashion_mlp.cross_entropy, steps.append)
    assert [len(losses) for losses in steps] == [4, 4, 2]
    assert loss == pytest.approx(before)
    assert accuracy == pytest.approx(utilities.accuracy(model(x), labels))


@pytest.mark.arithmetic
@given(n=st.integers(1, 30), batch_size=st.integers(1, 40))
def test_minibatches_visit_every_sample_once_in_the_given_order(n, batch_size):
    x, order = torch.arange(n) * 10, torch.from_numpy(np.random.default_rng(n).permutation(n))
    batches = list(minibatches(x, -x, order, batch_size))
    assert torch.equal(torch.cat([batch for batch, _ in batches]), x[order])
    assert all(torch.equal(y, -batch) for batch, y in batches)
    assert [len(batch) for batch, _ in batches[:-1]] == [batch_size] * ((n - 1) // batch_size)


def test_evaluation_weighs_samples_equally_and_runs_without_dropout():
    outputs = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0]])
    labels = torch.tensor([0, 0, 0])
    batches = [(outputs[:2], labels[:2]), (outputs[2:], labels[2:])]
    assert utilities.evaluate_accuracy(nn.Identity(), batches) == pytest.approx(2 / 3)
    loss = utilities.evaluate_loss(nn.Identity(), batches, fashion_mlp.cross_entropy)
    assert loss == pytest.approx(np.log1p(np.exp([-1, 1, -3])).mean(), rel=1e-6)
    model = nn.Sequential(nn.Dropout(0.5)).train()
    assert utilities.evaluate_loss(model, [(torch.ones(100), torch.ones(100))], nn.MSELoss(reduction="none")) == 0
    assert model.training


@pytest.mark.parametrize("method", ["ridge_regression", "norm_constraints"])
def test_a_method_that_does_not_exist_is_refused(method):
    with pytest.raises(UserError, match=f"trains no linear regression by the method '{method}': leave --textbook out"):
        runs.train_linear(LinearRegressionSetting(n_features=3), method)
