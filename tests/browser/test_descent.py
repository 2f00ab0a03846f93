"""The live experiment: its arithmetic against the plain loop and the exact theory, and how it is used."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page

from browser.pages import Opener, broken, until
from figures.reports import SOURCES
from regularization.settings import LinearRegressionSetting
from regularization.textbook import inputs, runs
from regularization.textbook.linear_regression import train_from_scratch
from regularization.theory.sgd_risk import sgd_moments
from regularization.training.risk_account import parts_of_risk

ARITHMETIC = (SOURCES / "scripts" / "descent.js").read_text(encoding="utf-8")
PLACE, SEED = "#explore-descent", 3
OWN = {"true_weight": 0.0, "true_bias": 0.0, "noise_std": 0.0, "init_std": 0.0}  # the numbers that make a run's parts
NAMES = {"initialisation": "initialisation", "signal": "signal_error", "noise": "fitted_noise",
         "intercept": "bias_term_error", "floor": "noise_floor"}  # fmt: skip
# The mean of a square over independent coordinates of mean zero: the sum over runs from one coordinate alone.
SUMMED = """([source, draws, task]) => {
  const sgd = new Function(`${source}; return sgd;`)();
  const [none, d, n] = [{ trueWeight: 0, trueBias: 0, noiseStd: 0, initStd: 0 }, draws.w0.length, draws.x.length];
  const unit = (length, at) => Array.from({ length }, (_, i) => Number(i === at));
  const alone = [sgd(draws, { ...task, noiseStd: 0, initStd: 0 })];
  for (let j = 0; j < d; j += 1) {
    alone.push(sgd({ ...draws, w0: unit(d, j) }, { ...task, ...none, initStd: task.initStd }));
  }
  for (let i = 0; i < n; i += 1) {
    alone.push(sgd({ ...draws, noise: unit(n, i) }, { ...task, ...none, noiseStd: task.noiseStd }));
  }
  const total = (of) => alone[0].map((_, epoch) => alone.reduce((sum, run) => sum + of(run[epoch]), 0));
  return { train: total((state) => state.train), norm: total((state) => state.norm ** 2) };
}"""
SETTINGS = (
    (LinearRegressionSetting(epochs=30), 0.0),
    (LinearRegressionSetting(epochs=30, noise_std=0.3, n_train=7, batch_size=3, learning_rate=0.01), 3.0),
    (LinearRegressionSetting(epochs=10, noise_std=0.1, init_std=0.0, n_features=60, n_train=50, true_bias=1.0), 0.5),
)


def alone(setting: LinearRegressionSetting, **numbers: float) -> LinearRegressionSetting:
    return replace(setting, **{**OWN, **numbers})


def order(setting: LinearRegressionSetting) -> np.ndarray:
    """The samples of every epoch, (epochs, n): the batches that the plain loop gets of the samples' numbers."""
    numbers = inputs.torch.arange(setting.n_train)
    epochs = inputs.epochs(setting, SEED, (numbers, numbers))
    return np.array([np.concatenate([x.numpy() for x, _ in batches]) for batches in epochs])


def draws(setting: LinearRegressionSetting) -> dict[str, list]:
    """What the study's streams give the run, in units of its own numbers."""
    x, noise = inputs.linear_data(alone(setting, noise_std=1.0), SEED).train
    w0, _ = inputs.linear_parameters(alone(setting, init_std=1.0), SEED)
    return {"x": x.tolist(), "noise": noise[:, 0].tolist(), "w0": w0[:, 0].tolist(), "order": order(setting).tolist()}


def task(setting: LinearRegressionSetting, lam: float) -> dict[str, float]:
    names = {"learningRate": "learning_rate", "batchSize": "batch_size", "trueWeight": "true_weight",
             "trueBias": "true_bias", "noiseStd": "noise_std", "initStd": "init_std"}  # fmt: skip
    return {"lam": lam, **{key: getattr(setting, name) for key, name in names.items()}}


def states(page: Page, function: str, setting: LinearRegressionSetting, lam: float, source: str = ARITHMETIC) -> dict:
    """What the page's function makes of these draws: name → values by epoch."""
    found = page.evaluate(
        f"([draws, task]) => {{ {source}; return [...{function}(draws, task)]; }}", [draws(setting), task(setting, lam)]
    )
    return {name: np.array([state[name] for state in found]) for name in found[0]}


def parts(setting: LinearRegressionSetting, lam: float) -> dict[str, float]:
    """The account of the plain loop's run: its start, signal and noise, each trained alone."""
    ends = []
    for own in (("init_std",), ("true_weight", "true_bias"), ("noise_std",)):
        one = alone(setting, **{name: getattr(setting, name) for name in own})
        w, b = inputs.linear_parameters(one, SEED)
        batches = inputs.epochs(one, SEED, inputs.linear_data(one, SEED).train)
        train_from_scratch(w, b, batches, learning_rate=one.learning_rate, lam=lam)
        ends.append(np.append(w.detach().numpy(), b.detach().numpy())[None])
    return {name: float(value[0]) for name, value in parts_of_risk(setting, *ends).items()}


@pytest.mark.parametrize(("setting", "lam"), SETTINGS)
def test_a_run_is_the_plain_loop_s_at_every_epoch_and_so_is_its_account(opened: Opener, setting, lam: float) -> None:
    page, told = opened("<p></p>"), []
    found = states(page, "sgd", setting, lam)
    runs.train_linear(setting, "l2_penalty", lam=lam, seed=SEED, on_epoch=lambda epoch, metrics: told.append(metrics))
    for name, metric in {"train": "train_loss", "test": "risk", "norm": "weight_norm"}.items():
        np.testing.assert_allclose(found[name], [metrics[metric] for metrics in told], rtol=1e-9, err_msg=name)
    account = parts(setting, lam)
    for name, column in NAMES.items():
        np.testing.assert_allclose(found[name][-1], account[column], rtol=1e-9, err_msg=name)
    crossed = sum(value for name, value in account.items() if name not in NAMES.values())
    np.testing.assert_allclose(found["cross"][-1], crossed, rtol=1e-9, atol=1e-12 * found["test"][-1])


@pytest.mark.parametrize(
    ("old", "new"),
    [("decay * start[j]", "start[j]"), ("task.learningRate / batch.length", "task.learningRate / task.batchSize")],
)
def test_wrong_arithmetic_is_noticed(opened: Opener, old: str, new: str) -> None:
    assert old in ARITHMETIC
    page = opened("<p></p>")
    right, wrong = (states(page, "sgd", *SETTINGS[1], source) for source in (ARITHMETIC, ARITHMETIC.replace(old, new)))
    assert not np.allclose(right["test"], wrong["test"], rtol=1e-6)


@pytest.mark.parametrize(("setting", "lam"), SETTINGS)
def test_the_average_is_the_exact_one_and_that_of_many_runs(opened: Opener, setting, lam: float) -> None:
    page = opened("<p></p>")
    found = states(page, "expectation", setting, lam)
    x = np.array(draws(setting)["x"])
    rates = np.full((1, setting.epochs * setting.steps_per_epoch), setting.learning_rate)
    exact = sgd_moments(x, order(setting), setting.batch_size, rates, np.array([lam])).risk(setting)
    for name, part in {
        "intercept": "bias_term",
        "test": "total",
        **{n: n for n in ("initialisation", "signal", "noise")},
    }.items():
        np.testing.assert_allclose(found[name][-1], getattr(exact, part).item(), rtol=1e-8, atol=1e-15, err_msg=name)
    summed = page.evaluate(SUMMED, [ARITHMETIC, draws(setting), task(setting, lam)])
    np.testing.assert_allclose(found["train"], summed["train"], rtol=1e-9)
    np.testing.assert_allclose(found["norm"] ** 2, summed["norm"], rtol=1e-9)


def test_a_reader_predicts_sees_and_shares_what_came_out(opened: Opener) -> None:
    page = opened(reduced_motion="reduce")
    place = page.locator(PLACE)
    assert not place.get_by_role("slider", name="weight decay", exact=True).is_visible()
    until(page, f"document.querySelector('{PLACE} .told').textContent.startsWith('At λ = 0 ')")
    place.locator("input[id$=guess]").press("ArrowLeft")
    place.get_by_role("button", name="Reveal").press("Enter")
    until(page, f"document.querySelector('{PLACE} .told').textContent.startsWith('At λ = 3 ')")
    words = place.locator(".told[role=status]").inner_text()
    assert "You guessed" in words
    assert page.evaluate("document.activeElement.id") == "explore-descent-lam"
    until(page, "location.search.includes('explore-descent=3,')")
    place.get_by_label("training examples").press("ArrowRight")
    until(page, f"!document.querySelector('{PLACE} .told').textContent.includes('guessed')")
    until(page, "location.search.includes(',50,')")
    table, words = place.locator("table").inner_text(), place.locator(".told[role=status]").inner_text()
    page.reload()
    until(page, f"document.querySelector('{PLACE} .told').textContent !== ''")
    assert place.locator("table").inner_text() == table
    assert place.locator(".told[role=status]").inner_text() == words
    place.get_by_role("button", name="Draw again").press("Enter")
    until(page, f"document.querySelector('{PLACE} .told').textContent !== {words!r}")
    assert place.locator("table").inner_text() != table


def test_a_run_that_blows_up_says_so(opened: Opener) -> None:
    page = opened(broken('"learningRate":0.003', '"learningRate":0.5'))
    page.locator(PLACE).get_by_role("button", name="Skip").click()
    page.locator(PLACE).get_by_role("slider", name="weight decay", exact=True).press("End")
    until(page, f"document.querySelector('{PLACE} .told').textContent.includes('blows up')")
