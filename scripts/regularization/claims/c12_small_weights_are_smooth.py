"""Small weights make a smooth function: the output changes less when the input does.

Norm of the input–output Jacobian of the network's probabilities, without and with the strongest weight decay that still
fits the training images (mean accuracy ≥ 0.99), so that smoothness is not bought by not fitting. Their training losses
cannot be matched more closely: with smaller weights the same decisions are less certain. Conditions: the decayed
weights are smaller, and the logits are smoother too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.statistics import mean_interval
from regularization.tables import Key, Tables

FITS = 0.99


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    keys = [
        evidence.network("weight_decay", lam) for lam in evidence.lams(tables, "dropout", "samples_500", "weight_decay")
    ]
    fitting = [key for key in keys if evidence.values(tables, key, "train_accuracy").mean() >= FITS]
    if not fitting:
        raise NotMeasured("a λ of weight_decay in samples_500 at which the training images are fitted")
    plain, decayed = evidence.network(), fitting[-1]
    of_logits = log_ratio(tables, plain, decayed, "logit_jacobian_norm")
    smaller = evidence.differences(tables, plain, decayed, "weight_norm")
    conditions = [
        Condition("the weights are smaller in every seed", bool((smaller > 0).all())),
        Condition("the logits' Jacobian is smaller too", bool(mean_interval(of_logits, rng=rng)[0] > 0)),
    ]
    loss = [evidence.values(tables, key, "train_loss").mean() for key in (plain, decayed)]
    path = {key.lam: evidence.probe(tables, key, "jacobian_norm").mean() for key in (plain, *keys)}
    numbers: dict[str, float | str] = {
        "λ": decayed.lam,
        "training accuracy there": evidence.values(tables, decayed, "train_accuracy").mean(),
        "training loss without, with": f"{loss[0]:.3g}, {loss[1]:.3g}",
        "logits' Jacobian, ratio": float(np.exp(of_logits.mean())),
        "Jacobian norm": ", ".join(f"{value:.3g} at {lam:g}" for lam, value in path.items()),
    }
    return evidence.contrast(log_ratio(tables, plain, decayed, "jacobian_norm"), rng, conditions, numbers)


def log_ratio(tables: Tables, a: Key, b: Key, probe: str) -> pd.Series:
    """log(a/b) of a probe, by seed."""
    ratio: pd.Series = np.log(evidence.probe(tables, a, probe) / evidence.probe(tables, b, probe)).dropna()
    return ratio


CLAIM = Claim(
    id="c12",
    statement="Small weights make the learnt function smooth.",
    section="Dropout",
    estimand="log ratio of the input-Jacobian norm, λ = 0 over the largest λ that fits the training images",
    unit="log ratio",
    needs="dropout: samples_500, none and weight_decay with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    table="runs, probes",
)
