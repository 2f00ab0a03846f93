"""The fingerprint re-trains what a change of the code can touch, and nothing else."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from regularization.study import fingerprint as module
from studies import ROOT

SOURCE = ROOT / "scripts" / "regularization"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the library that a test may edit."""
    copy = tmp_path / "regularization"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "PACKAGE", copy)
    return copy


def code_of(package, method: str, task: str = "linear_regression") -> str:
    for cached in (module._tree, module._code_hash, module._imports, module._asked_for):
        cached.cache_clear()
    return module.fingerprint(
        package / "training" / "loop.py",
        package / "training" / "tasks" / f"{task}.py",
        package / "methods" / f"{method}.py",
    )


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_editing_a_method_touches_those_built_on_it_and_another_task_not_a_linear_cohort(package):
    before = {name: code_of(package, name) for name in ("weight_decay", "l2_penalty", "dropout_weight_decay", "none")}
    edit(package / "methods" / "weight_decay.py", "1 - learning_rate", "1 - 2 * learning_rate")
    after = {name: code_of(package, name) for name in before}
    assert {name for name in before if before[name] != after[name]} == {"weight_decay", "dropout_weight_decay"}
    before, network = code_of(package, "ridge"), code_of(package, "none", "fashion_mnist")
    with (package / "training" / "closed_form.py").open("a") as file:
        file.write("\nUNRELATED = 1\n")
    assert code_of(package, "ridge") == before
    edit(package / "training" / "tasks" / "fashion_mnist.py", "_CHUNK = 1_000", "_CHUNK = 500")
    assert code_of(package, "none", "fashion_mnist") != network


def test_editing_what_the_trainer_imports_touches_everything(package):
    for path, old, new in (
        ("streams.py", "step], dtype", "step + 0], dtype"),
        ("training/network.py", "alpha=-1", "alpha=-1.0"),
        ("draws.py", "self.step = 0", "self.step = 1"),
        ("theory/ridge.py", "n * lam", "lam * n"),
    ):
        before = code_of(package, "norm_constraint")
        edit(package / path, old, new)
        assert code_of(package, "norm_constraint") != before, path


def test_comments_docstrings_and_unrelated_modules_touch_nothing_and_a_default_everything(package):
    before = code_of(package, "none")
    edit(package / "training" / "loop.py", '"""The batched', '"""Here is the batched')
    with (package / "draws.py").open("a") as file:
        file.write("\n# a remark\n")
    with (package / "analysis" / "aggregation.py").open("a") as file:
        file.write("\nUNRELATED = 1\n")
    assert code_of(package, "none") == before
    edit(package / "settings.py", '"""Training samples, n."""', '"""Samples that the model is trained on."""')
    assert code_of(package, "none") == before
    edit(package / "settings.py", "n_train: Count = 20", "n_train: Count = 21")
    assert code_of(package, "none") != before


def test_threads_that_read_the_same_files_at_once_agree(monkeypatch):
    """`cache` lets two threads that ask at the same time make a value each: here every question makes another."""
    expected = module.training_code("linear_regression", "none")
    for name in ("_tree", "_imports", "_code_hash", "_asked_for"):
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)
    assert module.training_code("linear_regression", "none") == expected


CODES = """
import json
from regularization.methods import method_class, method_names
from regularization.study.fingerprint import training_code
print(json.dumps([[name, where, training_code(where, name)]
                  for name in method_names() for where in method_class(name).experiments]))
"""
HOOK = '    def after_epoch(self, epoch):\n        """Look at it."""\n        raise NotImplementedError\n\n'
CALL = '        if "after_epoch" in method.hooks:\n            method.after_epoch(epoch)\n'
USER = "from regularization.methods import Method\nclass Told(Method):\n    def after_epoch(self, epoch): print(epoch)"


def test_a_new_hook_is_followed_by_the_methods_that_override_it_alone(package):
    for example in (ROOT / "docs" / "examples" / "methods").glob("*.py"):
        shutil.copy(example, package / "methods")

    def codes() -> set[tuple[str, ...]]:
        environment = {**os.environ, "PYTHONPATH": str(package.parent)}
        return set(map(tuple, json.loads(subprocess.check_output([sys.executable, "-c", CODES], env=environment))))

    known, loop, below = codes(), package / "training" / "loop.py", '        if "validated" in method.hooks:\n'
    edit(package / "methods" / "__init__.py", "    def evaluated(self", HOOK + "    def evaluated(self")
    edit(loop, below, CALL + below)
    (package / "methods" / "told.py").write_text(USER)
    assert {name for name, *_ in codes() ^ known} == {"told"}
    known = codes()
    for path, old, new, methods in (
        (loop, "after_epoch(epoch)", "after_epoch(epoch - 1)", {"told"}),
        (loop, "method.evaluated(parameters)", "method.evaluated([])", {"weight_averaging", "validation_stopping"}),
        (package / "methods" / "mixup.py", "Positive = 0.2", "Positive = 0.3", {"mixup"}),
        (loop, "draws.step += 1", "draws.step += 2", {name for name, *_ in known} - {"ridge"}),
    ):
        edit(path, old, new)
        before, known = known, codes()
        assert {name for name, *_ in known - before} == methods
