"""Methods of one's own: the examples of docs/methods.md, put among the methods, train as plain loops do."""

import copy
import math
import re

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import shared
from cohorts import made_up_images, rows, train
from regularization import methods
from regularization.settings import FashionMLPSetting, LinearRegressionSetting
from regularization.streams import generator
from regularization.study import plan, reading
from regularization.study.checking.rules import problems
from regularization.textbook import fashion_mlp, inputs, utilities
from studies import ROOT, entry, raw, study

EXAMPLES = ROOT / "docs" / "examples" / "methods"
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
NETWORK = {"n_train": 90, "images": "blocks", "hidden": (16, 8), "batch_size": 16, "random_labels": 0.3, "epochs": 20}
LINEAR = {"n_features": 40, "true_weight": 0.1, "noise_std": 1.0, "init_std": 0.0, "epochs": 40}
SETTINGS = {
    "fashion_mnist": FashionMLPSetting(**NETWORK, learning_rate=0.3),
    "linear_regression": LinearRegressionSetting(**LINEAR, learning_rate=0.02),
}
NAMES = ["mixup:alpha=0.7", "weight_averaging:decay=0.9", "validation_stopping:patience=2", "elastic_net:share=0.3"]
WRONG = shared.cases(__file__)


@pytest.fixture(autouse=True)
def among_the_methods(monkeypatch: pytest.MonkeyPatch):
    caches = (methods.method_names, methods.method_class)
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(EXAMPLES)])
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("experiment", SETTINGS)
@pytest.mark.parametrize("name", ["label_smoothing:smoothing=0.3", *NAMES])
def test_an_example_trains_as_a_plain_loop_does(name: str, experiment: str) -> None:
    if experiment not in methods.method_class(name).experiments:
        return
    planned = rows(experiment, "s", name, [(0.01, "0/0" if experiment == "fashion_mnist" else "0")], range(2))
    result = train(planned, {"s": SETTINGS[experiment]}, made_up_images(500), dtype="float64")
    for run in result.runs.itertuples():
        for metric, value in plainly(experiment, name, run.lam, run.seed).items():
            assert getattr(run, metric) == pytest.approx(value, rel=1e-9), metric


def plainly(experiment: str, method: str, lam: float, seed: int) -> dict[str, float]:
    """The metrics of one run, trained by autograd and what PyTorch has of these methods."""
    setting, (name, _, text) = SETTINGS[experiment], method.partition(":")
    value, network = float(text.partition("=")[2]), experiment == "fashion_mnist"
    if network:
        data = inputs.mlp_data(setting, seed, made_up_images(500), torch.float64)
        model: nn.Module = fashion_mlp.DropoutMLP(inputs.mlp_parameters(setting, seed, torch.float64), (0, 0), ())
    else:
        data = inputs.linear_data(setting, seed)
        model = utilities.linear(*(part.detach() for part in inputs.linear_parameters(setting, seed)))
    losses = fashion_mlp.cross_entropy if network else nn.MSELoss(reduction="none")
    smoothed = nn.CrossEntropyLoss(label_smoothing=value if name == "label_smoothing" else 0)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(min(value, 1)))
    optimiser = torch.optim.SGD(model.parameters(), setting.learning_rate)
    kept, lowest, waited, step = model, math.inf, 0, 0
    for batches in inputs.epochs(setting, seed, data.train):
        for x, y in batches:
            target = functional.one_hot(y, 10).double() if network else y
            if name == "mixup":
                share = generator("method", seed, step=step).beta(value, value)
                partner = generator("method", seed, part=1, step=step).permutation(len(x))
                x, target = (share * part + (1 - share) * part[partner] for part in (x, target))
            objective = smoothed(model(x), target) if network else losses(model(x), target).mean() / 2
            for w in weights(model) if name == "elastic_net" else ():
                objective = objective + lam * (value * w.abs().sum() + (1 - value) / 2 * w.square().sum())
            optimiser.zero_grad()
            objective.backward()
            optimiser.step()
            average.update_parameters(model)
            step += 1
        loss = utilities.evaluate_loss(model, [tuple(part[:2_000] for part in data.validation)], losses)
        waited = 0 if loss < lowest else waited + 1
        if waited == 0:
            kept, lowest = copy.deepcopy(model), loss
        if name == "validation_stopping" and waited == value:
            break
    stopped = step < setting.epochs * setting.steps_per_epoch
    assert stopped == (name == "validation_stopping"), "it stops, and before the end"
    model = {"weight_averaging": average.module, "validation_stopping": kept}.get(name, model)
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    measured = {f"{part}_loss": utilities.evaluate_loss(model, [samples], losses) for part, samples in parts.items()}
    return {**measured, "weight_norm": math.hypot(*(w.norm().item() for w in weights(model)))}


def weights(model: nn.Module) -> list[torch.Tensor]:
    return [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]


def test_hyperparameters_are_part_of_the_key_and_the_account_is_of_affine_methods() -> None:
    names = ["label_smoothing", *(f"label_smoothing:smoothing={s}" for s in ("0.10", "0.3"))]
    runs = plan.runs(plan.cohorts(study(entry("fashion_mnist", methods=names, seeds=1))))
    keys = [f"label_smoothing:smoothing={s}" for s in (0.1, 0.3)]
    assert runs["run_id"].tolist() == [f"fashion_mnist:textbook:{key}:lam=0:p=0/0:seed=0" for key in keys]
    assert runs["cohort"].tolist() == [f"textbook-{k.replace(':', '-').replace('=', '')}-lam0-p0_0-s0-0" for k in keys]
    first = reading.load([ROOT / "config.yaml"])["study"][0]
    first["methods"].append("elastic_net")  # as README.md says it
    accounts = {(cell.method, cell.account) for cell in plan.cells(study(first))[0]}
    assert accounts == {("elastic_net:share=0.5", False), ("l2_penalty", True), ("none", True), ("ridge", True)}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_hyperparameter_is_answered_before_anything_runs(name: str) -> None:
    [said] = problems(raw(entry("fashion_mnist", methods=[name])), check_machine=False, check_device=False)
    assert WRONG[name] in str(said)


def test_the_page_lists_every_hook_with_the_methods_that_override_it_and_every_example() -> None:
    table = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", PAGE, re.MULTILINE)
    assert [hook for hook, _ in table] == list(methods.HOOKS)
    for path in [*EXAMPLES.glob("*.py"), *(ROOT / "scripts" / "regularization" / "methods").glob("[a-z]*.py")]:
        own = set(re.findall(r"^    def (\w+)\(self", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert own & {*methods.HOOKS} == {hook for hook, names in table if f"`{path.stem}`" in names}, path.stem
    assert set(re.findall(r"\(examples/methods/(\w+)\.py\)", PAGE)) == {path.stem for path in EXAMPLES.glob("*.py")}
    assert {name.partition(":")[0] for name in ["label_smoothing", *NAMES]} == {p.stem for p in EXAMPLES.glob("*.py")}
    elastic_net = (EXAMPLES / "elastic_net.py").read_text(encoding="utf-8")
    assert elastic_net in (ROOT / "README.md").read_text(encoding="utf-8")
