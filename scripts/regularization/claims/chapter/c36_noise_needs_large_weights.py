"""To fit noise the weights have to be large."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt, linear
from regularization.claims.linear_models import FROM_ZERO, above_truth, task

SILENT = "zero_init_noise_0"
AT_D = "samples_190"


def evaluate(evidence: Evidence) -> Differences:
    evidence.shown("trained", growth(evidence, "none"))
    for setting in (FROM_ZERO, AT_D):
        one = attempt(task, evidence, setting)
        evidence.shown("than_truth", attempt(above_truth, evidence, setting, "ridge"), samples=one and one.n_train)
    silent, noisy = (evidence.values(linear("ridge", setting=one), "weight_norm").mean() for one in (SILENT, FROM_ZERO))
    evidence.number("norms", silent, noisy=noisy)
    return growth(evidence, "ridge")


def growth(evidence: Evidence, method: str) -> Differences:
    """‖w‖ with − without noise in the labels at λ = 0, by seed."""
    noisy, silent = (linear(method, setting=setting) for setting in (FROM_ZERO, SILENT))
    return evidence.differences(noisy, silent, "weight_norm")


CLAIM = Claim(__name__, AtLeast(), evaluate)
