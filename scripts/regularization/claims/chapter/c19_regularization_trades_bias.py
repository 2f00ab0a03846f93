"""Regularization trades bias for variance: variance falls, bias rises."""

from collections.abc import Sequence
from functools import partial

from regularization.analysis.statistics import two_way_interval
from regularization.claims.evidence import Differences, Evidence, attempt, dropped, linear, network
from regularization.claims.kit import CHAPTER_LAM, AtLeast, Claim, Estimate, Key, each
from regularization.claims.replicates import Split, of_linear_models, of_networks

DROPOUT = [network(), dropped(0.5)]
DECAY = [network(), network("weight_decay", 0.01)]
PENALTY = [linear(setting="zero_init_noise_0.1"), linear("l2_penalty", CHAPTER_LAM, "zero_init_noise_0.1")]


def evaluate(evidence: Evidence) -> Differences:
    before, after = of_networks(evidence.tables, DROPOUT)
    fall = before.variance - after.variance
    evidence.shown("other_images", Estimate(*two_way_interval(fall), len(fall)))
    for method, keys in (("dropout", DROPOUT), ("weight_decay", DECAY)):
        for tempered in (False, True):
            traded(evidence, attempt(of_networks, evidence.tables, keys, tempered), method, tempered)
    traded(evidence, attempt(of_linear_models, evidence.tables, PENALTY), "l2_penalty", tempered=False)
    if alone := attempt(of_networks, evidence.tables, [network()], True):
        evidence.number("temperature_alone", before=means(before), after=means(alone[0]))
    return fall.mean(axis=1)


def traded(evidence: Evidence, parts: Sequence[Split] | None, method: str, tempered: bool) -> None:
    """Note whether the bias rises and the variance falls."""
    if parts is None and not tempered:
        return
    bias = variance = None
    if parts:
        before, after = parts
        bias, variance = (after.bias - before.bias).mean(axis=1), (after.variance - before.variance).mean(axis=1)
        evidence.number("components", method=method, tempered=tempered, before=means(before), after=means(after))
    evidence.shown("bias_rises", bias, method=method, tempered=tempered)
    evidence.shown("variance_falls", variance, below=True, method=method, tempered=tempered)


def means(split: Split) -> dict[str, float]:
    """Bias², variance and their sum."""
    return {"bias²": split.bias.mean(), "variance": split.variance.mean(), "sum": (split.bias + split.variance).mean()}


def fall_of(evidence: Evidence, keys: Sequence[Key] = DROPOUT, tempered: bool = False) -> Differences:
    before, after = of_networks(evidence.tables, keys, tempered)
    return (before.variance - after.variance).mean(axis=1)


VARIATIONS = each(fall_of, tempered={"tempered": True}, keys={"weight_decay": DECAY})
VARIATIONS |= {"weight_decay_tempered": partial(fall_of, keys=DECAY, tempered=True)}
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
