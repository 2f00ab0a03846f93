"""Whether one method does as well for a network as another: within half a point of accuracy, each tuned.

That it beats no regularization is a condition, and so are both cross-entropies.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import Claim, Within
from regularization.claims.evidence import Differences, Evidence, network


def claim(module: str, method: str, usual: str) -> Claim:
    """The claim that a method does as well as the usual one."""
    methods, rule = (method, usual), Within(-measures.CLOSE, measures.CLOSE)
    ask, facts = partial(compared, methods=methods), partial(against, methods=methods)
    return Claim(module, rule, ask, facts=facts)


def compared(evidence: Evidence, methods: tuple[str, str]) -> Differences:
    """Accuracy of the first − the second, each tuned on validation loss; note the rest."""
    own, other = measures.chosen(evidence, methods)
    measures.no_different(evidence, own, other, (measures.PRIMARY, "test_loss"))
    measures.agree(evidence, own, network())
    evidence.check_the_edge(own)
    return evidence.differences(own, other, "test_accuracy")


def against(evidence: Evidence, methods: tuple[str, str]) -> dict[str, object]:
    own, other = measures.chosen(evidence, methods)
    usual, plain = (measures.weighed(evidence, own, key) for key in (other, network()))
    return {"keys": (own, other), "usual": usual, "plain": plain}
