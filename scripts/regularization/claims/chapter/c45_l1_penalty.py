"""An L1 penalty lowers the test error as the L2 penalty does."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, levels, linear
from regularization.claims.linear_models import FROM_ZERO, chosen

MARGIN = 0.05
FROM_NORMAL = "textbook_noise_0.1"


def evaluate(evidence: Evidence) -> Differences:
    if not evidence.weighs_conditions:
        return gains(evidence, FROM_ZERO)
    evidence.elsewhere("elsewhere", gains, [FROM_NORMAL])
    evidence.elsewhere("as_good_as_l2", more, (FROM_ZERO, FROM_NORMAL), MARGIN, below=True)
    l1, l2 = (chosen(evidence, FROM_ZERO, method) for method in ("l1_penalty", "l2_penalty"))
    evidence.number("chosen", l1.lam, l2=l2.lam, risk=levels(evidence, linear(setting=FROM_ZERO), l1, "risk"))
    return gains(evidence, FROM_ZERO)


def gains(evidence: Evidence, setting: str) -> Differences:
    """Risk without − with an L1 penalty, by seed."""
    return evidence.differences(linear(setting=setting), chosen(evidence, setting, "l1_penalty"), "risk")


def more(evidence: Evidence, setting: str) -> Differences:
    """(Risk with an L1 − with an L2 penalty)/mean risk with L2, by seed."""
    l1, l2 = (chosen(evidence, setting, method) for method in ("l1_penalty", "l2_penalty"))
    return evidence.differences(l1, l2, "risk") / evidence.values(l2, "risk").mean()


CLAIM = Claim(__name__, AtLeast(), evaluate)
