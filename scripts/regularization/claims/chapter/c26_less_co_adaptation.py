"""Dropout breaks up co-adaptation: hidden units depend less on each other.

How much the loss of removing two units of the last hidden layer differs from the sum of their single losses, over the
mean size of a single one: the interaction alone grows with the logits, so that whatever makes a network less sure
"reduces" it. Conditions: the same at each run's own temperature, and by more than weight decay chosen on validation
data. That networks trained with dropout bear deleted units is what they were trained for: only a check.
"""

from functools import partial

import numpy as np
import pandas as pd

from regularization.claims.claim import AtLeast, Claim
from regularization.claims.evidence import Differences, Evidence, attempt, dropped, network
from regularization.naming import Key

DELETED = (0.1, 0.25, 0.5, 0.75, 0.9)
LAYER = 2
PLAIN, DROPPED = network(), dropped(0.5)


def evaluate(evidence: Evidence) -> Differences:
    fall = contrast(evidence, DROPPED)
    raw = evidence.probed("pair_ablation_interaction", LAYER).dropna()
    evidence.number("interaction", raw.mean())
    tempered = attempt(contrast, evidence, DROPPED, "tempered_")
    evidence.condition("tempered_too", evidence.above(tempered), ratio=ratio(tempered))
    decay = attempt(evidence.chosen, "samples_500", "weight_decay")
    decayed = None if decay is None else attempt(contrast, evidence, decay)
    more = None if decayed is None else (fall - decayed).dropna()
    evidence.condition("more_than_decay", evidence.above(more), key=decay, ratio=ratio(decayed), of_dropout=ratio(fall))
    for name, sign in (("hidden_correlation", -1), ("participation_ratio", 1)):
        for layer in (1, 2):
            measured = evidence.probed(name, layer).dropna()
            differ = sign * (measured["dropout"] - measured["without"])
            evidence.condition("less_dependent", evidence.above(differ), probe=name, layer=layer, means=measured.mean())
    curve = sum(evidence.probed("deletion_accuracy", share).dropna() for share in DELETED) / len(DELETED)
    evidence.condition("bears_deletion", evidence.above(curve["dropout"] - curve["without"]), means=curve.mean())
    return fall


def ratio(fall: pd.Series | None) -> float | None:
    """With over without."""
    return None if fall is None else float(np.exp(-fall.mean()))


def contrast(evidence: Evidence, key: Key, prefix: str = "", relative: bool = True) -> pd.Series:
    """log(without/with) of the interaction, over the mean effect of a single unit unless told otherwise, by seed."""
    names = ["pair_ablation_interaction", *(["unit_ablation_effect"] if relative else [])]
    logs = [[np.log(evidence.probe(one, prefix + name, LAYER)) for name in names] for one in (PLAIN, key)]
    without, with_it = (log[0] - sum(log[1:]) for log in logs)
    return (without - with_it).dropna()


def varied(evidence: Evidence, prefix: str, relative: bool) -> Differences:
    return contrast(evidence, DROPPED, prefix, relative)


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="co-adaptation",
    table="probes",
    variations={
        "not_relative": partial(varied, prefix="", relative=False),
        "tempered": partial(varied, prefix="tempered_", relative=True),
    },
)
