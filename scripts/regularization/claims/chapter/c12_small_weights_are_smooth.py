"""Small weights make a smooth function: the output changes less when the input does.

Norm of the input–output Jacobian of the network's probabilities, without and with the strongest weight decay that still
fits the training images (mean accuracy ≥ 0.99), at matched training loss: decayed weights leave the same decisions less
certain, which alone makes the probabilities smoother. So the network without decay is the one whose mean training loss
is closest among those trained as long and those trained for fewer epochs with everything else the same. Where none
matches to 5 % the comparison was not made, and the claim is inconclusive. Conditions: the decayed weights are smaller,
and the logits are smoother too. Changed after a first look: see `amended`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.analysis.matching import as_close_a_fit
from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.naming import Key

FITS = 0.99
MATCHED = 0.05  # of the training loss


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    keys = [
        evidence.network("weight_decay", lam)
        for lam in evidence.lams(tables, "fashion_mnist", "samples_500", "weight_decay")
    ]
    fitting = [key for key in keys if evidence.values(tables, key, "train_accuracy").mean() >= FITS]
    if not fitting:
        raise NotMeasured("a λ of weight_decay in samples_500 at which the training images are fitted")
    decayed = fitting[-1]
    plain = as_close_a_fit(tables, decayed, "jacobian_norm")
    if plain is None:
        raise NotMeasured("samples_500 without regularization, with probes")
    of_logits = log_ratio(tables, plain, decayed, "logit_jacobian_norm")
    smaller = evidence.differences(tables, plain, decayed, "weight_norm")
    conditions = [
        matched(tables, plain, decayed, rng),
        Condition("the weights are smaller in every seed", bool((smaller > 0).all())),
        Condition("the logits' Jacobian is smaller too", bool(mean_interval(of_logits, rng=rng)[0] > 0)),
    ]
    path = {key.lam: evidence.probe(tables, key, "jacobian_norm").mean() for key in (evidence.network(), *keys)}
    after_as_many_epochs = log_ratio(tables, evidence.network(), decayed, "jacobian_norm")
    numbers: dict[str, float | str] = {
        "λ": decayed.lam,
        "compared with the setting": plain.setting,
        "training accuracy with and without": ", ".join(
            f"{evidence.values(tables, key, 'train_accuracy').mean():.4f}" for key in (decayed, plain)
        ),
        "logits' Jacobian, ratio": float(np.exp(of_logits.mean())),
        "log ratio after as many epochs, losses not matched": float(after_as_many_epochs.mean()),
        "Jacobian norm": ", ".join(f"{value:.3g} at {lam:g}" for lam, value in path.items()),
    }
    return evidence.contrast(log_ratio(tables, plain, decayed, "jacobian_norm"), rng, conditions, numbers)


def matched(tables: Tables, plain: Key, decayed: Key, rng: np.random.Generator) -> Condition:
    """Whether the training loss is the same to 5 %; if not, the claim was not tested."""
    loss = [evidence.values(tables, key, "train_loss") for key in (plain, decayed)]
    low, high, _ = mean_interval(np.log(loss[1] / loss[0]).dropna(), rng=rng)
    text = f"at matched training loss, to 5 % ({loss[0].mean():.2g} without and {loss[1].mean():.2g} with weight decay)"
    return Condition(text, True if max(abs(low), abs(high)) <= MATCHED else None)


def log_ratio(tables: Tables, a: Key, b: Key, probe: str) -> pd.Series:
    """log(a/b) of a probe, by seed."""
    ratio: pd.Series = np.log(evidence.probe(tables, a, probe) / evidence.probe(tables, b, probe)).dropna()
    return ratio


CLAIM = Claim(
    id="c12",
    statement="Small weights make the learnt function smooth.",
    section="Dropout",
    estimand="log ratio of the input-Jacobian norm at equal training loss, λ = 0 over the largest λ that fits the "
    "training images",
    unit="log ratio",
    needs="fashion_mnist: samples_500, none and weight_decay with probes; the same for fewer epochs, none with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="smoothness",
    table="runs, probes",
    amended="At first the networks compared were trained equally long, and that their training loss differed did not "
    "count. Then the match was a condition, which failed and qualified the claim. Now a network without decay is "
    "trained for fewer epochs, to the same loss; without a match the claim is inconclusive. How many epochs was chosen "
    "by the training loss alone.",
)
