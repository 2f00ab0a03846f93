"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995).

Exact in expectation for the linear model: noise of variance λ against ridge at λ, trained to the end with a decaying
rate. Margin: 5 % of the risk. The risk hardly depends on λ here, so fits that differ can share it: the weights have to
agree too, to a tenth of their norm (a hundredth of ‖w‖²), and no ridge fit of the grid may be nearer than the one at
the noise's own λ. For a network Bishop's equivalence is an approximation, and it is with a penalty on the Jacobian
∂output/∂input, not on the weights: what the noise does to both is among the numbers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, NotMeasured, Within
from regularization.statistics import equivalence
from regularization.tables import CHAPTER_LAM, Key, Tables

MARGIN = 0.05  # of the risk
WEIGHTS = 0.1  # of ‖w‖
SETTING = "converged_cosine"
Numbers = dict[str, float | str]


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = equivalence(relative_risk(tables, CHAPTER_LAM), low=-MARGIN, high=MARGIN)
    conditions: list[Condition] = []
    numbers: Numbers = {f"relative difference of the risk at λ = {CHAPTER_LAM:g}": primary.effect}
    for lam in evidence.lams(tables, "weight_decay", SETTING, "input_noise"):
        noise = evidence.linear("input_noise", lam, SETTING)
        if (diverged := len(tables.select(noise)) - len(tables.ok(noise))) > 0:
            numbers[f"runs that the noise made diverge at λ = {lam:g}"] = diverged
        try:
            difference = relative_risk(tables, lam)
        except NotMeasured:
            continue
        if lam != CHAPTER_LAM:
            numbers[f"relative difference of the risk at λ = {lam:g}"] = float(difference.mean())
            found = equivalence(difference, low=-MARGIN, high=MARGIN)
            conditions.append(Condition(f"the risk agrees at λ = {lam:g} too", found.equivalent))
    weights(tables, conditions, numbers)
    network(tables, numbers)
    return Measurement.of(primary, conditions=tuple(conditions), numbers=numbers)


def relative_risk(tables: Tables, lam: float) -> np.ndarray:
    """Risk under input noise − ridge's, over ridge's mean, by seed."""
    noise, ridge = (evidence.linear(method, lam, SETTING) for method in ("input_noise", "ridge"))
    return evidence.differences(tables, noise, ridge, "risk") / evidence.values(tables, ridge, "risk").mean()


def weights(tables: Tables, conditions: list[Condition], numbers: Numbers) -> None:
    """Weights under noise of variance 3 against those of every ridge fit; nothing where they were not kept."""
    noisy = weights_of(tables, evidence.linear("input_noise", CHAPTER_LAM, SETTING))
    distances = {}
    for lam in (0.0, *evidence.lams(tables, "weight_decay", SETTING, "ridge")):
        ridge = weights_of(tables, evidence.linear("ridge", lam, SETTING))
        common = noisy.index.intersection(ridge.index)
        if len(common) > 0:
            apart, norm = (np.linalg.norm(w.loc[common], axis=1) for w in (noisy - ridge, ridge))
            distances[lam] = float((apart / norm).mean())
    if CHAPTER_LAM in distances:
        numbers |= {f"‖w − ridge at λ = {lam:g}‖/‖ridge‖": distance for lam, distance in distances.items()}
        conditions += [
            Condition("the weights agree to a tenth of their norm", distances[CHAPTER_LAM] <= WEIGHTS),
            Condition("no ridge fit is nearer", distances[CHAPTER_LAM] == min(distances.values())),
        ]


def weights_of(tables: Tables, key: Key) -> pd.DataFrame:
    """The weights, without the intercept, of a cell's runs that did not diverge: a row a seed, empty if not kept."""
    ok = tables.ok(key)
    if ok.empty or (table := tables.predictions(key)).empty:
        return pd.DataFrame()
    table = table[table["run_id"].isin(ok["run_id"]) & (table["item"] < table["item"].max())]
    return table.set_index([*evidence.PAIR, "item"])["weight"].unstack()  # noqa: PD010


def network(tables: Tables, numbers: Numbers) -> None:
    """What input noise does to the network: Jacobian and weight norm against the baseline's, paired by seed."""
    plain = evidence.network()
    for lam in evidence.lams(tables, "dropout", plain.setting, "input_noise"):
        noisy = evidence.network("input_noise", lam)
        try:
            jacobian = evidence.probe(tables, noisy, "jacobian_norm") / evidence.probe(tables, plain, "jacobian_norm")
            norm = evidence.values(tables, noisy, "weight_norm") / evidence.values(tables, plain, "weight_norm")
        except NotMeasured:
            continue
        text = f"Jacobian norm {jacobian.mean():.3f}, weight norm {norm.mean():.3f}"
        numbers[f"network with noise of variance {lam:g} / without"] = text


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
