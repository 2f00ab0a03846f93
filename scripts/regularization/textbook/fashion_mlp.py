"""Dropout in a multilayer perceptron, from scratch and concisely."""

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from regularization.textbook.dropout import dropout_layer
from regularization.textbook.utilities import Epochs, linear, train_epoch

Parameters = Sequence[tuple[Tensor, Tensor]]  # weights (inputs, outputs) and biases (outputs,) of every layer

cross_entropy = nn.CrossEntropyLoss(reduction="none")


class DropoutMLP(nn.Module):
    """An MLP with ReLU and, in training only, dropout after every hidden layer; one p a hidden layer.

    For every forward pass in training `draws` has one array u ~ U(0, 1) a hidden layer, each (batch, units); read
    only where some p is not 0.
    """

    def __init__(self, parameters: Parameters, p: Sequence[float], draws: Iterable[Sequence[Tensor]]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(linear(weights, biases) for weights, biases in parameters)
        self.p = p
        self.draws = iter(draws)

    def forward(self, x: Tensor) -> Tensor:
        """Images (batch, 784) → one output a class, (batch, 10)."""
        *hidden, last = self.layers
        draws = next(self.draws) if self.training and any(self.p) else None
        h = x
        for i, layer in enumerate(hidden):
            h = torch.relu(layer(h))
            if draws is not None:
                h = self.perturbed(h, self.p[i], draws[i])
        outputs: Tensor = last(h)
        return outputs

    def perturbed(self, h: Tensor, p: float, draw: Tensor) -> Tensor:
        return dropout_layer(h, p, draw)


class AddedNoiseMLP(DropoutMLP):
    """The same with noise h + √p·ε on every hidden layer: p is its variance, and ε ~ N(0, 1) what is drawn."""

    def perturbed(self, h: Tensor, p: float, draw: Tensor) -> Tensor:
        return h + math.sqrt(p) * draw


class GaussianDropoutMLP(DropoutMLP):
    """The same with noise h·(1 + √(p/(1−p))·ε) on every hidden layer; ε ~ N(0, 1) is what is drawn."""

    def perturbed(self, h: Tensor, p: float, draw: Tensor) -> Tensor:
        return h * (1 + math.sqrt(p / (1 - p)) * draw)


class DropConnectMLP(DropoutMLP):
    """An MLP that in training drops single weights, each of those out of the i-th hidden layer with probability p[i].

    For every forward pass in training `draws` has one array u ~ U(0, 1) a hidden layer, (units, outputs).
    """

    def forward(self, x: Tensor) -> Tensor:
        """Images (batch, 784) → one output a class, (batch, 10)."""
        if not self.training:
            return super().forward(x)
        first, *others = self.layers
        h = first(x)
        for layer, p, uniforms in zip(others, self.p, next(self.draws), strict=True):
            weight, bias = layer.parameters()
            h = functional.linear(torch.relu(h), dropout_layer(weight.T, p, uniforms).T, bias)
        return h


def concise_mlp(parameters: Parameters, p: Sequence[float]) -> nn.Sequential:
    """The same network from the library's layers; `nn.Dropout` draws its masks itself."""
    *hidden, last = parameters
    layers = zip(hidden, p, strict=True)
    blocks = [part for layer, share in layers for part in (linear(*layer), nn.ReLU(), nn.Dropout(share))]
    return nn.Sequential(nn.Flatten(), *blocks, linear(*last))


def l2_penalty(model: nn.Module) -> Tensor:
    """Σ‖W‖²/2 over all layers' weights; biases are not penalised."""
    squares = [layer.weight.square().sum() / 2 for layer in model.modules() if isinstance(layer, nn.Linear)]
    return torch.stack(squares).sum()


def l1_penalty(model: nn.Module) -> Tensor:
    """Σ|W| over all layers' weights."""
    return torch.stack([layer.weight.abs().sum() for layer in model.modules() if isinstance(layer, nn.Linear)]).sum()


def clip_norms(model: nn.Module, radius: float) -> None:
    """Project every unit's incoming weights onto the ball of this radius (max-norm)."""
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear):
                norms = layer.weight.norm(dim=1, keepdim=True)
                layer.weight.mul_((radius / norms).clamp(max=1))


def with_decay(
    optimiser: type[torch.optim.Optimizer], model: nn.Module, learning_rate: float, weight_decay: float = 0.0
) -> torch.optim.Optimizer:
    """One of the library's optimisers, its weight decay on the weights but not on the biases."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    weights = {"params": [layer.weight for layer in layers], "weight_decay": weight_decay}
    biases = {"params": [layer.bias for layer in layers], "weight_decay": 0.0}
    return optimiser([weights, biases], lr=learning_rate)  # type: ignore[call-arg]


def train(
    model: nn.Module,
    epochs: Epochs,
    trainer: torch.optim.Optimizer,
    *,
    lam: float = 0.0,
    penalty: Callable[[nn.Module], Tensor] = l2_penalty,
    max_norm: float = math.inf,
    schedule: Callable[[int], float] = lambda step: 1.0,
    on_epoch: Callable[[int, float, float], None] = lambda epoch, loss, accuracy: None,
) -> None:
    """Minimise cross-entropy + λ·penalty, by default λΣ‖W‖²/2, by minibatch SGD, changing the model in place.

    Minibatches are images (batch, 784) and labels (batch,); the trainer has the learning rate η of the first step and
    `schedule` says which share of it is used at SGD step 0, 1, …. No norm of a unit's incoming weights is above
    `max_norm`. `on_epoch` is called after every epoch with 1, 2, … and its running loss and accuracy (`train_epoch`).
    """
    scheduler = torch.optim.lr_scheduler.LambdaLR(trainer, schedule)

    def step(losses: Tensor) -> None:
        trainer.zero_grad()
        objective = losses.mean()
        if lam > 0:
            objective = objective + lam * penalty(model)
        objective.backward()
        trainer.step()
        if max_norm < math.inf:
            clip_norms(model, max_norm)
        scheduler.step()

    for epoch, batches in enumerate(epochs, start=1):
        loss, accuracy = train_epoch(model, batches, cross_entropy, step)
        on_epoch(epoch, loss, accuracy)
