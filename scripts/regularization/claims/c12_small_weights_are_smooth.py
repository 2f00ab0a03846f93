"""Small weights make a smooth function: the output changes less when the input does.

Norm of the input–output Jacobian of the network's probabilities, without and with the strongest weight decay that still
fits the training images (mean accuracy ≥ 0.99), so that smoothness is not bought by not fitting.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.tables import Tables

FITS = 0.99


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    fitting = [
        key
        for lam in evidence.lams(tables, "dropout", "samples_500", "weight_decay")
        if evidence.values(tables, key := evidence.network("weight_decay", lam), "train_accuracy").mean() >= FITS
    ]
    if not fitting:
        raise NotMeasured("a λ of weight_decay in samples_500 at which the training images are fitted")
    plain, decayed = evidence.network(), fitting[-1]
    ratio = np.log(evidence.probe(tables, plain, "jacobian_norm") / evidence.probe(tables, decayed, "jacobian_norm"))
    norm = evidence.differences(tables, plain, decayed, "weight_norm")
    numbers: dict[str, float | str] = {
        "λ": decayed.lam,
        "Jacobian norm without, with": f"{evidence.probe(tables, plain, 'jacobian_norm').mean():.4g}, "
        f"{evidence.probe(tables, decayed, 'jacobian_norm').mean():.4g}",
        "training accuracy with": evidence.values(tables, decayed, "train_accuracy").mean(),
    }
    conditions = [Condition("the weights are smaller in every seed", bool((norm > 0).all()))]
    return evidence.contrast(ratio.dropna(), rng, conditions, numbers)


CLAIM = Claim(
    id="c12",
    statement="Small weights make the learnt function smooth.",
    section="Dropout",
    estimand="log ratio of the input-Jacobian norm, λ = 0 over the largest λ that fits the training images",
    unit="log ratio",
    needs="dropout: samples_500, none and weight_decay with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    table="probes",
)
