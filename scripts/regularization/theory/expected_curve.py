"""The expected learning curve: the exact risk by epoch, over the very inputs that the runs see."""

import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.theory.data import training_inputs
from regularization.theory.expected_risk import diagonalised, gradient_descent_risk, loss_factor


def expected_curve(setting: LinearRegressionSetting, lam: float, epochs: np.ndarray, n_seeds: int) -> np.ndarray:
    """Average full-batch gradient descent's risk, after as many steps as SGD takes, over initial weights and noise.

    For the chapter's runs minibatches move it by less than half a per cent. λ ≥ 0 is in the setting's own terms, the
    inputs are those of seeds 0, 1, …; epochs (times,) → mean squared error (seeds, times).
    """
    x = np.stack(list(training_inputs(setting.n_train, setting.n_features, n_seeds)))
    spectra = diagonalised(x, np.array([lam / loss_factor(setting)]))
    steps = np.asarray(epochs, dtype=int) * setting.steps_per_epoch
    return gradient_descent_risk(spectra, setting, steps).total[:, :, 0]
