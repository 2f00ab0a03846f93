"""Early stopping: stop after t = 1/(ηλ) steps; η·t = 1/λ is the time that matches ridge at λ (Ali et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regularization.methods import Method

if TYPE_CHECKING:
    from torch import Tensor

    from regularization.settings import Setting


class EarlyStopping(Method):
    keyed_by = ("lam",)

    @classmethod
    def undefined(cls, setting: Setting, lam: float) -> str | None:
        budget = super().steps(setting, lam)
        if lam == 0:
            return "λ = 0 means never to stop"
        if cls.steps(setting, lam) > budget:
            return f"1/(ηλ) = {cls.steps(setting, lam)} steps exceed the budget of {budget}"
        return None

    @classmethod
    def steps(cls, setting: Setting, lam: float) -> int:
        return round(1 / (setting.learning_rate * lam))

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        self.last_step = (1 / (learning_rate * self.lam)).round()

    def active(self, step: int) -> Tensor:
        return (step < self.last_step).to(self.last_step.dtype)
