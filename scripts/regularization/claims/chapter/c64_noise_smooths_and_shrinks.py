"""Noise on the inputs smooths the learnt function and shrinks the weights."""

from regularization.claims.evidence import log, paired
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, each, network
from regularization.claims.matched import LOGITS, PROBABILITIES

VARIANCE = 0.3


def evaluate(evidence: Evidence, variance: float = VARIANCE, output: str = LOGITS) -> Differences:
    for lam in evidence.lams("fashion_mnist", "samples_500", "input_noise"):
        for quantity in (LOGITS, PROBABILITIES, "weight_norm"):
            if (lam, quantity) != (variance, output):
                evidence.shown("smaller", log_ratio(evidence, lam, quantity), lam=lam, quantity=quantity)
    return log_ratio(evidence, variance, output)


def log_ratio(evidence: Evidence, lam: float, quantity: str) -> Differences:
    """log(none/noise) of a probe or of the weights' norm, by seed."""
    none, noise = (evidence.quantity(key, quantity) for key in (network(), network("input_noise", lam)))
    return paired(log(none) - log(noise), quantity, (network(), network("input_noise", lam)))


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, output={"probabilities": PROBABILITIES}))
