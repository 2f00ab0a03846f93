"""Weight averaging: evaluate an exponential moving average of the parameters over SGD steps. Source: Polyak & Juditsky
1992; with a decay as in Tarvainen & Valpola 2017.
"""

from regularization.methods import Method, Tensor
from regularization.settings import Share


class WeightAveraging(Method):
    decay: Share = 0.99

    def after_step(self, parameters: list[Tensor]) -> None:
        if not hasattr(self, "averages"):
            self.averages = [values.clone() for values in parameters]
        for average, values in zip(self.averages, parameters, strict=True):
            average.lerp_(values, 1 - self.decay)

    def evaluated(self, parameters: list[Tensor]) -> list[Tensor]:
        return self.averages
