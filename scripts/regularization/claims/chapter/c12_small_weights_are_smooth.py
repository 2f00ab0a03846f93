"""Small weights make a smooth function: the output changes less when the input does.

Norm of the input–output Jacobian of the network's probabilities, without and with the strongest weight decay that still
fits the training images (mean accuracy ≥ 0.99), at matched training loss: decayed weights leave the same decisions less
certain, which alone makes the probabilities smoother. So the network without decay is the one whose mean training loss
is closest among those trained as long and those trained for fewer epochs with everything else the same. Where none
matches to 5 % the comparison was not made, and the claim is inconclusive.
"""

import numpy as np
import pandas as pd

from regularization.analysis.matching import as_close_a_fit
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, network
from regularization.naming import Key

FITS = 0.99
MATCHED = 0.05  # of the training loss


def evaluate(evidence: Evidence) -> Measurement:
    keys = [network("weight_decay", lam) for lam in evidence.lams("fashion_mnist", "samples_500", "weight_decay")]
    fitting = [key for key in keys if evidence.values(key, "train_accuracy").mean() >= FITS]
    if not fitting:
        raise NotMeasured("lacks_fitting")
    decayed = fitting[-1]
    plain = as_close_a_fit(evidence.tables, decayed, "jacobian_norm")
    if plain is None:
        raise NotMeasured("lacks_plain")
    of_logits = log_ratio(evidence, plain, decayed, "logit_jacobian_norm")
    smaller = evidence.differences(plain, decayed, "weight_norm")
    without, with_decay = (evidence.values(key, "train_loss") for key in (plain, decayed))
    apart = evidence.mean(np.log(with_decay / without).dropna())
    same = max(abs(apart.low), abs(apart.high)) <= MATCHED  # if not, the claim was not tested
    evidence.condition(
        "matched", "holds" if same else "not tested", without=without.mean(), with_decay=with_decay.mean()
    )
    evidence.condition("smaller_weights", (smaller > 0).all())
    evidence.condition("logits_smoother", evidence.lowest(of_logits) > 0)
    norms = {key.lam: evidence.probe(key, "jacobian_norm").mean() for key in (network(), *keys)}
    after_as_many_epochs = log_ratio(evidence, network(), decayed, "jacobian_norm")
    evidence.number("lam", decayed.lam)
    evidence.number("compared_with", plain.setting)
    accuracy = {key: evidence.values(key, "train_accuracy").mean() for key in (decayed, plain)}
    evidence.number("train_accuracy", accuracy[decayed], without=accuracy[plain])
    evidence.number("logits", np.exp(of_logits.mean()))
    evidence.number("unmatched", after_as_many_epochs.mean())
    evidence.number("norms", norms=norms)
    return evidence.contrast(log_ratio(evidence, plain, decayed, "jacobian_norm"))


def log_ratio(evidence: Evidence, a: Key, b: Key, probe: str) -> pd.Series:
    """log(a/b) of a probe, by seed."""
    return np.log(evidence.probe(a, probe) / evidence.probe(b, probe)).dropna()


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="smoothness", table="runs, probes")
