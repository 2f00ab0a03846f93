"""The dropout probability controls complexity monotonically: the larger p, the less closely the network fits.

Share of seeds in which the training loss rises at every step of p, at least three quarters of them: what a dozen seeds
can show. That the logits' Jacobian and the gap between test and training loss fall at every step, on average, are
conditions.
"""

from itertools import pairwise

import pandas as pd

from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured, Outcome
from regularization.claims.evidence import Evidence, network
from regularization.claims.matched import LOGITS

SHARE = 0.75
STEPS = 3  # of p, at least


def evaluate(evidence: Evidence) -> Measurement:
    ps = [p for p in evidence.ps("samples_500") if len(set(p.split("/"))) == 1]
    keys = [network(), *(network("dropout", p=p) for p in ps)]
    if len(ps) < STEPS:
        raise NotMeasured("lacks_p")
    train, test = (evidence.table_of(metric, keys) for metric in ("train_loss", "test_loss"))
    rising = (train.diff(axis=1).iloc[:, 1:] > 0).all(axis=1)
    gaps = (test - train).dropna()
    evidence.condition("gap_falls", falls(evidence, gaps), gaps=dict(zip(["0/0", *ps], gaps.mean(), strict=True)))
    try:
        norms = pd.concat([evidence.probe(key, LOGITS) for key in keys], axis=1, keys=range(len(keys)), join="inner")
    except NotMeasured:
        evidence.condition("no_jacobian", "not tested")
    else:
        evidence.condition(
            "jacobian_falls", falls(evidence, norms), norms=dict(zip(["0/0", *ps], norms.mean(), strict=True))
        )
    evidence.number("losses", losses=dict(zip(["0/0", *ps], train.mean(), strict=True)))
    return Measurement.share(int(rising.sum()), len(rising), evidence)


def falls(evidence: Evidence, values: pd.DataFrame) -> Outcome:
    """Whether the mean falls at every step: it fails where one step is shown to rise."""
    steps = {evidence.below((values[b] - values[a]).dropna()) for a, b in pairwise(values)}
    return "fails" if "fails" in steps else "not shown" if "not shown" in steps else "holds"


CLAIM = Claim(__name__, InNearlyAll(SHARE), evaluate, figure="dropout-strength", table="runs, probes")
