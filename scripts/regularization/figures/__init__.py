"""The report's figures, one module a question. Each has `exhibits(tables)`: empty where the study lacks the data."""

from __future__ import annotations

from regularization.figures import (
    dropout_curves,
    dropout_grid,
    dropout_samples,
    dropout_strength,
    style,
    weight_decay_curves,
    weight_decay_initialisation,
    weight_decay_lambda,
    weight_decay_samples,
)
from regularization.figures.exhibit import Exhibit
from regularization.tables import Tables

MODULES = {
    "weight_decay": (weight_decay_curves, weight_decay_initialisation, weight_decay_lambda, weight_decay_samples),
    "dropout": (dropout_curves, dropout_samples, dropout_strength, dropout_grid),
}


def all_exhibits(tables: Tables) -> list[Exhibit]:
    """Every figure that the study has the data for, in the report's order."""
    style.apply()
    return [
        exhibit
        for experiment, modules in MODULES.items()
        if experiment in tables.experiments
        for module in modules
        for exhibit in module.exhibits(tables)
    ]
