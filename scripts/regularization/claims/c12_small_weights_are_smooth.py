"""Small weights make a smooth function: the output changes less when the input does.

Norm of the input–output Jacobian of the network's probabilities, without and with the strongest weight decay that still
fits the training images (mean accuracy ≥ 0.99), so that smoothness is not bought by not fitting. The comparison is
meant at matched training loss, but networks are probed at the end of training only, where smaller weights leave the
same decisions less certain: that the losses match to 5 % is a condition, which says so where it fails. Others: the
decayed weights are smaller, and the logits are smoother too. Changed after a first look: see `amended`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.statistics import mean_interval
from regularization.tables import Key, Tables

FITS = 0.99
MATCHED = 0.05  # of the training loss


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
        matched(tables, plain, decayed, rng),
        Condition("the weights are smaller in every seed", bool((smaller > 0).all())),
        Condition("the logits' Jacobian is smaller too", bool(mean_interval(of_logits, rng=rng)[0] > 0)),
    ]
    path = {key.lam: evidence.probe(tables, key, "jacobian_norm").mean() for key in (plain, *keys)}
    numbers: dict[str, float | str] = {
        "λ": decayed.lam,
        "training accuracy there": evidence.values(tables, decayed, "train_accuracy").mean(),
        "logits' Jacobian, ratio": float(np.exp(of_logits.mean())),
        "Jacobian norm": ", ".join(f"{value:.3g} at {lam:g}" for lam, value in path.items()),
    }
    return evidence.contrast(log_ratio(tables, plain, decayed, "jacobian_norm"), rng, conditions, numbers)


def matched(tables: Tables, plain: Key, decayed: Key, rng: np.random.Generator) -> Condition:
    """Whether the training loss is the same to 5 %."""
    loss = [evidence.values(tables, key, "train_loss") for key in (plain, decayed)]
    low, high, _ = mean_interval(np.log(loss[1] / loss[0]).dropna(), rng=rng)
    text = f"at matched training loss, to 5 % ({loss[0].mean():.2g} without and {loss[1].mean():.2g} with weight decay)"
    return Condition(text, max(abs(low), abs(high)) <= MATCHED)


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
    figure="smoothness",
    table="runs, probes",
    amended="The networks compared do not have the same training loss, which the verdict did not count; now the match "
    "is a condition.",
)
