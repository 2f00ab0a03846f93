"""Any run of the study the chapter's way: the plain loop that its method amounts to, on the run's own random streams.

Losses are reported as everywhere in the study: mean squared error (not halved), mean cross-entropy.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from regularization.settings import FashionMLPSetting, LinearRegressionSetting, Setting
from regularization.system.errors import UserError
from regularization.system.fashion_mnist import Images
from regularization.textbook import fashion_mlp, inputs, linear_regression, utilities
from regularization.textbook.dropout import with_dropout
from regularization.theory.equivalences import constraint_radius, early_stopping_steps
from regularization.theory.null_space import null_space_norm
from regularization.theory.ridge import ridge_weights

Metrics = dict[str, float]
OnEpoch = Callable[[int, Metrics], None]

squared_error = nn.MSELoss(reduction="none")


def train_linear(
    setting: LinearRegressionSetting,
    method: str,
    *,
    lam: float = 0.0,
    p: float = 0.0,
    seed: int = 0,
    data_seed: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> Metrics:
    """Train one run of linear regression; returns losses, weight_norm, risk and null_space_norm at the end.

    What the optimiser decides ("weight_decay", "dropout_weight_decay") is trained concisely, "ridge" is solved, and
    every other method is trained from scratch. `seed` is of all the run's streams but its data's; data_seed of its
    samples, the seed if None. `on_epoch` is called with the metrics before the first epoch (0) and after every one.
    Raises `UserError` for a method that this experiment does not have.
    """
    data = inputs.linear_data(setting, seed if data_seed is None else data_seed)
    x, y = data.train
    w, b = inputs.linear_parameters(setting, seed)
    model = utilities.linear(w, b)
    epochs = inputs.epochs(setting, seed, data.train)
    loss: utilities.Loss = linear_regression.squared_loss if setting.loss == "half_squared_error" else squared_error
    concise = method in ("weight_decay", "dropout_weight_decay")
    radius = math.inf

    match method:
        case "none" | "l1_penalty" | "l2_penalty" | "weight_decay":
            pass
        case "dropout" | "dropout_weight_decay":
            uniforms = (layers[0] for layers in inputs.uniforms(setting, seed, (setting.n_features,)))
            epochs = with_dropout(epochs, p, uniforms)
        case "input_noise":
            epochs = utilities.with_noise(epochs, lam**0.5, inputs.noises(setting, seed, setting.n_features, x.dtype))
        case "early_stopping":
            epochs = utilities.first_steps(epochs, early_stopping_steps(setting.learning_rate, lam))
        case "norm_constraint":
            radius = constraint_radius(x.numpy()[None], y.numpy()[None], np.full((1, 1, 1), lam)).item()
        case "ridge":
            weights, intercepts = ridge_weights(x.numpy()[None], y.numpy()[None], np.full((1, 1, 1), lam))
            return _linear_metrics(setting, data, torch.from_numpy(weights[0]), torch.from_numpy(intercepts[0, 0]))
        case _:
            raise UserError(f"the book trains no linear regression by the method {method!r}: leave --textbook out")

    def metrics() -> Metrics:
        if concise:
            return _linear_metrics(setting, data, model.weight.detach().T, model.bias.detach())
        return _linear_metrics(setting, data, w.detach(), b.detach())

    def report(epoch: int) -> None:
        if on_epoch is not None:
            on_epoch(epoch, metrics())

    report(0)
    steps: dict[str, Any] = {"learning_rate": setting.learning_rate, "loss": loss, "schedule": _schedule(setting)}
    if concise:
        linear_regression.train_concisely(model, epochs, weight_decay=lam, on_epoch=report, **steps)
    else:
        penalised = lam if method in ("l1_penalty", "l2_penalty") else 0.0
        if method == "l1_penalty":
            steps["penalty"] = linear_regression.l1_penalty
        linear_regression.train_from_scratch(w, b, epochs, lam=penalised, radius=radius, on_epoch=report, **steps)
    return metrics()


def _linear_metrics(setting: LinearRegressionSetting, data: inputs.Data, w: Tensor, b: Tensor) -> Metrics:
    """Metrics of weights (d, 1) and bias (1,); the risk is exact because x ~ N(0, I)."""

    def model(x: Tensor) -> Tensor:
        return linear_regression.linreg(x, w, b)

    assert data.validation is not None
    risk = setting.noise_std**2 + (w - setting.true_weight).square().sum() + (b - setting.true_bias).square()
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        **{f"{part}_loss": utilities.evaluate_loss(model, [batch], squared_error) for part, batch in parts.items()},
        "weight_norm": w.norm().item(),
        "risk": risk.item(),
        "null_space_norm": null_space_norm(data.train[0].numpy()[None], w.numpy()[None]).item(),
    }


def train_mlp(
    setting: FashionMLPSetting,
    method: str,
    images: Images,
    *,
    lam: float = 0.0,
    p: Sequence[float] = (0.0, 0.0),
    seed: int = 0,
    data_seed: int | None = None,
    dtype: torch.dtype = torch.float32,
    on_epoch: OnEpoch | None = None,
) -> Metrics:
    """Train one run on Fashion-MNIST from scratch: our own dropout layer in a network of `nn.Linear`s.

    Arguments are those of `train_linear`, with one p a hidden layer; data_seed is also of what labels are random. The
    losses, accuracies and weight_norm at the end are on the whole data sets.

    At the chapter's learning rate of 0.5 training is chaotic: it multiplies a rounding error by about 10⁷ within one
    epoch. Two correct float32 programs that add in different orders then end several per cent apart in the loss. Raises
    `UserError` for a method that this experiment does not have.
    """
    data = inputs.mlp_data(setting, seed if data_seed is None else data_seed, images, dtype)
    epochs = inputs.epochs(setting, seed, data.train)
    parameters = inputs.mlp_parameters(setting, seed, dtype)
    hidden_noises = inputs.hidden_noises(setting, seed, setting.hidden, dtype)
    model = fashion_mlp.DropoutMLP(parameters, p, inputs.uniforms(setting, seed, setting.hidden))
    optimiser: type[torch.optim.Optimizer] = torch.optim.SGD
    decay, max_norm = 0.0, math.inf

    match method:
        case "none" | "dropout" | "l1_penalty" | "l2_penalty":
            pass
        case "dropconnect":
            dropped = inputs.weight_uniforms(setting, seed, (*setting.hidden, 10))
            model = fashion_mlp.DropConnectMLP(parameters, p, dropped)
        case "weight_decay" | "dropout_weight_decay":
            decay = lam
        case "adam" | "adam_l2":  # the library adds λw to the gradient before it rescales it
            optimiser, decay = torch.optim.Adam, lam
        case "adamw":
            optimiser, decay = torch.optim.AdamW, lam
        case "max_norm":
            max_norm = lam**-0.5
        case "layer_noise":
            epochs = utilities.with_noise(epochs, lam**0.5, inputs.noises(setting, seed, 784, dtype))
            model = fashion_mlp.AddedNoiseMLP(parameters, p, hidden_noises)
        case "gaussian_dropout":
            model = fashion_mlp.GaussianDropoutMLP(parameters, p, hidden_noises)
        case "input_noise":
            epochs = utilities.with_noise(epochs, lam**0.5, inputs.noises(setting, seed, 784, dtype))
        case "early_stopping":
            epochs = utilities.first_steps(epochs, early_stopping_steps(setting.learning_rate, lam))
        case _:
            raise UserError(f"the book trains no network by the method {method!r}: leave --textbook out")

    def report(epoch: int, *_: float) -> None:
        if on_epoch is not None:
            on_epoch(epoch, _mlp_metrics(model, data))

    report(0)
    fashion_mlp.train(
        model,
        epochs,
        fashion_mlp.with_decay(optimiser, model, setting.learning_rate, decay),
        lam=lam if method in ("l1_penalty", "l2_penalty") else 0.0,
        penalty=fashion_mlp.l1_penalty if method == "l1_penalty" else fashion_mlp.l2_penalty,
        max_norm=max_norm,
        schedule=_schedule(setting),
        on_epoch=report,
    )
    return _mlp_metrics(model, data)


def _mlp_metrics(model: fashion_mlp.DropoutMLP, data: inputs.Data) -> Metrics:
    """Metrics of a network on the whole data sets; weight_norm is that of all layers' weights."""
    metrics = {}
    for part, samples in {"train": data.train, "validation": data.validation, "test": data.test}.items():
        if samples is not None:
            batches = list(utilities.minibatches(*samples, torch.arange(len(samples[0])), 1_000))
            metrics[f"{part}_loss"] = utilities.evaluate_loss(model, batches, fashion_mlp.cross_entropy)
            metrics[f"{part}_accuracy"] = utilities.evaluate_accuracy(model, batches)
    metrics["weight_norm"] = (2 * fashion_mlp.l2_penalty(model)).sqrt().item()
    return metrics


def _schedule(setting: Setting) -> Callable[[int], float]:
    """The share of the learning rate used at SGD step 0, 1, …."""
    if setting.schedule == "constant":
        return lambda step: 1.0
    return lambda step: utilities.cosine(step, setting.epochs * setting.steps_per_epoch)
