"""Cohorts of a method that is solved instead of trained (`Method.closed_form`); needs no torch."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from regularization.methods import method_class
from regularization.settings import Setting
from regularization.training.results import CohortResult, assemble
from regularization.training.tasks import linear_regression


def solve_cohort(runs: pd.DataFrame, settings: dict[str, Setting]) -> CohortResult:
    """Solve every run of a cohort of the `weight_decay` experiment, in float64; there are no curves."""
    method: Any = method_class(runs["method"].iloc[0])  # a closed form has `solve`
    parts = []
    for task in linear_regression.programs(
        runs, cast(Any, settings), shared_inputs=True, dtype="float64", device="cpu"
    ):
        weights, biases = method.solve(task.inputs(), task.targets(), task.cell_lam)
        final = task.metrics_of(weights, biases)
        predict = np.flatnonzero(task.runs["predictions"])
        predictions = task.predictions_of(weights, biases, predict) if len(predict) else None
        parts.append(assemble(task.runs["run_id"], final, np.zeros(len(task.runs), dtype=bool), [], predictions))
    return CohortResult.of(runs, settings, parts)
