"""Linear runs a second on one core: the engine, the chapter's plain loop and JAX, from drawing the data to the end.

All evaluate at the epochs that the study records: the engine all of the study's metrics, the others the two losses that
the chapter plots.
"""

import time
from dataclasses import replace

import numpy as np

from regularization.analysis.benchmark import Rate, Size
from regularization.settings import LinearRegressionSetting
from regularization.study import plan
from regularization.study.plan import Cell, Cohort
from regularization.textbook import inputs
from regularization.textbook.linear_regression import linreg, squared_loss, train_from_scratch
from regularization.textbook.utilities import evaluate_loss, with_noise
from regularization.training.loop import train_cohort
from regularization.training.tasks import log_spaced_epochs

CHAPTER = LinearRegressionSetting()
SETTINGS = {  # those in which the study compares its methods; they share the seeds' inputs
    "textbook": CHAPTER,
    "textbook_noise_0.1": replace(CHAPTER, noise_std=0.1),
    "zero_init": replace(CHAPTER, init_std=0.0),
    "zero_init_noise_0.1": replace(CHAPTER, noise_std=0.1, init_std=0.0),
}
LAMS = {
    "l2_penalty": (0.05, 0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0),
    "input_noise": (1.0, 3.0, 10.0),
}
RECORDED = log_spaced_epochs(CHAPTER.epochs, 16)


def engine(method: str, size: Size) -> Rate:
    """Train a cohort of fresh seeds, as the study does."""

    def rate(turn: int) -> float:
        first, end = turn * size.seeds, (turn + 1) * size.seeds
        cells = [
            Cell("linear_regression", setting, method, lam, "0", seeds=end)
            for setting in SETTINGS
            for lam in LAMS[method][: size.lams]
        ]
        start = time.process_time()
        runs = plan.runs([Cohort("linear_regression", "benchmark", tuple(cells), first, end - 1)])
        train_cohort(runs, SETTINGS, dtype="float64", device="cpu")
        return len(runs) / (time.process_time() - start)

    return rate


def book(method: str, size: Size) -> Rate:
    """Train single runs in the chapter's loop."""

    def rate(turn: int) -> float:
        start = time.process_time()
        for seed in range(turn * size.book_runs, (turn + 1) * size.book_runs):
            _train(method, LAMS[method][-1], seed)
        return size.book_runs / (time.process_time() - start)

    return rate


def _train(method: str, lam: float, seed: int) -> None:
    data = inputs.linear_data(CHAPTER, seed)
    w, b = inputs.linear_parameters(CHAPTER, seed)
    epochs = inputs.epochs(CHAPTER, seed, data.train)
    if method == "input_noise":
        epochs = with_noise(epochs, lam**0.5, inputs.noises(CHAPTER, seed, CHAPTER.n_features, w.dtype))

    def evaluate(epoch: int) -> None:
        if epoch in RECORDED:
            for samples in (data.train, data.test):
                evaluate_loss(lambda x: linreg(x, w, b), [samples], squared_loss)

    evaluate(0)
    penalty = lam if method == "l2_penalty" else 0.0
    train_from_scratch(w, b, epochs, learning_rate=CHAPTER.learning_rate, lam=penalty, on_epoch=evaluate)


def jax(method: str, size: Size) -> Rate:
    """Train as many runs at once with JAX, compiled beforehand, on data that lie ready; `ImportError` without JAX."""
    from regularization.analysis.benchmark import jax_loop

    lams = np.array(LAMS[method][: size.lams] * len(SETTINGS))
    compiled = jax_loop.compiled(CHAPTER, RECORDED, lams)
    compiled(jax_loop.drawn(CHAPTER, range(size.seeds)))

    def rate(turn: int) -> float:
        ready = jax_loop.drawn(CHAPTER, range(turn * size.seeds, (turn + 1) * size.seeds))
        start = time.process_time()
        compiled(ready)
        return len(lams) * size.seeds / (time.process_time() - start)

    return rate
