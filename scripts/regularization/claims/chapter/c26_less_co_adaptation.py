"""Dropout breaks up co-adaptation: hidden units depend less on each other.

Primary: how much the loss of removing two units of the last hidden layer differs from the sum of their losses, as a log
ratio, so that it does not depend on the unit. That networks trained with dropout bear deleted units is what they were
trained for: only a check.
"""

import numpy as np

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence

DELETED = (0.1, 0.25, 0.5, 0.75, 0.9)


def evaluate(evidence: Evidence) -> Measurement:
    interaction = evidence.probed("pair_ablation_interaction", 2).dropna()
    evidence.number("interaction", interaction.mean())
    for name, sign in (("hidden_correlation", -1), ("participation_ratio", 1)):
        for layer in (1, 2):
            measured = evidence.probed(name, layer).dropna()
            differ = sign * (measured["dropout"] - measured["without"])
            evidence.condition("less_dependent", evidence.lowest(differ) > 0, probe=name, layer=layer)
            evidence.number("probe", measured.mean(), probe=name, layer=layer)
    curve = sum(evidence.probed("deletion_accuracy", share).dropna() for share in DELETED) / len(DELETED)
    evidence.condition("bears_deletion", evidence.lowest(curve["dropout"] - curve["without"]) > 0)
    evidence.number("deletion", curve.mean())
    return evidence.contrast(np.log(interaction["without"] / interaction["dropout"]))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="co-adaptation", table="probes")
