"""Weight decay in high-dimensional linear regression, from scratch and concisely.

The two versions of the chapter are not the same experiment: the concise one descends the squared error without the
factor ½ and draws its bias at random. Concise training with (η/2, 2λ) from the same parameters is from-scratch training
with (η, λ), step by step.
"""

import math
from collections.abc import Callable
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from regularization.textbook.utilities import Epochs, Loss, sgd


def linreg(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """ŷ = Xw + b: x (batch, d), w (d, 1), b (1,) → (batch, 1)."""
    return x @ w + b


def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """(ŷ − y)²/2 of every sample."""
    return (y_hat - y) ** 2 / 2


def l2_penalty(w: Tensor) -> Tensor:
    """‖w‖²/2."""
    return w.square().sum() / 2


def l1_penalty(w: Tensor) -> Tensor:
    """‖w‖₁."""
    return w.abs().sum()


def project(w: Tensor, radius: float) -> None:
    """Move w, in place, to the nearest point of the ball ‖w‖ ≤ radius."""
    with torch.no_grad():
        norm = w.norm().item()
        if norm > radius:
            w *= radius / norm


def train_from_scratch(
    w: Tensor,
    b: Tensor,
    epochs: Epochs,
    *,
    learning_rate: float,
    lam: float = 0.0,
    penalty: Callable[[Tensor], Tensor] = l2_penalty,
    radius: float = math.inf,
    loss: Loss = squared_loss,
    schedule: Callable[[int], float] = lambda step: 1.0,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Minimise loss + λ·penalty, by default (λ/2)‖w‖², by minibatch SGD, in place. The bias is not penalised.

    w, shape (d, 1), and b, shape (1,), require gradients; minibatches are inputs (batch, d) and targets (batch, 1), and
    the loss is of every sample. `schedule` is the share of the learning rate used at SGD step 0, 1, …; after every step
    w is projected on ‖w‖ ≤ radius. `on_epoch` is called with 1, 2, … after every epoch.
    """
    step = count()
    for epoch, batches in enumerate(epochs, start=1):
        for x, y in batches:
            losses = loss(linreg(x, w, b), y) + lam * penalty(w)
            losses.sum().backward()
            sgd([w, b], learning_rate * schedule(next(step)), batch_size=len(y))
            project(w, radius)
        on_epoch(epoch)


def train_concisely(
    model: nn.Linear,
    epochs: Epochs,
    *,
    learning_rate: float,
    weight_decay: float = 0.0,
    loss: Loss | None = None,
    schedule: Callable[[int], float] = lambda step: 1.0,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """The same with the library's parts: w ← (1 − η·wd)w − η·∇(mean loss), without the ½ unless `loss` says so."""
    loss = loss or nn.MSELoss(reduction="none")
    weight: dict[str, Any] = {"params": model.weight, "weight_decay": weight_decay}
    bias: dict[str, Any] = {"params": model.bias}
    trainer = torch.optim.SGD([weight, bias], lr=learning_rate)
    scheduler = torch.optim.lr_scheduler.LambdaLR(trainer, schedule)
    for epoch, batches in enumerate(epochs, start=1):
        for x, y in batches:
            trainer.zero_grad()
            loss(model(x), y).mean().backward()
            trainer.step()
            scheduler.step()
        on_epoch(epoch)
