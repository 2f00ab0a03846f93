"""What a method declares is kept or refused, and what tells its cells apart is passed to it: nothing is ignored."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cohorts import TINY, made_up_images, rows, settings_of, train
from regularization import methods
from regularization.methods import ClosedForm, Method, MethodError, method_class, method_names
from regularization.reporting.drawing import style
from regularization.settings import FashionMLPSetting, Share
from regularization.training.responses import responses


def hook(self: Method, *_: Any) -> None:
    """A hook that is never called here."""


PENALTY = {"penalty": hook, "penalty_gradient": hook}
REFUSED: list[tuple[type[Method], dict[str, Any], str]] = [
    (Method, {"keyed_by": ("lam", "probability"), **PENALTY}, "keyed_by = .* Allowed: a tuple of 'lam' and 'p'"),
    (Method, {"keyed_by": "lam", **PENALTY}, "keyed_by = 'lam' cannot be"),
    (Method, {"keyed_by": ("lam",)}, "override a hook that changes a step"),
    (Method, {"keyed_by": ("lam",), "penalty": hook}, "override a hook that changes a step"),
    (Method, {"experiments": ("linear",), **PENALTY}, "experiments = .* Allowed: a tuple of 'linear_regression'"),
    (
        Method,
        {"only_scales": True, **PENALTY, "perturb_inputs": hook},
        "only_scales = True .* False, with perturb_inputs",
    ),
    (Method, {"only_scales": True, "project": hook}, "only_scales = True .* False, with project"),
    (Method, {"only_scales": True, "rescale": hook}, "only_scales = True .* False, with rescale"),
    (Method, {"perturb_weights": hook}, "all but linear_regression, where runs share one tensor of weights"),
    (Method, {"closed_form": True, **PENALTY}, "closed_form = True .* derive it from ClosedForm"),
    (ClosedForm, {"keyed_by": ("lam", "p")}, r"keyed_by = \('lam', 'p'\) .* Allowed: a tuple of 'lam', or \(\)"),
    (ClosedForm, {"keyed_by": ("lam",), **PENALTY}, "what is solved never calls penalty, penalty_gradient"),
    (ClosedForm, {"experiments": ("fashion_mnist",)}, "closed forms are of linear models"),
    (Method, {"perturbs_inputs": True}, "perturbs_inputs = True .* it follows from the hooks"),
    (Method, {"affine": True, "after_step": hook}, "affine = True .* False, with after_step"),
    (Method, {"__annotations__": {"rate": Share}, "rate": 1.5}, "rate = 1.5 cannot be: it should be less than or "),
    (Method, {"__annotations__": {"rate": Share}}, "rate = None cannot be a hyperparameter. Allowed: a number"),
    (Method, {"__annotations__": {"lam": Share}, "lam": 0.5}, "lam = 0.5 cannot be a hyperparameter"),
    (Method, {"__annotations__": {"rate": "Sahre"}, "rate": 0.5}, "'Sahre' is not defined: import .* at run time"),
]


def test_a_file_without_a_method_helps_others_and_is_none(tmp_path, monkeypatch):
    (tmp_path / "shared_by_two.py").write_text("from regularization.methods import Method\nHALF = 0.5\n")
    (tmp_path / "._none.py").write_bytes(b"\0\5\x16\7")  # as macOS puts it beside a file on another system's disk
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(tmp_path)])
    method_names.cache_clear()
    assert {"none", "shared_by_two", "._none"} & set(method_names()) == {"none"}
    with pytest.raises(ValueError, match="unknown method 'shared_by_two'; allowed: adam"):
        method_class("shared_by_two")


@pytest.mark.parametrize(("base", "declared", "words"), REFUSED)
def test_a_declaration_that_nothing_would_keep_is_refused_where_the_class_is_defined(base, declared, words):
    with pytest.raises(MethodError, match=rf"^method .*{words}"):
        type("Wrong", (base,), declared)


def test_what_follows_from_the_hooks_is_derived_for_derived_classes_too():
    kinds = {name: method_class(name) for name in style.METHODS}
    assert {name for name, kind in kinds.items() if kind.perturbs_inputs} == {
        *("dropout", "dropout_weight_decay", "input_noise", "layer_noise")
    }
    assert {name for name, kind in kinds.items() if kind.rescales_gradients} == {"adam", "adam_l2", "adamw"}
    linear = FashionMLPSetting(hidden=())
    assert {name for name, kind in kinds.items() if kind.undefined(linear, 0.1, ())} == {"gaussian_dropout"}


class Tried(Method):
    """The base of methods that are not files of the project."""

    @classmethod
    def name(cls) -> str:
        return "tried"


class ElasticNet(Tried):
    keyed_by = ("lam", "p")
    affine = False

    def penalty(self, weights):
        return self.lam * (self.p[0] * weights.abs() + (1 - self.p[0]) / 2 * weights.square())

    def penalty_gradient(self, weights):
        return self.lam * (self.p[0] * weights.sign() + (1 - self.p[0]) * weights)


class DecayByBoth(Tried):
    """Affine, and only scales: the weights' coordinates are trained. λ(1 + p) is the decay."""

    keyed_by = ("lam", "p")
    affine = only_scales = True

    def shrinkage(self, learning_rate):
        return 1 - learning_rate * self.lam * (1 + self.p[0])


class Deaf(Tried):
    keyed_by = ("lam", "p")

    def penalty_gradient(self, weights):
        return self.lam * weights


class DeafToItsOwn(Tried):
    rate: Share = 0.5

    def penalty_gradient(self, weights):
        return weights


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Method]], None]:
    """Let the name "tried" stand for a class."""

    def used(kind: type[Method]) -> None:
        for module in ("cohorts", *(f"regularization.training.{name}" for name in ("loop", "results", "responses"))):
            monkeypatch.setattr(f"{module}.method_class", lambda name: kind if name == "tried" else method_class(name))

    return used


def trained(cells: list[tuple[float, str]], method: str = "tried") -> pd.DataFrame:
    settings = settings_of("linear_regression", brief={"epochs": 20, "noise_std": 0.1})
    return train(rows("linear_regression", "brief", method, cells, range(3)), settings).runs


def test_both_keys_of_a_method_reach_a_linear_model_in_weights_and_in_coordinates(use):
    use(ElasticNet)
    runs = trained([(3.0, "0"), (3.0, "0.5"), (3.0, "1")])
    assert runs["weight_norm"].is_unique
    for p, same in (("0", "l2_penalty"), ("1", "l1_penalty")):
        wanted, found = trained([(3.0, "0")], same), runs[runs["p"] == p]
        np.testing.assert_allclose(found["weight_norm"], wanted["weight_norm"], rtol=1e-12)
    use(DecayByBoth)
    found, wanted = trained([(2.0, "0.5"), (1.0, "1")]), trained([(3.0, "0"), (2.0, "0")], "weight_decay")
    np.testing.assert_allclose(found["risk"], wanted["risk"], rtol=1e-12)


def test_both_keys_reach_the_account_of_the_risk(use):
    use(DecayByBoth)
    setting = settings_of("linear_regression", brief={"epochs": 20})["brief"]
    keys = pd.DataFrame({"lam": [2.0, 2.0], "p": ["0.5", "1"], "seed": 0, "data_seed": 0})
    twice = responses(keys, "tried", setting, [{"init_std": 1.0}])
    once = responses(keys.assign(lam=[3.0, 4.0], p="0"), "weight_decay", setting, [{"init_std": 1.0}])
    np.testing.assert_allclose(twice, once, rtol=1e-12)
    assert not np.allclose(once[:, 0], once[:, 1])


@pytest.mark.parametrize(("kind", "key"), [(Deaf, "p"), (DeafToItsOwn, "rate")])
@pytest.mark.parametrize("experiment", ["linear_regression", "fashion_mnist"])
def test_a_key_that_no_hook_reads_is_refused_after_training(experiment, kind, key, use):
    use(kind)
    values, p = (TINY, "0.5/0.5") if experiment == "fashion_mnist" else ({"epochs": 2}, "0.5")
    runs = rows(experiment, "s", "tried", [(1.0, p)], range(2))
    with pytest.raises(MethodError, match=rf"^method tried.*: {key} tells .* no hook .* read self\.{key}:"):
        train(runs, settings_of(experiment, s=values), made_up_images())


def test_a_method_without_lam_and_p_is_itself_and_a_derived_class_has_the_hyperparameters_of_its_base():
    assert DeafToItsOwn.reduces_to(0.0, (0.0,)) == "tried"
    derived = type("Derived", (DeafToItsOwn,), {"rate": 0.25})
    assert (DeafToItsOwn.rate, derived.rate, derived(0.0).rate) == (0.5, 0.25, 0.25)
    assert list(derived.hyperparameters) == ["rate"]


@pytest.mark.parametrize("name", ["l1_penalty", "dropconnect", "layer_noise"])
def test_what_reduces_to_another_method_is_called_by_its_name(name):
    kind = method_class(name)
    assert kind.reduces_to(0.0, (0.0, 0.0)) == "none"
    cells = [(0.1, (0.0, 0.0)), (0.0, (0.0, 0.1)), (0.1, (0.1, 0.1))]
    wanted = {"layer_noise": ["input_noise", "layer_noise", "layer_noise"]}
    assert [kind.reduces_to(*cell) for cell in cells] == wanted.get(name, [name] * 3)
