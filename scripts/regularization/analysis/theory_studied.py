"""What a study does in a linear setting: at which strengths of which methods theory is wanted, over how many seeds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from regularization.methods import method_class
from regularization.naming import parse_p
from regularization.settings import LinearRegressionSetting
from regularization.study.plan import Cell
from regularization.theory.equivalences import early_stopping_steps
from regularization.theory.expected_risk import loss_factor

LINE = (0.0, *np.geomspace(0.01, 1000, 51).tolist())  # where lines are drawn through
DESCENDING = ("none", "l2_penalty", "weight_decay")  # SGD on the L2-penalised loss, nothing else


@dataclass(frozen=True)
class Studied:
    """What the study does in one setting."""

    name: str
    setting: LinearRegressionSetting
    lam: np.ndarray  # the study's own λ and the line's, shape (number of λ,)
    descended: np.ndarray  # those at which plain SGD is trained
    stopped: np.ndarray  # those of early stopping
    noised: np.ndarray  # the variances of input noise
    dropped: np.ndarray  # the p of dropout on the inputs
    constrained: np.ndarray  # those of the norm constraint
    trained: bool  # whether anything is
    n_seeds: int
    seeds: dict[str, int]  # by method

    @classmethod
    def of(cls, name: str, setting: LinearRegressionSetting, cells: list[Cell], max_seeds: int) -> Studied:
        def lams(*methods: str) -> np.ndarray:
            return np.array(sorted({cell.lam for cell in cells if cell.method in methods}))

        seeds: dict[str, int] = {}
        for cell in cells:
            seeds[cell.method] = min(max_seeds, max(seeds.get(cell.method, 0), cell.data_seeds or cell.seeds))
        return cls(
            name,
            setting,
            np.array(sorted({*LINE, *(cell.lam for cell in cells)})),
            lams(*DESCENDING),
            lams("early_stopping"),
            lams("input_noise"),
            np.array(sorted({p for cell in cells if cell.method == "dropout" for p in parse_p(cell.p) if p < 1})),
            lams("norm_constraint"),
            any(not method_class(cell.method).closed_form for cell in cells),
            max(seeds.values()),
            seeds,
        )

    @property
    def learning_rate(self) -> float:
        """η of the half squared error."""
        return loss_factor(self.setting) * self.setting.learning_rate

    @property
    def full_batch(self) -> bool:
        return self.setting.batch_size >= self.setting.n_train

    def steps(self, lam: float) -> int:
        """After how many steps early stopping at λ stops."""
        return early_stopping_steps(self.setting.learning_rate, lam)


def by_steps(members: list[Studied]) -> dict[str, list[Studied]]:
    """Settings whose SGD takes the same steps on the same inputs, together: they differ in the five numbers only."""
    groups = defaultdict(list)
    for member in members:
        setting = member.setting
        groups[str((member.learning_rate, setting.schedule, setting.batch_size, setting.epochs))].append(member)
    return groups


def lam_of(method: str, strengths: np.ndarray) -> np.ndarray:
    """The λ that a strength stands at: dropout's is the ridge it is where every feature has the power 1."""
    return strengths / (1 - strengths) if method == "dropout" else strengths
