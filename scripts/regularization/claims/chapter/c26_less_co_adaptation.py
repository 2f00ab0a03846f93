"""Dropout breaks up co-adaptation: hidden units depend less on each other."""

import pandas as pd

from regularization.claims.evidence import log
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, attempt, dropped, each, network

DELETED = (0.1, 0.25, 0.5, 0.75, 0.9)
LAYER = 2
PLAIN, DROPPED = network(), dropped(0.5)


def evaluate(evidence: Evidence) -> Differences:
    fall = contrast(evidence, DROPPED)
    if not evidence.weighs_conditions:
        return fall
    raw = evidence.probed("pair_ablation_interaction", LAYER).dropna()
    evidence.number("interaction", raw.mean())
    tempered = attempt(contrast, evidence, DROPPED, "tempered_")
    evidence.shown("tempered_too", tempered)
    key = attempt(evidence.chosen, "samples_500", "weight_decay")
    decayed = None if key is None else attempt(contrast, evidence, key)
    more, decay = (None, None) if decayed is None else ((fall - decayed).dropna(), decayed.mean())
    evidence.shown("more_than_decay", more, key=key, decay=decay, dropout=fall.mean())
    for name, sign in (("hidden_correlation", -1), ("participation_ratio", 1)):
        for layer in (1, 2):
            measured = evidence.probed(name, layer).dropna()
            differ = sign * (measured["dropout"] - measured["without"])
            evidence.shown("less_dependent", differ, probe=name, layer=layer, means=measured.mean())
    curve = sum(evidence.probed("deletion_accuracy", share).dropna() for share in DELETED) / len(DELETED)
    evidence.shown("bears_deletion", curve["dropout"] - curve["without"], means=curve.mean())
    return fall


def contrast(evidence: Evidence, key: Key = DROPPED, prefix: str = "", relative: bool = True) -> pd.Series:
    """log(without/with) of the interaction, over the mean effect of a single unit unless told otherwise, by seed."""
    names = ["pair_ablation_interaction", *(["unit_ablation_effect"] if relative else [])]
    logs = [[log(evidence.probe(one, prefix + name, LAYER)) for name in names] for one in (PLAIN, key)]
    without, with_it = (log[0] - sum(log[1:]) for log in logs)
    return (without - with_it).dropna()


VARIATIONS = each(contrast, relative={"not_relative": False}, prefix={"tempered": "tempered_"})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
