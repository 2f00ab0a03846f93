"""Weight decay does no harm even when the true weights are large.

Not inferior: at λ = 3 the weights lose at most 5 % of what they learnt without, ‖w*‖² − ‖w − w*‖². From zero initial
weights, so that there is no initialisation whose removal could make up for the harm; from the chapter's is a condition.
The statement names neither noise nor sample size: conditions raise σ along with w*, and train with 500 samples.
"""

import math

from regularization.analysis.statistics import equivalence
from regularization.claims.claim import Claim, Measurement, Within
from regularization.claims.evidence import Evidence
from regularization.claims.linear_models import elsewhere, gain, lost, pair

ALLOWED = 0.05  # of what was learnt
SETTING = "zero_init_large_weights"
ELSEWHERE = ("zero_init_large_weights_same_snr", "large_weights_500")


def evaluate(evidence: Evidence) -> Measurement:
    harm = lost(evidence, *reversed(pair(SETTING)))
    none, decay = (evidence.values(key, "risk") for key in pair(SETTING))
    evidence.number("relative", (decay - none).mean() / none.mean())
    found = elsewhere(evidence, lambda name: ALLOWED - lost(evidence, *reversed(pair(name))), ELSEWHERE)
    for setting, outcome, value in found:
        evidence.condition("elsewhere", outcome, setting=setting, lost=None if value is None else ALLOWED - value.mean)
    for _, outcome, value in elsewhere(evidence, lambda name: gain(evidence, *pair(name)), ["large_weights"]):
        evidence.condition("from_initial_weights", outcome, value=value)
    return Measurement.of(equivalence(harm, low=-math.inf, high=ALLOWED), evidence)


CLAIM = Claim(
    __name__, Within(-math.inf, ALLOWED), evaluate, figure="weight-decay-large-weights", table="runs, account, settings"
)
