"""Ridge regression in closed form: the minimiser of (1/2n)‖y−Xw−b‖² + (λ/2)‖w‖². Solved, not trained.

At λ = 0 with more features than samples it is the minimum-norm interpolator, not the baseline `none`.
Source: Hoerl & Kennard 1970.
"""

import numpy as np

from regularization.methods import ClosedForm
from regularization.theory.ridge import ridge_weights


class Ridge(ClosedForm):
    keyed_by = ("lam",)
    affine = True

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        return cls.name()

    @staticmethod
    def solve(x: np.ndarray, y: np.ndarray, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return ridge_weights(x, y, lam)
