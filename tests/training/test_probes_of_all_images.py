"""Probes take short cuts past the first layer; they must give what the whole network gives."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from regularization.draws import Draws
from regularization.methods import method_class
from regularization.streams import generator
from regularization.training import probes
from regularization.training.network import Network

SIZES = (784, 24, 16, 10)
IMAGES = 600
P = (0.2, 0.5)


def networks(groups: int = 3) -> Network:
    rng = torch.Generator().manual_seed(0)
    shapes = list(pairwise(SIZES))
    weights = [torch.randn(groups, a, b, generator=rng, dtype=torch.float64) / a**0.5 for a, b in shapes]
    return Network(weights, [0.1 * torch.randn(groups, 1, b, generator=rng, dtype=torch.float64) for _, b in shapes])


def images() -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(1)
    x = torch.rand(IMAGES, SIZES[0], generator=rng, dtype=torch.float64)
    return x, torch.randint(10, (IMAGES,), generator=rng)


def loss_of(log_probabilities: torch.Tensor, labels: torch.Tensor) -> float:
    return torch.nn.functional.cross_entropy(log_probabilities, labels).item()


def averages(method: str, lam: float = 0.0) -> list[dict[tuple[str, float], float]]:
    made = method_class(method)(lam, P, 2)
    tables = probes.mask_averages(networks(), made, np.array([4, 7, 9]), 5, *images(), [2, 0])
    return [table.fillna(0).set_index(["probe", "level"])["value"].to_dict() for table in tables]


def test_the_mean_over_sub_networks_is_that_of_the_network_under_its_own_masks() -> None:
    x, labels = images()
    draws, total = Draws(np.array([9])), torch.zeros(IMAGES, 10, dtype=torch.float64)
    one, found = networks().of(2), averages("dropout")[0]
    for k in range(1, 101):
        draws.step, h = 5 + k, x
        for layer, (weight, bias) in enumerate(zip(one.weights, one.biases, strict=True)):
            h = h @ weight[0] + bias[0]
            if layer < 2:
                h = h.relu() * draws.dropout_mask(P[layer], torch.ones_like(bias), part=layer)[0]
        total += h.softmax(dim=1)
        if k in probes.MASKS:
            assert found["mask_average_loss", k] == pytest.approx(loss_of((total / k).log(), labels), rel=1e-9)
    assert found["weight_scaling_loss", 0] == pytest.approx(loss_of(one.output(x[None])[0], labels), rel=1e-9)


def test_only_methods_that_multiply_hidden_units_have_sub_networks() -> None:
    for method in ("none", "input_noise", "layer_noise"):
        assert averages(method, 0.1) == [{}, {}]
    for method in ("dropout", "gaussian_dropout", "dropout_weight_decay"):
        assert len(averages(method)[1]) == 2 * (len(probes.MASKS) + 1)


def test_a_mask_that_drops_every_unit_leaves_the_biases() -> None:
    made = method_class("dropout")(0.0, (1.0, 1.0), 2)
    (table,) = probes.mask_averages(networks(1), made, np.array([0]), 5, *images(), [0])
    bias = networks(1).biases[-1][0].expand(IMAGES, -1)
    averaged = table.loc[table["probe"] == "mask_average_loss", "value"]
    np.testing.assert_allclose(averaged, loss_of(bias, images()[1]), rtol=1e-9)


def test_noise_is_added_to_all_pixels_of_all_images() -> None:
    x, labels = images()
    one = networks().of(1)
    noise = torch.from_numpy(generator("probe", 0, part=0).standard_normal(x.shape))
    (table,) = probes.probe([one], x, labels)
    for std in probes.NOISE_STD:
        found = table.query("probe == 'noise_loss' and level == @std")["value"].item()
        assert found == pytest.approx(loss_of(one.output((x + std * noise)[None])[0], labels), rel=1e-9)
