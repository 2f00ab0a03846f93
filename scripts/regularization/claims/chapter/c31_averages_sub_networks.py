"""Inference with all units averages the sub-networks that dropout trained.

Weight scaling (ordinary inference) against the mean prediction of 30 sampled sub-networks. Margin: 0.3 points of
accuracy, the study's margin for "no difference"; cross-entropy within 5 % as a condition.
"""

from regularization.analysis.statistics import equivalence
from regularization.claims.claim import Claim, Measurement, Within
from regularization.claims.evidence import Evidence, dropped

MARGIN = 0.003  # of accuracy
LOSS_MARGIN = 0.05  # of the cross-entropy


def evaluate(evidence: Evidence) -> Measurement:
    key = dropped(0.5)
    scaled, averaged = (
        {part: evidence.probe(key, f"{name}_{part}", level) for part in ("accuracy", "loss")}
        for name, level in (("weight_scaling", None), ("mask_average", 30))
    )
    difference = (scaled["accuracy"] - averaged["accuracy"]).dropna()
    loss = (scaled["loss"] - averaged["loss"]).dropna() / averaged["loss"].mean()
    agrees = equivalence(loss.to_numpy(), low=-LOSS_MARGIN, high=LOSS_MARGIN)
    evidence.condition("loss_agrees", agrees.equivalent, percent=100 * agrees.effect)
    evidence.number("loss", loss.mean())
    for masks in (1, 3, 10, 30):
        accuracy = evidence.probe(key, "mask_average_accuracy", masks)
        evidence.number("averaged", accuracy.mean(), masks=masks)
    evidence.number("scaled", scaled["accuracy"].mean())
    return Measurement.of(equivalence(difference.to_numpy(), low=-MARGIN, high=MARGIN), evidence)


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, figure="mask-average", table="probes")
