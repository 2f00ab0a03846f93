"""Dropout makes the learnt function smoother."""

import numpy as np

from regularization.claims import matched
from regularization.claims.evidence import log
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, dropped, each, network
from regularization.claims.matched import LOGITS, PROBABILITIES

P, OTHERS = 0.5, (0.1, 0.2, 0.35, 0.65)


def evaluate(evidence: Evidence, p: float = P, output: str = LOGITS) -> Differences:
    primary = matched.log_ratio(evidence, dropped(p), output)
    if not evidence.weighs_conditions:
        return primary
    for other_p, other in ((P, PROBABILITIES), *((one, LOGITS) for one in OTHERS)):
        try:
            ratio = matched.log_ratio(evidence, dropped(other_p), other)
        except NotMeasured:
            evidence.number("no_match", p=f"{other_p:g}")  # no network without dropout fits as closely
        else:
            evidence.shown("smoother", ratio, p=f"{other_p:g}", output=other)
    for name in (LOGITS, PROBABILITIES):
        unmatched = (log(evidence.probe(network(), name)) - log(evidence.probe(dropped(P), name))).dropna()
        evidence.number("unmatched", float(np.exp(-unmatched.mean())), output=name)
    return primary


VARIATIONS = each(evaluate, output={"probabilities": PROBABILITIES}, p={f"p_{p}": p for p in OTHERS})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
