"""Noise only smooths: at the inputs of a linear model it does nothing but shrink the weights.

‖w‖ without − with noise of variance 1 on every input, in units of the former, from zero initial weights. Conditions:
dropout of the inputs at p = 0.5, whose noise has the same variance for a unit input, shrinks as well; and "only": the
mean risk is within 5 % of that of the L2 penalty at λ = 1, which shrinks and adds no noise of its own.
"""

import numpy as np

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, elsewhere
from regularization.naming import Key

LAM, P, MARGIN = 1.0, "0.5", 0.05


def evaluate(evidence: Evidence) -> Measurement:
    noise, dropout, penalty = (
        linear("input_noise", LAM, FROM_ZERO),
        linear("dropout", 0.0, FROM_ZERO, P),
        linear("l2_penalty", LAM, FROM_ZERO),
    )
    primary = shrinkage(evidence, noise)
    evidence.number("penalty", shrinkage(evidence, penalty).mean(), lam=LAM)
    for _, outcome, value in elsewhere(evidence, lambda _: shrinkage(evidence, dropout), [FROM_ZERO]):
        evidence.condition("dropout_shrinks", outcome, value=value, p=P)
    more = evidence.differences(noise, penalty, "risk") / evidence.values(penalty, "risk").mean()
    found = evidence.mean(np.asarray(more))
    evidence.condition("only", evidence.below(found, MARGIN), value=found)
    return evidence.contrast(primary)


def shrinkage(evidence: Evidence, key: Key) -> np.ndarray:
    """(‖w‖ without − with)/mean ‖w‖ without, by seed."""
    none = linear(setting=key.setting)
    return evidence.differences(none, key, "weight_norm") / evidence.values(none, "weight_norm").mean()


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-equivalences")
