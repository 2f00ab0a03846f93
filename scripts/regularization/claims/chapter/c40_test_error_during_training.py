"""While training goes on the test error falls at λ = 3, and at λ = 0 it does not."""

from contextlib import suppress

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, NotMeasured, each
from regularization.claims.linear_models import FROM_ZERO, pair

HALF, FLAT = 0.5, 0.05
SETTINGS = ("zero_init", FROM_ZERO, "textbook_2023")


def evaluate(evidence: Evidence, metric: str = "risk") -> Differences:
    none, decay = pair("textbook")
    evidence.shown("flat_without", fall(evidence, none, metric), FLAT, below=True)
    evidence.elsewhere("elsewhere", lambda evidence, name: fall(evidence, pair(name)[1]), SETTINGS)
    for setting in SETTINGS:
        with suppress(NotMeasured):
            evidence.number("without", evidence.mean(fall(evidence, pair(setting)[0])).mean, setting=setting)
    return fall(evidence, decay, metric)


def fall(evidence: Evidence, key: Key, metric: str = "risk") -> Differences:
    """1 − risk at the end/risk at the start, by seed."""
    curves = evidence.tables.curve(key)
    if curves.empty or curves["seed"].nunique() < 2:
        raise NotMeasured("lacks_curves", key=key)
    risk = curves.sort_values("epoch").groupby("seed")[metric]
    return 1 - risk.last() / risk.first()


CLAIM = Claim(__name__, AtLeast(HALF), evaluate, variations=each(evaluate, metric=["test_loss"]))
