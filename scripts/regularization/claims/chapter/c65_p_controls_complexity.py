"""The dropout probability controls complexity monotonically: the larger p, the less closely the network fits."""

from itertools import pairwise

import pandas as pd

from regularization.claims.evidence import Differences, Evidence, attempt, log, network
from regularization.claims.kit import AtLeast, Claim, NotMeasured, Outcome, together
from regularization.claims.matched import LOGITS

STEPS = 3  # of p, at least


def evaluate(evidence: Evidence) -> Differences:
    ps = [p for p in evidence.ps("samples_500") if len(set(p.split("/"))) == 1]
    keys = [network(), *(network("dropout", p=p) for p in ps)]
    if len(ps) < STEPS:
        raise NotMeasured("lacks_p")
    train, test = (evidence.table_of(metric, keys) for metric in ("train_loss", "test_loss"))
    logs, names = log(train), ["0", *(p.split("/")[0] for p in ps)]
    for smaller, larger in pairwise(logs):
        rise = (logs[larger] - logs[smaller]).dropna()
        evidence.shown("rises", rise, smaller=names[smaller], larger=names[larger])
    gaps = (test - train).dropna()
    evidence.condition("gap_falls", falls(evidence, gaps), values=dict(zip(names, gaps.mean(), strict=True)))
    norms = attempt(evidence.table_of, LOGITS, keys)
    outcome, means = ("not tested", []) if norms is None else (falls(evidence, norms), norms.mean())
    evidence.condition("jacobian_falls", outcome, values=dict(zip(names, means, strict=False)))
    evidence.number("losses", values=dict(zip(names, train.mean(), strict=True)))
    return (logs[len(ps)] - logs[1]).dropna()


def falls(evidence: Evidence, values: pd.DataFrame) -> Outcome:
    """Whether the mean falls at every step: it fails where one step is shown to rise."""
    return together(evidence.below((values[b] - values[a]).dropna()) for a, b in pairwise(values))


CLAIM = Claim(__name__, AtLeast(), evaluate)
