"""Probes of trained networks: how they bear noise, occlusion and lost units, how smooth they are, what units share.

All probes look at test images, in inference mode, and draw from the stream `probe`, which no run's seed
enters: every network meets the same noise, patches and deletions. A probe's result is a row (probe, level, value).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from regularization.columns import LOST
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
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Probe trained networks (single groups), mask averages excepted; columns probe, level, value of each.

    Images are (images, 784), pixels in [0, 1], their labels (images,). Where the networks' temperatures are given, the
    ablations are measured at them too. Returned beside them: what each network loses on every image (`LOST`).
    """
    noise, occluded = _noise(x), [(side, _occluded(x, side)) for side in PATCH_SIDES]
    found, lost = [], []
    for i, network in enumerate(networks):
        first, of_noise = network.first(x[None]), noise[None] @ network.weights[0]
        *hidden, logits = (layer[0] for layer in network.above(first.clone()))
        rows: list[Row] = []
        right: dict[str, list[Tensor]] = {name: [] for name in LOST}
        for std in NOISE_STD:  # (x + σε)W = xW + σεW: two products serve every σ
            noisy = network.above(first.add(of_noise, alpha=std))[-1][0] if std else logits
            rows += _scores("noise", std, noisy, target)
            right["lost_to_noise"].append(noisy.argmax(dim=1) == target)
        for side, changed in occluded:
            covered = network.output(changed[None])[0] if side else logits
            rows += _scores("occlusion", side, covered, target)
            right["lost_to_occlusion"].append(covered.argmax(dim=1) == target)
        lost.append(pd.DataFrame({name: _lost(levels) for name, levels in right.items()}))
        fewest, of_fewest, labels = [h[:N_FEWEST] for h in hidden], logits[:N_FEWEST], target[:N_FEWEST]
        rows += _jacobians(network, fewest, of_fewest)
        if hidden:
            rows += [*_hidden_units([h[:N_FEWER] for h in hidden]), *_deletion(network, fewest[0], labels)]
            rows += _ablation(network, fewest[-1], of_fewest, labels)
            for temperature in temperatures[i : i + 1]:
                tempered = _ablation(network, fewest[-1], of_fewest, labels, temperature)
                rows += [(f"tempered_{name}", level, value) for name, level, value in tempered]
        found.append(pd.DataFrame(rows, columns=["probe", "level", "value"]))
    return found, lost


def _lost(right: Sequence[Tensor]) -> np.ndarray:
    """Whether an image's class is right undisturbed − how often at the other levels, from −1 to 1, shape (images,)."""
    undisturbed, *others = (level.float() for level in right)
    return (undisturbed - torch.stack(others).mean(dim=0)).cpu().numpy()


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
            first = one.first(x[None])[0]
            averages = torch.cat([_averages(one, own, part.relu()) for part in first.split(CHUNK)], dim=2)
            for k, average in zip(MASKS, averages, strict=True):
                found += _scores("mask_average", k, torch.log(average.T), target)
            found += _scores("weight_scaling", np.nan, one.above(first[None])[-1][0], target)
        tables.append(pd.DataFrame(found, columns=["probe", "level", "value"]))
    return tables


def _masks(network: Network, method: Method, seeds: np.ndarray, step: int) -> list[list[Tensor]]:
    """Draw what multiplies hidden units, (groups, 1, units) a layer, in the largest K sub-networks; [] if none."""
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


def loss_and_accuracy(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean cross-entropy, summed in float64, and accuracy: logits (images, classes), labels (images,)."""
    z = logits.double()
    loss = torch.logsumexp(z, dim=1) - z.gather(1, labels[:, None])[:, 0]  # a third of `cross_entropy`'s time
    return loss.mean().item(), (logits.argmax(dim=1) == labels).double().mean().item()


def _scores(name: str, level: float, log_probabilities: Tensor, target: Tensor) -> list[Row]:
    """Compute cross-entropy and accuracy; log-probabilities up to a constant a row, shape (images, classes)."""
    loss, accuracy = loss_and_accuracy(log_probabilities, target)
    return [(f"{name}_loss", level, loss), (f"{name}_accuracy", level, accuracy)]


def _noise(x: Tensor) -> Tensor:
    return torch.from_numpy(generator("probe", 0, part=0).standard_normal(x.shape)).to(x)


def _occluded(x: Tensor, side: int) -> Tensor:
    """Cover every image with a black square, at a place of its own."""
    draw = generator("probe", 0, part=1, step=PATCH_SIDES.index(side))
    corner, place = draw.integers(_SIDE - side + 1, size=(2, len(x), 1)), np.arange(_SIDE)
    row, column = (place >= corner) & (place < corner + side)
    return x * torch.from_numpy(~(row[:, :, None] & column[:, None, :]).reshape(len(x), -1)).to(x)


def _jacobians(network: Network, hidden: Sequence[Tensor], logits: Tensor) -> list[Row]:
    """Average over images the Frobenius norm of ∂logits/∂x and of ∂probabilities/∂x (Novak et al. 2018).

    With J = ∂logits/∂(first layer's output), W the first weights and P = ∂probabilities/∂logits = diag(p) − ppᵀ, their
    squares are the traces of JWᵀWJᵀ and PJWᵀWJᵀP: smaller than the derivatives by pixels themselves.
    """
    jacobian = torch.eye(logits.shape[1]).to(logits).expand(len(logits), -1, -1)  # (images, classes, units)
    for weight, h in zip(network.weights[:0:-1], hidden[::-1], strict=True):
        jacobian = (jacobian @ weight[0].T) * (h > 0)[:, None, :]
    jacobian, first, p = jacobian.double(), network.weights[0][0].double(), torch.softmax(logits.double(), dim=1)
    products = jacobian @ (first.T @ first) @ jacobian.mT  # (images, classes, classes)
    of_softmax = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    squares = products.diagonal(dim1=1, dim2=2), (of_softmax @ products) * of_softmax
    norms = (square.flatten(1).sum(dim=1).clamp(min=0).sqrt().mean().item() for square in squares)
    return [(name, np.nan, norm) for name, norm in zip(("logit_jacobian_norm", "jacobian_norm"), norms, strict=True)]


def _hidden_units(hidden: Sequence[Tensor]) -> list[Row]:
    """Measure how much hidden units share: mean |correlation| of active ones, and the participation ratio (Σλ)²/Σλ²."""
    rows: list[Row] = []
    for layer, h in enumerate(hidden, start=1):
        covariance = torch.cov(h.double().T, correction=0).reshape(h.shape[1], -1).cpu().numpy()
        std = np.sqrt(np.diag(covariance))
        active = std > 1e-6 * max(std.max(), 1e-12)
        correlation = np.abs(covariance[np.ix_(active, active)] / np.outer(std[active], std[active]))
        n = int(active.sum())
        mean = float((correlation.sum() - n) / (n * (n - 1))) if n > 1 else np.nan
        ratio = float(np.trace(covariance) ** 2 / (covariance**2).sum()) if n else np.nan
        rows += [("hidden_correlation", layer, mean), ("participation_ratio", layer, ratio)]
    return rows


def _ablation(network: Network, h: Tensor, logits: Tensor, target: Tensor, temperature: float = 1.0) -> list[Row]:
    """Mean |ΔL_i| over units of the last hidden layer, and |ΔL_ij − ΔL_i − ΔL_j| over pairs: what two do only together.

    ΔL is the rise of the mean cross-entropy, at a temperature, without them. Without a pair the logits z become
    z − e_i − e_j, and the loss log Σ_c exp(z_c) − z_y rises by log Σ_c p_c a_ic a_jc + e_iy + e_jy with a = exp(−e) and
    p = softmax(z): in the interaction the label's own e cancel.
    """
    units = generator("probe", 0, part=2).permutation(h.shape[1])[:N_ABLATED]
    weight = network.weights[-1][0].double()[units] / temperature
    effect = h.double()[:, units, None] * weight  # (images, units, classes)
    a = torch.softmax(-effect, dim=2)  # a factor common to all classes cancels too
    weighted = a * torch.softmax(logits.double() / temperature, dim=1)[:, None, :]
    alone, together = weighted.sum(dim=2).log().mean(dim=0), (weighted @ a.mT).log().mean(dim=0)
    i, j = torch.combinations(torch.arange(len(units))).T  # none of a single unit, and then no mean
    alone_rise = alone + (torch.logsumexp(-effect, dim=2) + effect[torch.arange(len(h)), :, target]).mean(dim=0)
    interaction = (together[i, j] - alone[i] - alone[j]).abs().mean().item()
    layer = len(network.weights) - 1
    return [
        ("unit_ablation_effect", layer, alone_rise.abs().mean().item()),
        ("pair_ablation_interaction", layer, interaction),
    ]


def _deletion(network: Network, first: Tensor, target: Tensor) -> list[Row]:
    """Accuracy without a share of the hidden units, the rest scaled up, from the first activations (images, units)."""
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
            logits = Network(weights, network.biases).above(first[None])[-1][0]
            accuracies.append((logits.argmax(dim=1) == target).double().mean().item())
        rows.append(("deletion_accuracy", share, float(np.mean(accuracies))))
    return rows
