"""A third experiment, from one module and one line: a small network that fits y = sin(πx) + ε.

1. Copy this file to scripts/regularization/training/tasks/sine.py: its name is the experiment's.
2. Add to `SETTING_OF` in scripts/regularization/settings.py:
   "sine": "regularization.training.tasks.sine:SineSetting",
3. Give it its part of the configuration (task.yaml, beside this file) and run: make PRESET=docs/examples/task.yaml
"""

from dataclasses import dataclass

import numpy as np

from regularization.settings import Setting, of_kind
from regularization.streams import generator


@dataclass(frozen=True)
class SineSetting(Setting):
    """The parameters of the task. Every field can be set in config.yaml, the defaults are `standard: {}`."""

    n_train: int = 20
    noise_std: float = 0.1
    hidden: tuple[int, ...] = (8,)
    learning_rate: float = 0.1
    batch_size: int = 5
    epochs: int = 50

    title = "sine, small network"
    metrics = ("train_loss", "risk")
    curve = ("train_loss", "risk")
    n_features = 1

    @property
    def multiply_adds(self):  # of training on one sample once, for the time that is asked for
        return 6.0 * self.hidden[0]

    def target(self, x):
        return np.sin(np.pi * x)

    def training_set(self, data_seed):  # from streams of its own: the parts 20 and 21 of "data"
        x = generator("data", data_seed, part=20).uniform(-1, 1, (self.n_train, 1))
        noise = generator("data", data_seed, part=21).standard_normal((self.n_train, 1))
        return x, self.target(x) + self.noise_std * noise

    def test_points(self):
        return np.linspace(-1, 1, 101)[:, None]


def programs(assignment):
    """Split a cohort's runs into tensor programs, each a `Task` (see training/tasks/__init__.py)."""
    from regularization.training.tasks.function_fitting import FunctionFitting  # here: the plan needs no torch

    class Sine(FunctionFitting):
        def method_arguments(self):
            lam = self._tensor(self.runs["lam"].to_numpy()[:, None, None])
            return {"lam": lam, "p": (0.0,), "n_hidden": 1}

    settings = of_kind(SineSetting, assignment.settings)
    for name, runs in assignment.runs.groupby("setting"):
        yield Sine(runs.reset_index(drop=True), settings[name], dtype=assignment.dtype, device=assignment.device)
