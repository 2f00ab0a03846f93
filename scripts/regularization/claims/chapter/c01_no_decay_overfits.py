"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data.

Gap: exact risk − training loss, both mean squared errors. Any positive gap decides; that it is "much" worse is a
condition: in every seed the gap is at least half of the risk.
"""

from contextlib import suppress

from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear

OTHERS = ("textbook_noise_0.1", "zero_init", "zero_init_noise_0.1")
MOST = 0.5  # of the risk


def evaluate(evidence: Evidence) -> Measurement:
    primary = evidence.gap(linear())
    share = primary / evidence.values(linear(), "risk")
    evidence.condition("most", (share >= MOST).all())
    evidence.number("train_loss", evidence.values(linear(), "train_loss").mean())
    evidence.number("share", share.mean())
    for setting in OTHERS:
        with suppress(NotMeasured):
            other = evidence.gap(linear(setting=setting))
            evidence.condition("elsewhere", (other > 0).all(), setting=setting)
            evidence.number("gap", other.mean(), setting=setting)
    return evidence.contrast(primary)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-curves")
