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
    monkeypatch.setattr(probes, "N_FEWEST", 20)
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
    [table], [lost] = probes.probe([network], x, target)
    noise = torch.from_numpy(generator("probe", 0, part=0).standard_normal(x.shape))
    for std in probes.NOISE_STD:
        is_scored(table, "noise", std, layers(network, x + std * noise)[-1], target)
    for side in probes.PATCH_SIDES:
        hidden = probes._occluded(x, side).reshape(-1, 28, 28) != x.reshape(-1, 28, 28)
        assert (hidden.sum(dim=(1, 2)) == side**2).all()
        assert (hidden.any(dim=1).sum(dim=1) == side).all()
        is_scored(table, "occlusion", side, layers(network, probes._occluded(x, side))[-1], target)
    for name, column in (("noise_accuracy", "lost_to_noise"), ("occlusion_accuracy", "lost_to_occlusion")):
        undisturbed, *others = of(table, name).values()
        assert lost[column].mean() == pytest.approx(undisturbed - np.mean(others), abs=1e-7)
    noisy = [layers(network, x + std * noise)[-1].argmax(dim=1) == target for std in probes.NOISE_STD]
    expected = noisy[0].double() - torch.stack(noisy[1:]).double().mean(dim=0)
    np.testing.assert_array_equal(lost["lost_to_noise"], expected)


def test_jacobians_are_autograds(network, images):
    x, target = images
    [table], _ = probes.probe([network], x, target)
    outputs = {
        "logit_jacobian_norm": lambda pixels: layers(network, pixels)[-1],
        "jacobian_norm": lambda pixels: torch.softmax(layers(network, pixels)[-1], dim=-1),
    }
    for name, output in outputs.items():
        norms = [torch.autograd.functional.jacobian(output, one).norm().item() for one in x[: probes.N_FEWEST]]
        assert of(table, name)[-1] == pytest.approx(np.mean(norms), rel=1e-9)


def test_hidden_units_share_what_their_correlations_say(network, images):
    x, target = images
    [table], _ = probes.probe([network], x, target)
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
    [table], _ = probes.probe([network], *images, temperatures=[2.5])
    last = len(network.weights) - 2
    if last < 0:
        assert of(table, "pair_ablation_interaction") == {}
        return
    n = network.weights[-1].shape[1]

    def loss(temperature: float, *without: int) -> float:
        kept = torch.ones(n, dtype=torch.float64)
        kept[list(without)] = 0
        return functional.cross_entropy(layers(network, x, {last: kept})[-1] / temperature, target).item()

    for t, prefix in ((1.0, ""), (2.5, "tempered_")):
        pairs = [abs(loss(t, i, j) - loss(t, i) - loss(t, j) + loss(t)) for i, j in combinations(range(n), 2)]
        assert of(table, f"{prefix}pair_ablation_interaction") == {last + 1: pytest.approx(np.mean(pairs), rel=1e-9)}
        units = [abs(loss(t, i) - loss(t)) for i in range(n)]
        assert of(table, f"{prefix}unit_ablation_effect") == {last + 1: pytest.approx(np.mean(units), rel=1e-9)}


def test_without_a_share_of_the_units_the_others_count_more(network, images):
    x, target = (part[:20] for part in images)
    [table], _ = probes.probe([network], *images)
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


@pytest.mark.parametrize("name", ["dropout", "gaussian_dropout", "layer_noise", "input_noise"])
def test_averages_are_of_the_networks_whose_masks_the_next_steps_would_draw(network, images, name):
    x, target = images
    n_hidden = len(network.weights) - 1
    method = method_class(name)(lam=0.3, p=(0.4,) * max(1, n_hidden), n_hidden=n_hidden)
    [table] = probes.mask_averages(network, method, np.array([5]), 70, x, target, [0])
    if n_hidden == 0 or name.endswith("noise"):  # what is added makes no sub-network
        assert table.empty
        return
    draws, total = Draws([5]), 0.0
    for k in range(1, max(probes.MASKS) + 1):
        draws.step = 70 + k
        units = [torch.ones(1, 1, bias.shape[-1], dtype=x.dtype) for bias in network.biases[:-1]]
        masks = {layer: method.perturb_hidden(one, layer, draws)[1][0, 0] for layer, one in enumerate(units)}
        total = total + torch.softmax(layers(network, x, masks)[-1], dim=1)
        if k in probes.MASKS:
            is_scored(table, "mask_average", k, torch.log(total / k), target)
    is_scored(table, "weight_scaling", -1, layers(network, x)[-1], target)


def test_a_mask_that_drops_every_unit_leaves_the_biases(network, images):
    x, target = images
    n_hidden = len(network.weights) - 1
    method = method_class("dropout")(p=(1.0,) * max(1, n_hidden), n_hidden=n_hidden)
    [table] = probes.mask_averages(network, method, np.array([5]), 70, x, target, [0])
    if n_hidden:
        is_scored(table, "mask_average", 1, network.biases[-1][0].expand(len(x), -1), target)
