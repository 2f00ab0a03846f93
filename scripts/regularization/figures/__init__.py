"""The report's figures, one module a question. Each has `exhibits(tables)`: empty where the study lacks the data."""

from __future__ import annotations

from regularization.figures import (
    bias_variance_crossed,
    bias_variance_example,
    bias_variance_linear,
    bias_variance_network,
    dropout_curves,
    dropout_grid,
    dropout_samples,
    dropout_strength,
    probes,
    style,
    tuning,
    weight_decay_account,
    weight_decay_curves,
    weight_decay_lambda,
    weight_decay_samples,
)
from regularization.figures.exhibit import Exhibit
from regularization.tables import Tables

MODULES = {
    "weight_decay": (weight_decay_curves, weight_decay_account, weight_decay_lambda, weight_decay_samples),
    "dropout": (dropout_curves, dropout_samples, dropout_strength, dropout_grid, probes, tuning),
}
SHARED = (bias_variance_linear, bias_variance_network, bias_variance_crossed, bias_variance_example)


def all_exhibits(tables: Tables) -> list[Exhibit]:
    """Every figure that the study has the data for, in the report's order."""
    style.apply()
    modules = [module for experiment in MODULES if experiment in tables.experiments for module in MODULES[experiment]]
    return [exhibit for module in (*modules, *SHARED) for exhibit in module.exhibits(tables)]
