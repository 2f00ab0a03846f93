"""Early stopping on validation data: stop when the validation loss has not fallen for so many epochs, and keep the
parameters of the epoch in which it was lowest. Source: Prechelt 1998.
"""

import math
from typing import Any

from regularization.methods import Method, Tensor
from regularization.settings import Count


class ValidationStopping(Method):
    patience: Count = 5

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        self.lowest: Any = math.inf  # of each run, as the next two
        self.waited: Any = 0  # epochs since
        self.going_on: Any = None
        self.kept: list[Tensor] = []

    def active(self, step: int) -> Tensor | None:
        return self.going_on

    def validated(self, loss: Tensor, parameters: list[Tensor]) -> None:
        better = (loss < self.lowest) & (self.waited < self.patience)
        self.lowest = loss.where(better, self.lowest)
        self.waited = (self.waited + 1) * ~better
        self.going_on = (self.waited < self.patience).to(parameters[0].dtype)
        pairs = zip(parameters, self.kept or parameters, strict=True)
        self.kept = [values.where(better, kept) for values, kept in pairs]

    def evaluated(self, parameters: list[Tensor]) -> list[Tensor]:
        return self.kept
