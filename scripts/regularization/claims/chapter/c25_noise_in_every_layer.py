"""Noise in every layer regularises better than noise at the input alone."""

from functools import partial

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, each, parse_p

METHODS = ("layer_noise", "input_noise")


def evaluate(evidence: Evidence) -> Differences:
    everywhere, at_input = measures.chosen(evidence, METHODS)
    evidence.number("chosen", at_input.lam, pixels=everywhere.lam, hidden=max(parse_p(everywhere.p)))
    for key in (at_input, everywhere):
        check_the_upper_edge(evidence, key)
    measures.agree(evidence, everywhere, at_input, measures.OTHERS)
    return measures.chosen_gains(evidence, METHODS)


def check_the_upper_edge(evidence: Evidence, key: Key) -> None:
    """Note whether a larger variance was tried, on the pixels and on the hidden layers."""
    cells = evidence.tables.of(key.experiment, key.setting, "validation_loss")
    tried = cells[cells["method"] == key.method]
    pixels, hidden = tried["lam"].max(), max(max(parse_p(p)) for p in tried["p"])
    inside = key.lam < pixels and (max(parse_p(key.p)) < hidden or hidden == 0)
    evidence.condition("below_the_largest", "holds" if inside else "not shown", key=key, pixels=pixels, hidden=hidden)


def facts(evidence: Evidence) -> dict[str, object]:
    return {"moved": measures.weighed(evidence, *measures.chosen(evidence, METHODS))}


VARIATIONS = each(partial(measures.chosen_gains, methods=METHODS), measure=measures.OTHERS)
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
