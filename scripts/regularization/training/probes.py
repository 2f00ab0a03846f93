"""Probes of trained networks: how they bear noise, occlusion and lost units, how smooth they are, what units share.

All probes look at test images, in inference mode, and draw from the stream `probe`, which no run's seed
enters: every network meets the same noise, patches and deletions. A probe's result is a row (probe, level, value).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from regularization.draws import Draws
from regularization.methods import Method
from regularization.streams import generator
from regularization.training.network import Network

N_FEWER = 2_000  # test images for the covariance of hidden units; noise, occlusion and mask averages have all
N_FEWEST = 500  # for what costs more
NOISE_STD = (0.0, 0.1, 0.2, 0.3, 0.5)  # of Gaussian noise on pixels in [0, 1]
PATCH_SIDES = (0, 6, 10, 14)  # pixels, of a black square
DELETED = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9)  # share of every hidden layer's units
N_DELETIONS = 5  # random choices of deleted units a share
N_ABLATED = 40  # units of the last hidden layer whose pairs are ablated
MASKS = (1, 3, 10, 30, 100)  # K of the K-mask average
CHUNK = 2_000  # images that sub-networks classify at once, for the processor's cache
_SIDE = 28

Row = tuple[str, float, float]


def probe(
    networks: Sequence[Network], x: Tensor, target: Tensor, temperatures: Sequence[float] = ()
) -> list[pd.DataFrame]:
    """Probe trained networks (single groups), mask averages excepted; columns probe, level, value of each.

    Images are (images, 784), pixels in [0, 1], their labels (images,). Where the networks' temperatures are given, the
    ablations are measured at them too.
    """
    found: list[list[Row]] = [[] for _ in networks]
    noise = torch.from_numpy(generator("probe", 0, part=0).standard_normal(x.shape)).to(x)
    for network, rows in zip(networks, found, strict=True):
        first, moved = _first_layer(network, x), noise @ network.weights[0][0]
        for std in NOISE_STD:
            rows += _scores("noise", std, _above(network, first + std * moved), target)
    for side, occluded in _occluded(x):
        for network, rows in zip(networks, found, strict=True):
            rows += _scores("occlusion", side, _above(network, _first_layer(network, occluded)), target)
    few, fewest, fewest_target = x[:N_FEWER], x[:N_FEWEST], target[:N_FEWEST]
    for i, (network, rows) in enumerate(zip(networks, found, strict=True)):
        rows += _jacobians(network, fewest)
        if len(network.weights) > 1:
            rows += [*_hidden_units(network, few), *_ablation(network, fewest, fewest_target)]
            rows += _deletion(network, fewest, fewest_target)
            for temperature in temperatures[i : i + 1]:
                tempered = _ablation(network, fewest, fewest_target, temperature)
                rows += [(f"tempered_{name}", level, value) for name, level, value in tempered]
    return [pd.DataFrame(rows, columns=["probe", "level", "value"]) for rows in found]


def mask_averages(
    network: Network,
    method: Method,
    seeds: np.ndarray,
    step: int,
    x: Tensor,
    target: Tensor,
    rows: Sequence[int] | np.ndarray,
) -> list[pd.DataFrame]:
    """Average probabilities over K of the sub-networks that training sampled from, beside ordinary inference.

    A sub-network is one mask of every hidden layer, the same for all images. Masks are those of the runs' own streams
    at the SGD steps after the last one, `step`: fresh draws from what they were trained under. Nothing for a method
    without masks. `network` and `seeds` are of all groups, images (images, 784), labels (images,). Returns a table
    (probe, level, value) for each of the groups `rows`: `mask_average_*` at level K, `weight_scaling_*` without level.
    """
    masks = _masks(network, method, seeds, step)
    tables = []
    for row in rows:
        found: list[Row] = []
        if masks:
            one = network.of(int(row))
            own = [[mask[row, 0] for mask in sub_network] for sub_network in masks]
            first = _first_layer(one, x)
            averages = torch.cat([_averages(one, own, part.relu()) for part in first.split(CHUNK)], dim=2)
            for k, average in zip(MASKS, averages, strict=True):
                found += _scores("mask_average", k, torch.log(average.T), target)
            found += _scores("weight_scaling", np.nan, _above(one, first), target)
        tables.append(pd.DataFrame(found, columns=["probe", "level", "value"]))
    return tables


def _masks(network: Network, method: Method, seeds: np.ndarray, step: int) -> list[list[Tensor]]:
    """Draw what multiplies the units of every hidden layer (groups, 1, units) in each of the largest K sub-networks.

    Empty for a method that does not multiply them: its noise makes no sub-network.
    """
    draws = Draws(seeds)
    masks: list[list[Tensor]] = []
    for k in range(1, max(MASKS) + 1):
        draws.step = step + k
        units = [torch.ones_like(bias) for bias in network.biases[:-1]]
        drawn = [method.perturb_hidden(one, layer, draws)[1] for layer, one in enumerate(units)]
        masks.append([mask for mask in drawn if mask is not None])
    return masks if masks[0] else []


def _averages(network: Network, masks: list[list[Tensor]], h: Tensor) -> Tensor:
    """Mean probabilities over the first K sub-networks, (len(MASKS), classes, images), from the first hidden layer.

    Only the units that a sub-network keeps are multiplied. `h` is (images, units).
    """
    h = h.T.contiguous()
    total = torch.zeros(network.weights[-1].shape[2], h.shape[1], dtype=torch.float64, device=h.device)
    averages = []
    for k, sub_network in enumerate(masks, start=1):
        kept = [mask.nonzero()[:, 0] for mask in sub_network]
        values = h[kept[0]]
        for layer, mask in enumerate(sub_network, start=1):
            weight, bias = network.weights[layer][0], network.biases[layer][0, 0]
            weight = (weight * mask[:, None])[kept[layer - 1]]
            if layer < len(masks[0]):
                weight, bias = weight[:, kept[layer]], bias[kept[layer]]
            values = torch.addmm(bias[:, None], weight.T, values)
            if layer < len(masks[0]):
                values.relu_()
        total += torch.softmax(values.double(), dim=0)
        if k in MASKS:
            averages.append(total / k)
    return torch.stack(averages)


def _first_layer(network: Network, x: Tensor) -> Tensor:
    """The first layer's output before ReLU, (images, units)."""
    return torch.addmm(network.biases[0][0], x, network.weights[0][0])


def _above(network: Network, first: Tensor) -> Tensor:
    """The logits, (images, classes), from the first layer's output before ReLU."""
    above = Network(network.weights[1:], network.biases[1:])
    return above.output(first.relu()[None])[0] if above.weights else first


def _scores(name: str, level: float, log_probabilities: Tensor, target: Tensor) -> list[Row]:
    """Compute cross-entropy and accuracy; log-probabilities up to a constant a row, shape (images, classes)."""
    loss = functional.cross_entropy(log_probabilities.double(), target).item()
    accuracy = (log_probabilities.argmax(dim=1) == target).double().mean().item()
    return [(f"{name}_loss", level, loss), (f"{name}_accuracy", level, accuracy)]


def _occluded(x: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Cover every image with a black square of each side, at a place of its own."""
    for level, side in enumerate(PATCH_SIDES):
        corner = generator("probe", 0, part=1, step=level).integers(_SIDE - side + 1, size=(2, len(x), 1))
        place = np.arange(_SIDE)
        row, column = (place >= corner) & (place < corner + side)
        kept = torch.from_numpy(~(row[:, :, None] & column[:, None, :]).reshape(len(x), -1)).to(x)
        yield side, x * kept


def _jacobians(network: Network, x: Tensor) -> list[Row]:
    """Average over images the Frobenius norm of ∂logits/∂x and of ∂probabilities/∂x (Novak et al. 2018)."""
    *hidden, logits = _layers(network, x)
    jacobian = network.weights[-1][0].T.expand(len(x), -1, -1)  # (images, classes, units)
    for weight, h in zip(network.weights[-2::-1], hidden[::-1], strict=True):
        jacobian = (jacobian * (h > 0)[:, None, :]) @ weight[0].T
    p = torch.softmax(logits, dim=1)[:, :, None]
    of_probabilities = p * (jacobian - (p * jacobian).sum(dim=1, keepdim=True))
    norms = (j.square().sum(dim=(1, 2), dtype=torch.float64).sqrt().mean().item() for j in (jacobian, of_probabilities))
    return [(name, np.nan, norm) for name, norm in zip(("logit_jacobian_norm", "jacobian_norm"), norms, strict=True)]


def _hidden_units(network: Network, x: Tensor) -> list[Row]:
    """Measure how much hidden units share: mean |correlation| of active ones, and the participation ratio (Σλ)²/Σλ²."""
    rows: list[Row] = []
    for layer, h in enumerate(_layers(network, x)[:-1], start=1):
        centred = h.double() - h.double().mean(dim=0)
        covariance = (centred.T @ centred / len(h)).cpu().numpy()
        std = np.sqrt(np.diag(covariance))
        active = std > 1e-6 * max(std.max(), 1e-12)
        correlation = np.abs(covariance[np.ix_(active, active)] / np.outer(std[active], std[active]))
        n = int(active.sum())
        mean = float((correlation.sum() - n) / (n * (n - 1))) if n > 1 else np.nan
        ratio = float(np.trace(covariance) ** 2 / (covariance**2).sum()) if n else np.nan
        rows += [("hidden_correlation", layer, mean), ("participation_ratio", layer, ratio)]
    return rows


def _ablation(network: Network, x: Tensor, target: Tensor, temperature: float = 1.0) -> list[Row]:
    """Mean |ΔL_i| over units of the last hidden layer, and |ΔL_ij − ΔL_i − ΔL_j| over pairs: what two do only together.

    ΔL is the rise of the cross-entropy, at a temperature, without them.
    """
    *_, h, logits = _layers(network, x)
    h, logits, weight = h.double(), logits.double() / temperature, network.weights[-1][0].double() / temperature
    units = generator("probe", 0, part=2).permutation(h.shape[1])[:N_ABLATED]
    effect = h[:, units].T[:, :, None] * weight[units][:, None, :]  # (units, images, classes): what ablation takes away
    whole = functional.cross_entropy(logits, target)

    def rise(without: Tensor) -> Tensor:
        losses = functional.cross_entropy((logits - without).mT, target.expand(len(without), -1), reduction="none")
        return losses.mean(dim=1) - whole

    i, j = torch.combinations(torch.arange(len(units))).T  # none of a single unit, and then no mean
    alone = rise(effect)
    together = torch.cat([rise(effect[a] + effect[b]) for a, b in zip(i.split(100), j.split(100), strict=True)])
    layer = len(network.weights) - 1
    return [
        ("unit_ablation_effect", layer, alone.abs().mean().item()),
        ("pair_ablation_interaction", layer, (together - alone[i] - alone[j]).abs().mean().item()),
    ]


def _deletion(network: Network, x: Tensor, target: Tensor) -> list[Row]:
    """Measure accuracy without a share of every hidden layer, the rest scaled up: what dropout trains for."""
    rows: list[Row] = []
    for level, share in enumerate(DELETED):
        accuracies = []
        for choice in range(N_DELETIONS if share else 1):
            draw = generator("probe", 0, part=3, step=level * N_DELETIONS + choice)
            weights = [network.weights[0]]
            for weight in network.weights[1:]:
                n = weight.shape[1]
                kept = np.zeros((1, n, 1))
                kept[:, draw.permutation(n)[: round(n * (1 - share))]] = 1 / (1 - share)
                weights.append(weight * torch.from_numpy(kept).to(weight))
            logits = Network(weights, network.biases).output(x[None])[0]
            accuracies.append((logits.argmax(dim=1) == target).double().mean().item())
        rows.append(("deletion_accuracy", share, float(np.mean(accuracies))))
    return rows


def _layers(network: Network, x: Tensor) -> list[Tensor]:
    """Compute the activations of every hidden layer and the logits, each (images, units)."""
    layers = [x]
    for weight, bias in zip(network.weights, network.biases, strict=True):
        layers.append(torch.addmm(bias[0], layers[-1], weight[0]))
        if len(layers) <= len(network.weights) - 1:
            layers[-1].relu_()
    return layers[1:]
