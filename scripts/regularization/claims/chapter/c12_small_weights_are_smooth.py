"""Small weights make a smooth function: the output changes less when the input does."""

import numpy as np
import pandas as pd

from regularization.claims import matched
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, attempt, each, network
from regularization.claims.matched import LOGITS, PROBABILITIES

SEVERAL = 2  # strengths


def evaluate(evidence: Evidence, output: str = LOGITS) -> Differences:
    ratios = by_lam(evidence, output)
    if not evidence.weighs_conditions:
        return mean(ratios)
    norms = by_lam(evidence, "weight_norm")
    evidence.condition("several", "holds" if len(ratios) >= SEVERAL else "not tested", lams=[*ratios])
    evidence.shown("smaller_weights", mean(norms))
    evidence.shown("largest_lam", [*ratios.values()][-1], lam=[*ratios][-1])
    if output == LOGITS:
        other = by_lam(evidence, PROBABILITIES)
        evidence.shown("probabilities", mean(other))
        for lam, of_probabilities in other.items():
            evidence.number("of_probabilities", smoothness(of_probabilities), lam=lam)
    for lam, ratio in ratios.items():
        evidence.number("with_over_without", smoothness(ratio), lam=lam)
    return mean(ratios)


def by_lam(evidence: Evidence, quantity: str) -> dict[float, pd.Series]:
    """The log ratios without/with decay at matched training loss, by λ."""
    keys = [network("weight_decay", lam) for lam in evidence.lams("fashion_mnist", "samples_500", "weight_decay")]
    found = {key.lam: attempt(matched.log_ratio, evidence, key, quantity) for key in keys}
    if not (known := {lam: ratio for lam, ratio in found.items() if ratio is not None}):
        raise NotMeasured("lacks_any_match")
    return known


def mean(ratios: dict[float, pd.Series]) -> pd.Series:
    """Mean over λ, by seed."""
    found = pd.DataFrame(ratios).dropna().mean(axis=1)
    if len(found) < 2:
        raise NotMeasured("lacks_any_match")
    return found


def smoothness(ratio: pd.Series) -> float:
    """The Jacobian's norm with decay over that without."""
    return float(np.exp(-ratio.mean()))


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, output={"probabilities": PROBABILITIES}))
