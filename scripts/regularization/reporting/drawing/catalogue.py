"""Every figure of the report, in its order: where it stands, the module that draws it and the tables that it needs.

A figure's name is also that of its function in the module, with underscores, and of its words' template.

The workflow draws those of a section together, anew where a module, a template or a table of theirs changed. This file
imports no plotting library: the workflow reads it every time it starts.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """Where a figure comes from."""

    section: str  # where the report shows it: claims, weight_decay, dropout, bias_variance or own
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
    "setup-linear": Figure("setups", "setups", ("runs", "settings")),
    "setup-network": Figure("setups", "setups", ("runs", "settings", "sample_images")),
    "identities": Figure("claims", "identities", ("identities",)),
    "weight-decay-curves": Figure("weight_decay", "weight_decay.curves", (*_LINEAR, "curves")),
    "null-space": Figure("weight_decay", "weight_decay.null_space", ("runs",)),
    "weight-decay-account": Figure("weight_decay", "weight_decay.account", (*_LINEAR, "account")),
    "weight-decay-account-path": Figure("weight_decay", "weight_decay.account", (*_LINEAR, "account")),
    "weight-decay-risk": Figure("weight_decay", "weight_decay.risk_by_lambda", _LINEAR),
    "weight-decay-risk-zero-init": Figure("weight_decay", "weight_decay.risk_by_lambda", _LINEAR),
    "weight-decay-large-weights": Figure("weight_decay", "weight_decay.large_weights", _LINEAR),
    "weight-decay-norm": Figure("weight_decay", "weight_decay.norm", _LINEAR),
    "weight-decay-stability": Figure("weight_decay", "weight_decay.stability", _LINEAR),
    "weight-decay-equivalences": Figure("weight_decay", "weight_decay.equivalences", _LINEAR),
    "weight-decay-implementations": Figure("weight_decay", "weight_decay.implementations", _LINEAR),
    "weight-decay-samples": Figure("weight_decay", "weight_decay.samples", _LINEAR),
    "weight-decay-more-samples": Figure("weight_decay", "weight_decay.samples", _LINEAR),
    "dropout-curves": Figure("dropout", "dropout.curves", ("runs", "cells", "settings", "curves")),
    "dropout-samples": Figure("dropout", "dropout.samples", ("runs", "cells", "settings")),
    "random-labels": Figure("dropout", "dropout.curves", ("runs", "settings", "curves")),
    "dropout-strength": Figure("dropout", "dropout.strength", ("runs", "cells", "settings")),
    "dropout-strength-curves": Figure("dropout", "dropout.strength_curves", ("runs", "cells", "settings", "curves")),
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
    "own": Figure("own", "own", ("runs", "cells", "settings")),
}
