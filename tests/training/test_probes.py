"""The probes of networks against their definitions, computed the long way: by autograd, by zeroing units one by one."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from regularization.draws import Draws
from regularization.methods import method_class
from regularization.streams import generator
from regularization.training import probes
from regularization.training.network import Network

LAYERS = {"two hidden layers": (784, 12, 9, 10), "one hidden layer": (784, 7, 10), "none": (784, 10)}


@pytest.fixture(params=LAYERS.values(), ids=LAYERS)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(1)
    sizes = list(pairwise(request.param))
    weights = [torch.randn(1, n, m, dtype=torch.float64) * 1.5 * n**-0.5 for n, m in sizes]
    return Network(weights, [0.3 * torch.randn(1, 1, m, dtype=torch.float64) for _, m in sizes])


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> tuple[Tensor, Tensor]:
    monkeypatch.setattr(probes, "N_FEWER", 20)
    draw = np.random.default_rng(2)
    return torch.from_numpy(draw.random((60, 784))), torch.from_numpy(draw.integers(10, size=60))


def layers(network: Network, x: Tensor, kept: dict[int, Tensor] | None = None) -> list[Tensor]:
    """Hidden activations and logits; of the hidden layers in `kept`, the next sees its products with these factors."""
    found: list[Tensor] = []
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        x = x @ weight[0] + bias[0, 0]
        if layer < len(network.weights) - 1:
            x = torch.relu(x)
        found.append(x)
        x = x * (kept or {}).get(layer, torch.ones(()))
    return found


def of(table: pd.DataFrame, name: str) -> dict[float, float]:
    rows = table[table["probe"] == name]
    return dict(zip(rows["level"].fillna(-1), rows["value"], strict=True))


def is_scored(table: pd.DataFrame, name: str, level: float, logits: Tensor, target: Tensor) -> None:
    assert of(table, f"{name}_loss")[level] == pytest.approx(functional.cross_entropy(logits, target).item(), rel=1e-9)
    assert of(table, f"{name}_accuracy")[level] == (logits.argmax(dim=1) == target).double().mean().item()


def test_noise_is_added_to_the_pixels_and_a_square_of_them_is_blackened(network, images):
    x, target = images
    [table] = probes.probe([network], x, target)
    noise = torch.from_numpy(generator("probe", 0, part=0).standard_normal(x.shape))
    for std in probes.NOISE_STD:
        is_scored(table, "noise", std, layers(network, x + std * noise)[-1], target)
    for side in probes.PATCH_SIDES:
        hidden = probes._occluded(x, side).reshape(-1, 28, 28) != x.reshape(-1, 28, 28)
        assert (hidden.sum(dim=(1, 2)) == side**2).all()
        assert (hidden.any(dim=1).sum(dim=1) == side).all()
        is_scored(table, "occlusion", side, layers(network, probes._occluded(x, side))[-1], target)


def test_jacobians_are_autograds(network, images):
    x, target = images
    [table] = probes.probe([network], x, target)
    outputs = {
        "logit_jacobian_norm": lambda pixels: layers(network, pixels)[-1],
        "jacobian_norm": lambda pixels: torch.softmax(layers(network, pixels)[-1], dim=-1),
    }
    for name, output in outputs.items():
        norms = [torch.autograd.functional.jacobian(output, one).norm().item() for one in x[: probes.N_FEWER]]
        assert of(table, name)[-1] == pytest.approx(np.mean(norms), rel=1e-9)


def test_hidden_units_share_what_their_correlations_say(network, images):
    x, target = images
    [table] = probes.probe([network], x, target)
    *hidden, _ = layers(network, x)
    for name in ("hidden_correlation", "participation_ratio"):
        assert list(of(table, name)) == list(range(1, len(hidden) + 1))
    for layer, h in enumerate(hidden, start=1):
        h = h.numpy()
        active = h[:, h.std(axis=0) > 0].T
        pairs = [abs(np.corrcoef(a, b)[0, 1]) for a, b in combinations(active, 2)]
        assert of(table, "hidden_correlation")[layer] == pytest.approx(np.mean(pairs), rel=1e-9)
        eigenvalues = np.linalg.eigvalsh(np.cov(h.T))
        ratio = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
        assert of(table, "participation_ratio")[layer] == pytest.approx(ratio, rel=1e-9)


def test_two_units_do_together_what_their_ablation_one_by_one_does_not_do(network, images):
    x, target = (part[:20] for part in images)
    [table] = probes.probe([network], *images)
    last = len(network.weights) - 2
    if last < 0:
        assert of(table, "pair_ablation_interaction") == {}
        return
    n = network.weights[-1].shape[1]

    def loss(*without: int) -> float:
        kept = torch.ones(n, dtype=torch.float64)
        kept[list(without)] = 0
        return functional.cross_entropy(layers(network, x, {last: kept})[-1], target).item()

    pairs = [abs(loss(i, j) - loss(i) - loss(j) + loss()) for i, j in combinations(range(n), 2)]
    assert of(table, "pair_ablation_interaction") == {last + 1: pytest.approx(np.mean(pairs), rel=1e-9)}


def test_without_a_share_of_the_units_the_others_count_more(network, images):
    x, target = (part[:20] for part in images)
    [table] = probes.probe([network], *images)
    if len(network.weights) == 1:
        assert of(table, "deletion_accuracy") == {}
        return
    for level, share in enumerate(probes.DELETED):
        accuracies = []
        for choice in range(probes.N_DELETIONS):
            draw = generator("probe", 0, part=3, step=level * probes.N_DELETIONS + choice)
            kept = {}
            for layer, weight in enumerate(network.weights[1:]):
                n = weight.shape[1]
                kept[layer] = torch.zeros(n, dtype=torch.float64)
                kept[layer][draw.permutation(n)[: round(n * (1 - share))]] = 1 / (1 - share)
            accuracies.append((layers(network, x, kept)[-1].argmax(dim=1) == target).double().mean().item())
        wanted = np.mean(accuracies if share else accuracies[:1])
        assert of(table, "deletion_accuracy")[share] == pytest.approx(wanted, rel=1e-12)


P = (0.2, 0.5)


def three_networks() -> Network:
    draw = torch.Generator().manual_seed(0)
    shapes = list(pairwise(LAYERS["two hidden layers"]))
    weights = [torch.randn(3, n, m, generator=draw, dtype=torch.float64) * n**-0.5 for n, m in shapes]
    return Network(weights, [0.1 * torch.randn(3, 1, m, generator=draw, dtype=torch.float64) for _, m in shapes])


def averages(images: tuple[Tensor, Tensor], name: str, lam: float = 0.0, p: tuple[float, ...] = P) -> pd.DataFrame:
    """Of the last of three networks, whose seed is 9; the first is probed beside it."""
    method = method_class(name)(lam, p, 2)
    return probes.mask_averages(three_networks(), method, np.array([4, 7, 9]), 70, *images, [0, 2])[1]


def test_averages_are_of_sub_networks_with_the_masks_of_the_next_steps_each_one_mask_for_all_images(images):
    x, target = images
    table, network, draws, total = averages(images, "dropout"), three_networks().of(2), Draws([9]), 0.0
    for k in range(1, max(probes.MASKS) + 1):
        draws.step = 70 + k
        masks = [draws.dropout_mask(P[i], torch.ones_like(b), part=i)[0, 0] for i, b in enumerate(network.biases[:-1])]
        total = total + torch.softmax(layers(network, x, dict(enumerate(masks)))[-1], dim=1)
        if k in probes.MASKS:
            is_scored(table, "mask_average", k, torch.log(total / k), target)
    is_scored(table, "weight_scaling", -1, layers(network, x)[-1], target)


def test_only_methods_that_multiply_hidden_units_have_sub_networks(images):
    for name in ("none", "input_noise", "layer_noise"):
        assert averages(images, name, 0.1).empty
    for name in ("dropout", "gaussian_dropout", "dropout_weight_decay"):
        assert len(averages(images, name)) == 2 * (len(probes.MASKS) + 1)


def test_a_mask_that_drops_every_unit_leaves_the_biases(images):
    table, bias = averages(images, "dropout", p=(1.0, 1.0)), three_networks().of(2).biases[-1][0]
    for k in probes.MASKS:
        is_scored(table, "mask_average", k, bias.expand(len(images[0]), -1), images[1])
