"""Too large a λ underfits: λ = 10 does worse than a smaller λ, chosen on validation data, on new and on training data.

Only smaller λ are candidates: that a larger one does better still would not be underfitting. The chapter's own setting
decides; with σ = 0.1, where the minimiser's best λ is 5, it is a condition.
"""

from __future__ import annotations

import math

import numpy as np

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.overfitting import named
from regularization.naming import Key

LAM = 10.0
OTHER = "textbook_noise_0.1"
WITHOUT_INITIAL_WEIGHTS = ("zero_init", "zero_init_noise_0.1")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ten, best = evidence.linear("l2_penalty", LAM), chosen(tables, "textbook", below=LAM)
    risk, train = (evidence.differences(tables, ten, best, metric) for metric in ("risk", "train_loss"))
    conditions = [Condition("the training loss is higher too", bool(mean_interval(train, rng=rng)[0] > 0))]
    numbers: dict[str, float | str] = {
        "λ chosen below 10, among all": f"{best.lam:g}, {chosen(tables, 'textbook').lam:g}",
        "relative difference of the risk": float(risk.mean() / evidence.values(tables, best, "risk").mean()),
        "training loss, difference": float(train.mean()),
    }
    for name in (OTHER, *WITHOUT_INITIAL_WEIGHTS):
        try:
            other = chosen(tables, name, below=LAM)
            more = evidence.differences(tables, evidence.linear("l2_penalty", LAM, name), other, "risk")
        except NotMeasured:
            continue
        relative = more.mean() / evidence.values(tables, other, "risk").mean()
        numbers[f"relative difference of the risk, {named(name)}"] = f"{relative:.3g} (λ = {other.lam:g})"
        if name == OTHER:
            low, _, _ = mean_interval(more, rng=rng)
            conditions.append(Condition(f"the risk is higher in {named(name)} too", bool(low > 0)))
    return evidence.contrast(risk, rng, conditions, numbers)


def chosen(tables: Tables, setting: str, below: float = math.inf) -> Key:
    """The λ, 0 included, whose mean validation loss is lowest; cells with a diverged run are left out."""
    cells = tables.path(setting, "l2_penalty", "validation_loss")
    cells = cells[cells["lam"] < below]
    best = chosen_on_validation(cells, cells)
    if best is None:
        raise NotMeasured(f"validation loss at λ below {below:g} in {setting}")
    return evidence.linear(best["method"], float(best["lam"]), setting)


CLAIM = Claim(
    id="c07",
    statement="At λ = 10 the model underfits.",
    section="Exercises: weight decay",
    estimand="exact risk, λ = 10 − the λ < 10 chosen on validation data (textbook)",
    unit="squared error",
    needs="linear_regression: textbook, l2_penalty at λ = 10 and below",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-risk",
    amended="λ = 10 was first compared with the λ chosen among all. A larger one that does better is no sign of "
    "underfitting, so the candidates became the smaller ones.",
)
