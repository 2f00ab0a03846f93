"""The high test error at λ = 0 is fitted noise, as the word overfitting suggests.

The exact account of each run's risk says how much of it beyond the noise floor is noise that was fitted, how much is
signal not learnt, and how much is what the initial weights left where no sample can see them. The claim is true if more
than half is fitted noise. The same by experiment, without the account: how much of the mean risk − σ² goes when the
noise or the initial weights are taken away.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.overfitting import named

PARTS = ("initialisation", "signal_error", "fitted_noise", "bias_term_error")
ABLATIONS = {"without noise": "textbook_noise_0", "without initial weights": "zero_init"}
HALF = 0.5


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    account = tables.account
    if account.empty:
        raise NotMeasured("the account of the linear risk")
    at_zero = account[account["method"] == "none"].assign(excess=lambda rows: rows["risk"] - rows["noise_floor"])
    shares = at_zero[["setting"]].join(at_zero[list(PARTS)].div(at_zero["excess"], axis=0))
    textbook = shares[shares["setting"] == "textbook"]
    if len(textbook) < 2:
        raise NotMeasured("the account of textbook at λ = 0 in at least two runs")
    numbers: dict[str, float | str] = {
        f"share in {named(str(setting))}": ", ".join(f"{named(part)} {rows[part].mean():.3g}" for part in PARTS)
        for setting, rows in shares.groupby("setting", sort=False)
    }
    excess = at_zero.groupby("setting")["excess"].mean()
    for words, setting in ABLATIONS.items():
        if setting in excess.index:
            numbers[f"share of the mean risk − σ² that is gone {words}"] = 1 - excess[setting] / excess["textbook"]
    return evidence.contrast(textbook["fitted_noise"] - HALF, rng, (), numbers)


CLAIM = Claim(
    id="c02",
    statement="The test error without weight decay is high because noise is fitted.",
    section="Weight decay",
    estimand="share of fitted noise in risk − σ² at λ = 0 (textbook), minus one half",
    unit="share",
    needs="linear_regression: textbook, method none, with account",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-account",
    table="account",
)
