"""The high test error at λ = 0 is fitted noise, as the word overfitting suggests.

The exact account of each run's risk says how much of it beyond the noise floor is noise that was fitted, how much is
signal not learnt, and how much is what the initial weights left where no sample can see them. The claim is true if more
than half is fitted noise.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.tables import Tables

PARTS = ("fitted_noise", "initialisation", "signal_error", "bias_term_error")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    account = tables.account
    if account.empty:
        raise NotMeasured("the account of the linear risk")
    at_zero = account[(account["method"] == "none") & (account["lam"] == 0)]
    shares = (
        at_zero[list(PARTS)].div(at_zero["risk"] - at_zero["noise_floor"], axis=0).assign(setting=at_zero["setting"])
    )
    textbook = shares[shares["setting"] == "textbook"]
    if len(textbook) < 2:
        raise NotMeasured("the account of textbook at λ = 0")
    numbers: dict[str, float | str] = {
        f"share of {part.replace('_', ' ')}": float(textbook[part].mean()) for part in PARTS
    }
    for setting, rows in shares.groupby("setting"):
        if setting != "textbook":
            words = ", ".join(f"{part.replace('_', ' ')} {rows[part].mean():.3f}" for part in PARTS[:3])
            numbers[str(setting).replace("_", " ")] = words
    return evidence.contrast(textbook["fitted_noise"] - 0.5, rng, (), numbers)


CLAIM = Claim(
    id="c02",
    statement="The test error without weight decay is high because noise is fitted.",
    section="Weight decay",
    estimand="share of fitted noise in risk − σ² at λ = 0 (textbook), minus one half",
    unit="share",
    needs="weight_decay: textbook, method none, with account",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-account",
    table="account",
)
