"""A λ chosen on validation data does about as well as the best one."""

import numpy as np

from regularization.claims.kit import Claim, Differences, Evidence, NotMeasured, Within, linear
from regularization.claims.linear_models import FROM_ZERO

ALLOWED = 0.05
SETTINGS = ("textbook", "textbook_noise_0.1", "zero_init")


def evaluate(evidence: Evidence) -> Differences:
    regret, best, agreed = regrets(evidence, FROM_ZERO)
    evidence.elsewhere("elsewhere", lambda evidence, name: regrets(evidence, name)[0], SETTINGS, ALLOWED, below=True)
    evidence.number("best", best)
    evidence.number("agreed", agreed)
    return regret


def regrets(evidence: Evidence, setting: str) -> tuple[np.ndarray, float, float]:
    """Relative regret by seed, the λ that is best on average, and in what share of the seeds validation chose it."""
    cells = evidence.tables.path(setting, "l2_penalty", "validation_loss")
    lams = cells.loc[cells["n_diverged"] == 0, "lam"].tolist()
    if len(lams) < 2:
        raise NotMeasured("lacks_validation", method="l2_penalty", setting=setting)
    keys = [linear("l2_penalty" if lam else "none", lam, setting) for lam in lams]
    risk, validation = (evidence.table_of(metric, keys).to_numpy() for metric in ("risk", "validation_loss"))
    chosen, best = validation.argmin(axis=1), int(risk.mean(axis=0).argmin())
    regret = (risk[np.arange(len(risk)), chosen] - risk[:, best]) / risk[:, best].mean()
    return regret, lams[best], float((chosen == best).mean())


CLAIM = Claim(__name__, Within(-np.inf, ALLOWED), evaluate)
