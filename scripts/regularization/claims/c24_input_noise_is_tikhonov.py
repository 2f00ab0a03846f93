"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995).

Exact in expectation for the linear model: noise of variance λ against ridge at λ, trained to the end with a decaying
rate. Margin: 5 % of the risk. Two fits can have one risk and be different, so the weights are a condition: a tenth of
‖w‖ is a hundredth of ‖w‖². For a network Bishop's equivalence is an approximation, and it is with a penalty on the
Jacobian ∂output/∂input, not on the weights: how far the noise lowers both is among the numbers.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, NotMeasured, Within
from regularization.statistics import equivalence
from regularization.tables import CHAPTER_LAM, Key, Tables

MARGIN = 0.05  # of the risk
WEIGHTS = 0.1  # of ‖w‖
SETTING = "converged_cosine"


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = equivalence(relative_risk(tables, CHAPTER_LAM), low=-MARGIN, high=MARGIN)
    conditions = []
    numbers: dict[str, float | str] = {}
    for lam in evidence.lams(tables, "weight_decay", SETTING, "input_noise"):
        try:
            difference = relative_risk(tables, lam)
        except NotMeasured:
            continue
        numbers[f"relative difference of the risk at λ = {lam:g}"] = float(difference.mean())
        if lam != CHAPTER_LAM:
            found = equivalence(difference, low=-MARGIN, high=MARGIN)
            conditions.append(Condition(f"at λ = {lam:g} too", found.equivalent))
    try:
        distance = weight_distance(tables, CHAPTER_LAM)
        numbers["distance of the weights / ‖w‖ at λ = 3, mean"] = float(distance.mean())
        conditions.append(
            Condition("the weights agree too, to a tenth of their norm", bool(distance.mean() <= WEIGHTS))
        )
    except NotMeasured:
        pass
    numbers |= network(tables)
    return Measurement.of(primary, conditions=tuple(conditions), numbers=numbers)


def keys(lam: float) -> tuple[Key, Key]:
    """Input noise of variance λ, and ridge at λ."""
    return evidence.linear("input_noise", lam, SETTING), evidence.linear("ridge", lam, SETTING)


def relative_risk(tables: Tables, lam: float) -> np.ndarray:
    """Risk under input noise − ridge's, over ridge's mean, by seed."""
    noise, ridge = keys(lam)
    return evidence.differences(tables, noise, ridge, "risk") / evidence.values(tables, ridge, "risk").mean()


def weight_distance(tables: Tables, lam: float) -> np.ndarray:
    """‖w − w_ridge‖/‖w_ridge‖ by seed, without the intercept.

    Raises:
        NotMeasured: if the weights were not kept.
    """
    noise, ridge = (tables.predictions(key) for key in keys(lam))
    if noise.empty or ridge.empty:
        raise NotMeasured(f"the weights of {' and '.join(map(evidence.words, keys(lam)))}")
    noise = noise[noise["run_id"].isin(tables.ok(keys(lam)[0])["run_id"])]
    joined = noise.merge(ridge, on=[*evidence.PAIR, "item"], suffixes=("", "_ridge"))
    joined = joined[joined["item"] < joined["item"].max()]
    squares = (joined["weight"] - joined["weight_ridge"]) ** 2, joined["weight_ridge"] ** 2
    apart, norm = (square.groupby([joined[name] for name in evidence.PAIR]).sum() for square in squares)
    return np.sqrt((apart / norm).to_numpy())


def network(tables: Tables) -> dict[str, float | str]:
    """What input noise does to the network: Jacobian and weight norm against the baseline's, over common seeds."""
    numbers: dict[str, float | str] = {}
    plain = evidence.network()
    for lam in evidence.lams(tables, "dropout", plain.setting, "input_noise"):
        noisy = evidence.network("input_noise", lam)
        try:
            jacobian = evidence.probe(tables, noisy, "jacobian_norm") / evidence.probe(tables, plain, "jacobian_norm")
            weights = evidence.values(tables, noisy, "weight_norm") / evidence.values(tables, plain, "weight_norm")
        except NotMeasured:
            continue
        numbers[f"network with noise of variance {lam:g} / without"] = (
            f"Jacobian norm {jacobian.mean():.3f}, weight norm {weights.mean():.3f}"
        )
    return numbers


CLAIM = Claim(
    id="c24",
    statement="Noise on the inputs is equivalent to an L2 (Tikhonov) penalty.",
    section="Dropout",
    estimand="relative difference of risk, input noise of variance 3 − ridge at λ = 3, at convergence",
    unit="relative",
    needs="weight_decay: converged_cosine, input_noise and ridge at λ = 3 (others as conditions)",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    table="runs, predictions_weight_decay, probes",
)
