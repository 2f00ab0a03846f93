"""As long as ηλ is below 1 the decay shrinks the weights, and training is stable."""

import numpy as np

from regularization.claims.kit import CHAPTER_LAM, Claim, Evidence, InNearlyAll, Measurement, NotMeasured, linear
from regularization.claims.linear_models import task, training_data
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import batch_orders
from regularization.theory.sgd_risk import sgd_moments

SETS = 10


def evaluate(evidence: Evidence) -> Measurement:
    one = task(evidence, "textbook")
    lams = evidence.lams("linear_regression", "textbook", "l2_penalty")
    inside = [evidence.tables.select(linear("l2_penalty", lam)) for lam in lams if one.learning_rate * lam < 1]
    if not inside:
        raise NotMeasured("lacks_lams")
    statuses = np.concatenate([runs["status"].to_numpy() for runs in inside])
    x = training_data(evidence, "textbook")[0][:SETS]
    rates = 0.9 * 2 / (np.linalg.norm(x, 2, axis=(1, 2)) ** 2 / one.n_train + CHAPTER_LAM)
    full, small = (
        sum(bears(one, seed, inputs, rate, size) for seed, (inputs, rate) in enumerate(zip(x, rates, strict=True)))
        for size in (one.n_train, one.batch_size)
    )
    evidence.condition("minibatches", small == full, small=small, full=full, sets=len(x), rate=float(rates.mean()))
    evidence.number("largest", max(lam for lam in lams if one.learning_rate * lam < 1))
    return Measurement.share(int((statuses == "ok").sum()), len(statuses), evidence)


def bears(one: LinearRegressionSetting, seed: int, x: np.ndarray, rate: float, batch_size: int) -> bool:
    """Whether the expected risk after the chapter's epochs in batches of a size is below that at the start."""
    order = batch_orders(one.n_train, one.epochs, seed)
    steps = one.epochs * -(-one.n_train // batch_size)
    rates, lam = np.full((1, steps), rate), np.array([CHAPTER_LAM])
    after = sgd_moments(x, order, batch_size, rates, lam).risk(one).total.item()
    start = one.noise_std**2 + one.n_features * (one.init_std**2 + one.true_weight**2) + one.true_bias**2
    return bool(after < start)


CLAIM = Claim(__name__, InNearlyAll(0.95), evaluate)
