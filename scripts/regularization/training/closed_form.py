"""Cohorts of a method that is solved instead of trained (`ClosedForm`); needs no torch."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from regularization.methods import ClosedForm, method_class
from regularization.settings import Setting
from regularization.training.results import CohortResult, assemble
from regularization.training.tasks import Assignment, linear_regression


def solve_cohort(runs: pd.DataFrame, settings: Mapping[str, Setting]) -> CohortResult:
    """Solve every run of a cohort of linear models, in float64; there are no curves."""
    method = method_class(runs["method"].iloc[0])
    assert issubclass(method, ClosedForm), f"{method.name()} is trained, not solved"
    parts = []
    assignment = Assignment(runs, settings, method)
    for task in linear_regression.programs(assignment):
        weights, biases = method.solve(task.inputs(), task.targets(), task.cell_lam)
        final = task.metrics_of(weights, biases)
        predict = np.flatnonzero(task.runs["predictions"])
        predictions = task.predictions_of(weights, biases, predict) if len(predict) else None
        parts.append(assemble(task.runs["run_id"], final, np.full(len(task.runs), "ok"), [], predictions))
    result = CohortResult.of(runs, settings, parts)
    return replace(result, account=linear_regression.account(assignment, result.runs))
