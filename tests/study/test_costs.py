"""What jobs ask a cluster for: more for more work, more data and every further attempt."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from regularization.settings import FashionMLPSetting
from regularization.study import costs, plan
from regularization.study.configuration import Configuration
from regularization.study.plan import Cohort
from regularization.textbook import fashion_mlp
from regularization.textbook.inputs import mlp_parameters
from studies import entry, study


def the_cohort(*entries: dict, **changes: object) -> tuple[Cohort, Configuration]:
    configuration = study(*entries, **changes)
    [cohort] = plan.cohorts(configuration)
    return cohort, configuration


def linear(**changes: object) -> tuple[Cohort, Configuration]:
    return the_cohort(entry("linear_regression", **changes))


def network(**changes: object) -> tuple[Cohort, Configuration]:
    return the_cohort(entry("fashion_mnist", **{"settings": ["samples_500"], **changes}))


@pytest.mark.parametrize("cohort", [linear(), network()], ids=["linear", "network"])
def test_every_attempt_asks_for_as_much_again(cohort: tuple[Cohort, Configuration]) -> None:
    assert costs.minutes(*cohort, attempt=3) == 3 * costs.minutes(*cohort)
    assert costs.memory_mb(*cohort, "cpu", attempt=3) == 3 * costs.memory_mb(*cohort, "cpu")


def test_more_epochs_take_more_time_and_what_is_held_more_memory() -> None:
    short, long = network(settings=["softmax_500"]), network(settings=["samples_10000"])
    assert costs.minutes(*long) > costs.minutes(*short)
    assert costs.memory_mb(*long, "cpu") == costs.memory_mb(*short, "cpu")
    few, many = (linear(settings=[name], seeds=100) for name in ("samples_10", "samples_2000"))
    drawn = 8e-6 * 100 * 200 * (2000 - 10)  # MB of float64: seeds × features × samples more
    assert costs.memory_mb(*many, "cpu") - costs.memory_mb(*few, "cpu") >= drawn
    assert costs.memory_mb(*network(seeds=12, predictions=True), "cpu") > costs.memory_mb(*network(seeds=12), "cpu")
    trained, solved = linear(), linear(methods=["ridge"], lam=[3])
    assert costs.memory_mb(*trained, "cuda") > costs.memory_mb(*trained, "cpu")
    assert costs.memory_mb(*solved, "cuda") == costs.memory_mb(*solved, "cpu")


@pytest.mark.parametrize("hidden", [(), (8,), (8, 5)])
def test_the_products_of_a_network_are_counted_as_autograd_makes_them(hidden: tuple[int, ...]) -> None:
    setting = FashionMLPSetting(hidden=hidden)
    model = fashion_mlp.DropoutMLP(mlp_parameters(setting, 0), [0.0] * len(hidden), [])
    with FlopCounterMode(display=False) as counted:
        model(torch.ones(7, 784)).sum().backward()
    assert counted.get_total_flops() == 7 * 2 * setting.multiply_adds
