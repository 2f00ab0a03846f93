"""Early stopping: stop after t = 1/(ηλ) steps; η·t = 1/λ is the time that matches ridge at λ (Ali et al. 2019)."""

import math

from regularization.methods import Method, Setting, Tensor


class EarlyStopping(Method):
    keyed_by = ("lam",)
    affine = only_scales = True

    @classmethod
    def undefined(cls, setting: Setting, lam: float, p: tuple[float, ...]) -> str | None:
        budget = super().steps(setting, lam)
        if lam == 0:
            return "λ = 0 means never to stop"
        if cls.steps(setting, lam) > budget:
            return f"1/(ηλ) = {cls.steps(setting, lam)} steps exceed the budget of {budget}"
        return None

    @classmethod
    def steps(cls, setting: Setting, lam: float) -> int:
        return math.ceil(1 / (setting.learning_rate * lam) - 0.5)

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        self.stop = 1 / (learning_rate * self.lam)

    def active(self, step: int) -> float | Tensor:
        middle = step + 0.5  # the rounding of `steps`
        return float(middle < self.stop) if isinstance(self.stop, float) else (middle < self.stop).to(self.stop.dtype)
