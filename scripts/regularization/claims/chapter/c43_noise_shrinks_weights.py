"""Noise only smooths: at the inputs of a linear model it does nothing but shrink the weights."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, attempt, linear
from regularization.claims.linear_models import FROM_ZERO

LAM, P, MARGIN = 1.0, "0.5", 0.05


def evaluate(evidence: Evidence) -> Differences:
    noise, dropout, penalty = (
        linear("input_noise", LAM, FROM_ZERO),
        linear("dropout", 0.0, FROM_ZERO, P),
        linear("l2_penalty", LAM, FROM_ZERO),
    )
    evidence.number("penalty", shrinkage(evidence, penalty).mean(), lam=LAM)
    evidence.shown("dropout_shrinks", attempt(shrinkage, evidence, dropout), p=P)
    more = evidence.differences(noise, penalty, "risk") / evidence.values(penalty, "risk").mean()
    evidence.shown("only", more, MARGIN, below=True)
    return shrinkage(evidence, noise)


def shrinkage(evidence: Evidence, key: Key) -> Differences:
    """(‖w‖ without − with)/mean ‖w‖ without, by seed."""
    none = linear(setting=key.setting)
    return evidence.differences(none, key, "weight_norm") / evidence.values(none, "weight_norm").mean()


CLAIM = Claim(__name__, AtLeast(), evaluate)
