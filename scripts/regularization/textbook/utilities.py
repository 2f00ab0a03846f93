"""What both experiments need: minibatches, accuracy, evaluation, one epoch of training, and changes to the batches."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor]  # inputs (batch, …) and targets (batch, …)
Batches = Iterable[Batch]  # the minibatches of one epoch
Epochs = Iterable[Batches]  # the epochs of one training
Model = Callable[[Tensor], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]  # (output, target) → the loss of every sample


def minibatches(x: Tensor, y: Tensor, order: Tensor, batch_size: int) -> Iterator[Batch]:
    """Go through the samples, shape (n, …), in an order of 0 … n − 1; the last minibatch may be shorter."""
    for batch in torch.split(order, batch_size):
        yield x[batch], y[batch]


def accuracy(outputs: Tensor, labels: Tensor) -> float:
    """Share of samples whose largest output is the label's: outputs (batch, classes), labels (batch,)."""
    return (outputs.argmax(dim=1) == labels).double().mean().item()


@contextmanager
def inference(model: Model) -> Iterator[None]:
    """Switch a module's training behaviour (dropout) and the recording of gradients off, and back afterwards."""
    training = isinstance(model, nn.Module) and model.training
    if isinstance(model, nn.Module):
        model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        if isinstance(model, nn.Module):
            model.train(training)


def evaluate_loss(model: Model, batches: Batches, loss: Loss) -> float:
    """Mean loss of a model over a data set."""
    total, n = 0.0, 0
    with inference(model):
        for x, y in batches:
            losses = loss(model(x), y)
            total, n = total + losses.double().sum().item(), n + len(losses)
    return total / n


def evaluate_accuracy(model: Model, batches: Batches) -> float:
    """Accuracy of a classifier over a data set."""
    right, n = 0.0, 0
    with inference(model):
        for x, y in batches:
            right, n = right + accuracy(model(x), y) * len(y), n + len(y)
    return right / n


def train_epoch(model: Model, batches: Batches, loss: Loss, step: Callable[[Tensor], None]) -> tuple[float, float]:
    """Train a classifier for one epoch: `step` takes the losses of a minibatch, shape (batch,), and updates the model.

    Returns mean loss and accuracy over the epoch *as it was trained*: each minibatch before its step, with dropout. NaN
    for an epoch without minibatches, after training has stopped.
    """
    if isinstance(model, nn.Module):
        model.train()
    total, right, n = 0.0, 0.0, 0
    for x, y in batches:
        outputs = model(x)
        losses = loss(outputs, y)
        step(losses)
        total, right, n = total + losses.sum().item(), right + accuracy(outputs, y) * len(y), n + len(y)
    return (total / n, right / n) if n else (math.nan, math.nan)


def linear(weights: Tensor, biases: Tensor) -> nn.Linear:
    """An `nn.Linear` that starts from given weights (inputs, outputs) and biases (outputs,)."""
    fan_in, fan_out = weights.shape
    layer = nn.Linear(fan_in, fan_out, dtype=weights.dtype)
    with torch.no_grad():
        layer.weight.copy_(weights.T)
        layer.bias.copy_(biases)
    return layer


def sgd(parameters: Iterable[Tensor], learning_rate: float, batch_size: int) -> None:
    """One step of minibatch SGD on gradients that were summed over the minibatch: θ ← θ − η·∇/|B|; clears them."""
    with torch.no_grad():
        for parameter in parameters:
            assert parameter.grad is not None
            parameter -= learning_rate * parameter.grad / batch_size
            parameter.grad.zero_()


def cosine(step: int, total_steps: int) -> float:
    """Share of the learning rate left at an SGD step: (1 + cos(π·step/total))/2, from 1 at the first down to ≈ 0."""
    return (1 + math.cos(math.pi * step / total_steps)) / 2


def with_noise(epochs: Epochs, noise_std: float, noises: Iterable[Tensor]) -> Iterator[Batches]:
    """Add Gaussian noise to the inputs, fresh at every step: x + noise_std·ε, one standard normal ε a step."""
    draw = iter(noises)
    for batches in epochs:
        yield ((x + noise_std * next(draw), y) for x, y in batches)


def first_steps(epochs: Epochs, n_steps: int) -> Iterator[Batches]:
    """Early stopping: keep the first `n_steps` minibatches and leave the rest of every epoch out."""
    for batches in epochs:
        kept = list(islice(batches, n_steps))
        n_steps -= len(kept)
        yield kept
