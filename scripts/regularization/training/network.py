"""Many networks of one shape as one tensor program: dense layers with a leading axis of groups.

Weights are (groups, inputs, outputs), activations (groups, batch, units). A group is a run; of linear regression, a
network without hidden layers, it is a seed, and each output column a run. docs/performance.md says how and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from regularization.draws import Draws
from regularization.methods import Method


def on_one_thread() -> None:
    """Let PyTorch use one thread, as a number must not depend on how many share its sum, and no denormal numbers."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


class Coordinates(NamedTuple):
    """A minibatch for a linear model whose weights are trained as coordinates c in a basis B of their span, w = Bc."""

    seen: Tensor  # XB, what the coordinates are multiplied with to give Xw, (groups, batch, coordinates)
    moved: Tensor  # the directions in which the samples' gradients move the coordinates, same shape


@dataclass(frozen=True)
class Forward:
    """A forward pass and what the backward pass needs of it."""

    h: list[Tensor]  # what each layer sees, (groups, batch, units) each
    activations: list[Tensor]  # of each hidden layer, after ReLU and before the method perturbs them
    derivatives: list[Tensor | None]  # ∂h/∂activation of each hidden layer, or None: 1
    output: Tensor  # (groups, batch, outputs)
    weights: list[tuple[Tensor, Tensor | None]]  # what each layer was multiplied with, and its gradient (None: with 1)

    def backward(self, gradient: Tensor, layer: int) -> Tensor:
        """∂loss/∂(pre-activation of hidden layer `layer`), from that of the layer above it."""
        below = torch.bmm(gradient, self.weights[layer + 1][0].mT)
        derivative = self.derivatives[layer]
        if derivative is not None:
            below.mul_(derivative)
        # 0 where ReLU was, in place
        torch.ops.aten.threshold_backward.grad_input(below, self.activations[layer], 0, grad_input=below)
        return below


@dataclass
class Network:
    """Dense layers, ReLU between them: a weight (groups, inputs, outputs) and a bias (groups, 1, outputs) each."""

    weights: list[Tensor]
    biases: list[Tensor]

    def of(self, group: int) -> "Network":
        """Return the network of one group, as views."""
        part = slice(group, group + 1)
        return Network([weight[part] for weight in self.weights], [bias[part] for bias in self.biases])

    def output(self, x: Tensor) -> Tensor:
        """Infer: x (groups or 1, batch, inputs) → (groups, batch, outputs), without any perturbation."""
        return self.above(self.first(x))[-1]

    def first(self, x: Tensor) -> Tensor:
        """The first layer's xW + b; x (groups or 1, batch, inputs)."""
        return torch.baddbmm(self.biases[0], x.expand(self.weights[0].shape[0], -1, -1), self.weights[0])

    def above(self, first: Tensor, perturbed: Callable[[Tensor, int], Tensor] = lambda h, _: h) -> list[Tensor]:
        """The activations of every hidden layer and the output from `first`, which becomes the first of them in place.

        `perturbed` gives what the next layer sees, from the activations and their hidden layer's number.
        """
        layers = [first]
        for layer, (weight, bias) in enumerate(zip(self.weights[1:], self.biases[1:], strict=True)):
            layers.append(torch.baddbmm(bias, perturbed(layers[-1].relu_(), layer), weight))
        return layers

    def sgd_step(
        self,
        x: Tensor | Coordinates,
        loss_gradient: Callable[[Tensor], Tensor],
        method: Method,
        draws: Draws,
        learning_rate: float | Tensor,
    ) -> None:
        """Take one step of minibatch SGD under a method and with this step's random draws, in place.

        x has the shape (groups, batch, inputs); `loss_gradient` gives ∂(mean loss over the batch)/∂output from the
        output; the learning rate is a number or a tensor that broadcasts against weights and biases.
        """
        forward = self.forward(x, method, draws)
        gradient = loss_gradient(forward.output)
        for layer in range(len(self.weights) - 1, -1, -1):
            bias = self.biases[layer]
            # The layer below needs ∂loss/∂h through the weights as they were before the step.
            below = forward.backward(gradient, layer - 1) if layer > 0 else None
            update(self.weights[layer], forward.h[layer], gradient, method, learning_rate, forward.weights[layer][1])
            # Columns of a model without hidden layers may be runs, whose numbers must not depend on their place.
            bias_gradient = gradient.sum(dim=1, keepdim=True) if len(self.weights) > 1 else sum_over_batch(gradient)
            if method.rescales_gradients:
                bias_gradient = method.rescale(bias, bias_gradient)
            bias.sub_(learning_rate * bias_gradient)
            if below is not None:
                gradient = below

    def forward(self, x: Tensor | Coordinates, method: Method, draws: Draws) -> Forward:
        """Run the forward pass of a training step, with the method's perturbations; x (groups, batch, inputs)."""
        if isinstance(x, Coordinates):
            output = torch.baddbmm(self.biases[0], x.seen, self.weights[0])
            return Forward([x.moved], [], [], output, [(self.weights[0], None)])
        last = len(self.weights) - 1
        h = [method.perturb_inputs(x, draws)]
        weights = [method.perturb_weights(weight, layer, draws) for layer, weight in enumerate(self.weights)]
        activations, derivatives = [], []
        for layer in range(last):
            activations.append(torch.baddbmm(self.biases[layer], h[-1], weights[layer][0]).relu_())
            perturbed, derivative = method.perturb_hidden(activations[-1], layer, draws)
            derivatives.append(derivative)
            h.append(perturbed)
        output = torch.baddbmm(self.biases[last], h[-1], weights[last][0])
        return Forward(h, activations, derivatives, output, weights)


def sum_over_batch(values: Tensor) -> Tensor:
    """The sum over the samples, (groups, batch, units) → (groups, 1, units), half of them added to the other half.

    `Tensor.sum` adds in an order that depends on how many units there are and on a unit's place.
    """
    while (batch := values.shape[1]) > 1:
        half = batch // 2
        folded = values[:, :half] + values[:, half : 2 * half]
        if batch % 2:
            folded[:, :1] += values[:, -1:]
        values = folded
    return values


def update(
    weight: Tensor,
    h: Tensor,
    gradient: Tensor,
    method: Method,
    learning_rate: float | Tensor,
    derivative: Tensor | None = None,
) -> None:
    """W ← Π[(shrinkage) W − η(hᵀg + ∇penalty)], in place; the bracket's gradient rescaled for Adam.

    W is (groups, inputs, outputs), the layer's inputs h (groups, batch, inputs), g = ∂loss/∂(layer output)
    (groups, batch, outputs); η is a number or a tensor that broadcasts against the weights. Where the layer was
    multiplied with perturbed weights W′, hᵀg is multiplied with their derivative ∂W′/∂W.
    """
    penalty_gradient = method.penalty_gradient(weight)
    shrinkage = method.shrinkage(learning_rate)
    if method.rescales_gradients or derivative is not None:
        whole = torch.bmm(h.mT, gradient)
        if derivative is not None:
            whole.mul_(derivative)
        if penalty_gradient is not None:
            whole.add_(penalty_gradient)
        weight.mul_(shrinkage).sub_(learning_rate * method.rescale(weight, whole))
        method.project(weight)
        return
    if isinstance(shrinkage, Tensor):
        weight.mul_(shrinkage)
        shrinkage = 1.0
    if isinstance(learning_rate, Tensor):
        weight.baddbmm_(h.mT, learning_rate * gradient, beta=shrinkage, alpha=-1)
    else:
        weight.baddbmm_(h.mT, gradient, beta=shrinkage, alpha=-learning_rate)
    if penalty_gradient is not None:
        weight.sub_(learning_rate * penalty_gradient)
    method.project(weight)
