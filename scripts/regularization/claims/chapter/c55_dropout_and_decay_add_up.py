"""What dropout and weight decay gain adds up where both are used."""

from functools import partial

from regularization.claims import measures
from regularization.claims.kit import Claim, Differences, Evidence, Key, Within, attempt, dropped, each, network, sign

MARGIN = 0.2
LAM, P = 0.01, 0.5
OTHERS = ((0.001, 0.5), (0.01, 0.2))


def evaluate(evidence: Evidence) -> Differences:
    primary = excess(evidence)
    for lam, p, measure in ((LAM, P, "tempered_loss"), *((lam, p, "test_loss") for lam, p in OTHERS)):
        found = attempt(excess, evidence, lam, p, measure)
        mean = None if found is None else found.mean()
        evidence.condition("adds_up", measures.near(found, MARGIN), measure=measure, lam=lam, p=f"{p:g}", excess=mean)
    for key in cells(LAM, P):
        evidence.number("gained", measures.gains(evidence, key, network(), "test_loss").mean(), key=key)
    return primary


def cells(lam: float, p: float) -> list[Key]:
    """Dropout and weight decay alone, and both."""
    return [dropped(p), network("weight_decay", lam), network("dropout_weight_decay", lam, dropped(p).p)]


def excess(evidence: Evidence, lam: float = LAM, p: float = P, measure: str = "test_loss") -> Differences:
    """Gain of both − the separate gains, over their mean sum, by seed."""
    table = evidence.table_of(measure, [network(), *cells(lam, p)])
    gained = sign(measure) * table.rsub(table[0], axis=0)
    alone = gained[1] + gained[2]
    return ((gained[3] - alone) / alone.mean()).to_numpy()


VARIATIONS = each(excess, measure=["tempered_loss"])
VARIATIONS |= {f"lam_{lam}_p_{p}": partial(excess, lam=lam, p=p) for lam, p in OTHERS}
CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, variations=VARIATIONS)
