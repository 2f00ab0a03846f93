"""Methods of one's own: the examples of docs/methods.md, in a copy of the library, train as plain loops do."""

import copy
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from cohorts import made_up_images
from regularization.methods import HOOKS
from regularization.settings import FashionMLPSetting, LinearRegressionSetting
from regularization.streams import generator
from regularization.textbook import fashion_mlp, inputs, utilities
from studies import ROOT

EXAMPLES = sorted((ROOT / "docs" / "examples" / "methods").glob("*.py"))
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
SETTINGS = {
    "fashion_mnist": FashionMLPSetting(
        n_train=90, images="blocks", hidden=(16, 8), batch_size=16, learning_rate=0.3, random_labels=0.3, epochs=20
    ),
    "linear_regression": LinearRegressionSetting(
        n_features=40, true_weight=0.1, noise_std=1.0, init_std=0.0, learning_rate=0.02, epochs=40
    ),
}
RUNS = [
    ("fashion_mnist", "label_smoothing:smoothing=0.3", 0.0),
    *((experiment, "mixup:alpha=0.7", 0.0) for experiment in SETTINGS),
    *((experiment, "weight_averaging:decay=0.9", 0.0) for experiment in SETTINGS),
    *((experiment, "validation_stopping:patience=2", 0.0) for experiment in SETTINGS),
    *((experiment, "elastic_net:share=0.3", 0.01) for experiment in SETTINGS),
]
TRAIN = """
import sys
from pathlib import Path
import pandas as pd
from cohorts import made_up_images, rows, train
from test_own_methods import RUNS, SETTINGS
tables = []
for experiment, method, lam in RUNS:
    planned = rows(experiment, "s", method, [(lam, "0/0" if experiment == "fashion_mnist" else "0")], range(3))
    result = train(planned, {"s": SETTINGS[experiment]}, made_up_images(500), dtype="float64")
    tables.append(result.runs)
pd.concat(tables).to_parquet(sys.argv[1])
"""
PLAN = """
import json
from regularization.study import plan
from regularization.study.checking.rules import problems
from regularization.study.reading import load
from studies import ROOT, entry, raw, study
first = load([ROOT / "config.yaml"])["study"][0]
first["methods"].append("elastic_net")  # as README.md says it
own = entry("fashion_mnist", methods=["label_smoothing", *(f"label_smoothing:smoothing={s}" for s in ("0.10", "0.3"))])
cells = [plan.cells(study(each))[0] for each in (first, own)]
wrong = ["label_smothing:smoothing=0.2", "label_smoothing:smooth=0.2", "label_smoothing:smoothing=2", "dropout:q=1",
         "label_smoothing:smoothing=much", "label_smoothing:smoothing=NaN", "validation_stopping:patience=1.5",
         "validation_stopping"]
said = [problems(raw({**entry("fashion_mnist"), "methods": [name]}), check_machine=False, check_device=False)
        for name in wrong]
print(json.dumps({
    "accounts": sorted({(cell.method, cell.account) for cell in cells[0]}),
    "own": [cell.method for cell in cells[1]],
    "files": [cohort.name for cohort in plan.cohorts(study(own))],
    "runs": plan.runs(plan.cohorts(study(own)))["run_id"].tolist(),
    "said": [str(problem) for one in said for problem in one],
}))
"""
CODES = """
import json
from regularization.methods import method_class, method_names
from regularization.study.fingerprint import training_code
print(json.dumps({f"{where} {name}": training_code(where, name)
                  for name in method_names() for where in method_class(name).experiments}))
"""
HOOK = '''
    def after_epoch(self, epoch: int) -> None:
        """Look at the number of an epoch that has ended."""
        raise NotImplementedError

'''
CALL = """        if "after_epoch" in method.hooks:
            method.after_epoch(epoch)
"""
USER = """
from regularization.methods import Method
class Told(Method):
    def after_epoch(self, epoch):
        print(epoch)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the library with the examples among its methods."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for example in EXAMPLES:
        shutil.copy(example, folder / "scripts" / "regularization" / "methods")
    return folder


def run(project: Path, code: str, *arguments: object) -> str:
    paths = map(str, (project / "scripts", ROOT / "tests", Path(__file__).parent))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_trains_as_a_plain_loop_does(project: Path) -> None:
    table = project / "runs.parquet"
    run(project, TRAIN, table)
    runs = pd.read_parquet(table)
    assert {name.partition(":")[0] for name in runs["method"]} == {example.stem for example in EXAMPLES}
    assert len(runs) == 3 * len(RUNS)
    for planned in runs.itertuples():
        for metric, value in plainly(planned.experiment, planned.method, planned.lam, planned.seed).items():
            assert getattr(planned, metric) == pytest.approx(value, rel=1e-9), f"{metric} of {planned.run_id}"


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
    kept, lowest, waited, step, ended = model, math.inf, 0, 0, 0
    for batches in inputs.epochs(setting, seed, data.train):
        for x, y in batches:
            target = functional.one_hot(y, 10).double() if network else y
            if name == "mixup":
                share = generator("method", seed, step=step).beta(value, value)
                partner = generator("method", seed, part=1, step=step).permutation(len(x))
                x, target = (share * part + (1 - share) * part[partner] for part in (x, target))
            objective = smoothed(model(x), target) if network else losses(model(x), target).mean() / 2
            if name == "elastic_net":
                for w in weights(model):
                    objective = objective + lam * (value * w.abs().sum() + (1 - value) / 2 * w.square().sum())
            optimiser.zero_grad()
            objective.backward()
            optimiser.step()
            average.update_parameters(model)
            step += 1
        ended += 1
        loss = utilities.evaluate_loss(model, [tuple(part[:2_000] for part in data.validation)], losses)
        waited = 0 if loss < lowest else waited + 1
        if waited == 0:
            kept, lowest = copy.deepcopy(model), loss
        if name == "validation_stopping" and waited == value:
            break
    assert (ended < setting.epochs) == (name == "validation_stopping"), "it stops, and before the end"
    model = {"weight_averaging": average.module, "validation_stopping": kept}.get(name, model)
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    measured = {f"{part}_loss": utilities.evaluate_loss(model, [samples], losses) for part, samples in parts.items()}
    return {**measured, "weight_norm": math.hypot(*(w.norm().item() for w in weights(model)))}


def weights(model: nn.Module) -> list[torch.Tensor]:
    return [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]


def test_hyperparameters_are_part_of_the_key_and_wrong_ones_are_answered_before_anything_runs(project: Path) -> None:
    found = json.loads(run(project, PLAN))
    assert found["accounts"] == [
        *(["elastic_net:share=0.5", False], ["l2_penalty", True], ["none", True], ["ridge", True])
    ]
    assert found["own"] == ["label_smoothing:smoothing=0.1", "label_smoothing:smoothing=0.3"]
    assert found["runs"][0] == "fashion_mnist:textbook:label_smoothing:smoothing=0.1:lam=0:p=0/0:seed=0"
    assert len(set(found["files"])) == 2
    assert all(re.fullmatch(r"[\w.-]+", name) for name in found["files"])
    for said, words in zip(
        found["said"],
        (
            'did you mean "label_smoothing"',
            "'smooth=0.2' is no hyperparameter with a number. Allowed, once each: smoothing=NUMBER",
            "smoothing = 2 cannot be: it should be less than or equal to 1",
            "method dropout: 'q=1' is no hyperparameter with a number. Allowed, once each: nothing, it has none",
            "'smoothing=much' is no hyperparameter with a number",
            "smoothing = nan cannot be",
            "patience = 1.5 cannot be: it should be a valid integer",
            "leaves validation_stopping:patience=5 nothing to do: it looks at validation data, and there are none",
        ),
        strict=True,
    ):
        assert words in said


def test_a_new_hook_is_followed_by_the_methods_that_override_it_alone(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / "scripts", tmp_path / "scripts")
    package = tmp_path / "scripts" / "regularization"

    def codes() -> dict[str, str]:
        return json.loads(run(tmp_path, CODES))

    def changed_by(file: str, old: str, new: str) -> set[str]:
        known, text = codes(), (package / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, file
        (package / file).write_text(text.replace(old, new), encoding="utf-8")
        return {name for name, code in codes().items() if code != known[name]}

    def everywhere(*methods: str) -> set[str]:
        return {f"{where} {name}" for where in SETTINGS for name in methods}

    before, above, below = codes(), "    def evaluated(self", '        if "validated" in method.hooks:\n'
    assert before.keys() >= everywhere("none", "mixup", "elastic_net")
    assert changed_by("methods/__init__.py", above, HOOK.lstrip("\n") + above) == set()
    assert changed_by("training/loop.py", below, CALL + below) == set()
    (package / "methods" / "told.py").write_text(USER, encoding="utf-8")
    assert codes().keys() - before.keys() == everywhere("told")
    for file, old, new, methods in (
        ("training/loop.py", "method.after_epoch(epoch)", "method.after_epoch(epoch - 1)", ["told"]),
        (
            "training/loop.py",
            "= method.evaluated(",
            "= 1 * method.evaluated(",
            ["weight_averaging", "validation_stopping"],
        ),
        ("methods/mixup.py", "alpha: Positive = 0.2", "alpha: Positive = 0.3", ["mixup"]),
    ):
        assert changed_by(file, old, new) == everywhere(*methods)
    assert changed_by("training/loop.py", "draws.step += 1", "draws.step += 2") == codes().keys() - everywhere("ridge")


def test_the_page_lists_every_hook_with_the_methods_that_override_it_and_every_example() -> None:
    table = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", PAGE, re.MULTILINE)
    assert [hook for hook, _ in table] == list(HOOKS)
    listed = {hook: set(re.findall(r"`(\w+)`", examples)) for hook, examples in table}
    for path in [*EXAMPLES, *(ROOT / "scripts" / "regularization" / "methods").glob("[a-z]*.py")]:
        own = set(re.findall(r"^    def (\w+)\(self", path.read_text(encoding="utf-8"), re.MULTILINE)) & set(HOOKS)
        assert own == {hook for hook, methods in listed.items() if path.stem in methods}, path.stem
    assert {path.stem for path in EXAMPLES} == set(re.findall(r"\(examples/methods/(\w+)\.py\)", PAGE))
    elastic_net = next(path for path in EXAMPLES if path.stem == "elastic_net").read_text(encoding="utf-8")
    assert elastic_net in (ROOT / "README.md").read_text(encoding="utf-8")
