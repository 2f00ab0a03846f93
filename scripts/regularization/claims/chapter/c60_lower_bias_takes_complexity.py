"""Lower bias takes a more complex model: a wider network has less bias."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt, each, network
from regularization.claims.replicates import of_networks

NARROW, MIDDLE, WIDE = "width_16", "samples_500", "width_512"


def evaluate(evidence: Evidence, narrow: str = NARROW, tempered: bool = False) -> Differences:
    before, after = of_networks(evidence.tables, [network(setting=narrow), network(setting=WIDE)], tempered)
    for setting, at_temperature in ((NARROW, True), (MIDDLE, False)):
        parts = attempt(of_networks, evidence.tables, [network(setting=setting), network(setting=WIDE)], at_temperature)
        fall = (parts[0].bias - parts[1].bias).mean(axis=1) if parts else None
        evidence.shown("falls_too", fall, setting=setting, tempered=at_temperature)
    evidence.number("parts", after.bias.mean(), narrow=before.bias.mean(), part="bias")
    evidence.number("parts", after.variance.mean(), narrow=before.variance.mean(), part="variance")
    return (before.bias - after.bias).mean(axis=1)


VARIATIONS = each(evaluate, tempered={"tempered": True}, narrow={"from_256_units": MIDDLE})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
