"""Every figure of the report, in its order: where it stands, the module that draws it and the tables that it needs.

A figure's name is also that of its function in the module, with underscores, and of its words' template.

The workflow draws those of a section together, anew where a module, a template or a table of theirs changed. This file
imports no plotting library: the workflow reads it every time it starts.
"""

from typing import NamedTuple

from regularization.analysis.catalogue import TABLES
from regularization.study.configuration import Configuration
from regularization.system.wording import sections

EXPERIMENTS = {"weight_decay": "linear_regression", "dropout": "fashion_mnist"}  # sections about one alone


class Figure(NamedTuple):
    """Where a figure comes from."""

    section: str  # where the report shows it: answers, claims, weight_decay, dropout, bias_variance or study
    module: str  # in `reporting/figures`, without suffix
    tables: tuple[str, ...]  # that the figure may read; reading another one is an error


_LINEAR = ("runs", "cells", "settings", "theory")
_NETWORK = ("runs", "cells", "settings", "decomposition")
_EXAMPLE = ("settings", "examples", "decomposition")
_PROBES = ("runs", "cells", "settings", "probes")

FIGURES: dict[str, Figure] = {
    "answer-start": Figure("answers", "answers", (*_LINEAR, "account")),
    "answer-honest": Figure("answers", "answers", ("runs", "cells", "settings", "calibration")),
    "answer-plenty": Figure("answers", "answers", ("runs", "cells", "settings", "calibration")),
    "setup-linear": Figure("study", "setups", ("runs", "settings")),
    "setup-network": Figure("study", "setups", ("runs", "settings", "sample_images")),
    "identities": Figure("claims", "identities", ("identities",)),
    "weight-decay-curves": Figure("weight_decay", "weight_decay.curves", (*_LINEAR, "curves")),
    "null-space": Figure("weight_decay", "weight_decay.null_space", ("runs",)),
    "weight-decay-account": Figure("weight_decay", "weight_decay.account", (*_LINEAR, "account")),
    "weight-decay-account-path": Figure("weight_decay", "weight_decay.account", (*_LINEAR, "account")),
    "weight-decay-risk": Figure("weight_decay", "weight_decay.risk_by_lambda", _LINEAR),
    "weight-decay-risk-zero-init": Figure("weight_decay", "weight_decay.risk_by_lambda", _LINEAR),
    "weight-decay-large-weights": Figure("weight_decay", "weight_decay.large_weights", _LINEAR),
    "weight-decay-norm": Figure("weight_decay", "weight_decay.risk_by_lambda", _LINEAR),
    "weight-decay-stability": Figure("weight_decay", "weight_decay.stability", _LINEAR),
    "weight-decay-equivalences": Figure("weight_decay", "weight_decay.equivalences", _LINEAR),
    "weight-decay-implementations": Figure("weight_decay", "weight_decay.implementations", _LINEAR),
    "weight-decay-samples": Figure("weight_decay", "weight_decay.samples", _LINEAR),
    "weight-decay-more-samples": Figure("weight_decay", "weight_decay.samples", _LINEAR),
    "dropout-curves": Figure("dropout", "dropout.curves", ("runs", "cells", "settings", "curves")),
    "dropout-samples": Figure("dropout", "dropout.samples", ("runs", "cells", "settings")),
    "random-labels": Figure("dropout", "dropout.curves", ("runs", "settings", "curves")),
    "dropout-strength": Figure("dropout", "dropout.strength", ("runs", "cells", "settings")),
    "dropout-strength-curves": Figure("dropout", "dropout.strength", ("runs", "cells", "settings", "curves")),
    "noise-injection": Figure("dropout", "dropout.noise_injection", ("runs", "cells", "settings")),
    "dropout-grid": Figure("dropout", "dropout.grid", ("runs", "cells", "settings")),
    "right-or-confident": Figure("dropout", "dropout.right_or_confident", ("runs", "cells", "settings", "calibration")),
    "at-its-best": Figure("dropout", "dropout.right_or_confident", ("runs", "cells", "settings", "calibration")),
    "robustness": Figure("dropout", "dropout.probes", (*_PROBES, "sample_images")),
    "co-adaptation": Figure("dropout", "dropout.probes", _PROBES),
    "smoothness": Figure("dropout", "dropout.probes", _PROBES),
    "mask-average": Figure("dropout", "dropout.probes", _PROBES),
    "tuning": Figure("dropout", "dropout.grid", ("runs", "settings", "tuning")),
    "bias-variance-linear": Figure("bias_variance", "bias_variance", (*_LINEAR, "decomposition")),
    "bias-variance-network": Figure("bias_variance", "bias_variance", _NETWORK),
    "bias-variance-crossed": Figure("bias_variance", "bias_variance", ("runs", "settings", "decomposition")),
    "bias-variance-example": Figure("bias_variance", "bias_variance", _EXAMPLE),
    "own": Figure("study", "own", ("runs", "cells", "settings")),
}


def asked(study: Configuration) -> dict[str, Figure]:
    """The figures that a study may have the data for, and that a section of its report shows."""
    chosen = [path for name, path in sections().items() if study.sections is None or name in study.sections]
    words = "".join(path.read_text(encoding="utf-8") for path in chosen)
    needed = {
        name: {EXPERIMENTS.get(figure.section, ""), *(TABLES[table].asked_by for table in figure.tables)} - {""}
        for name, figure in FIGURES.items()
        if f'"{name}"' in words
    }
    return {name: FIGURES[name] for name, asked_by in needed.items() if all(map(study.asks, asked_by))}
