"""Adam without regularization: steps along m̂/(√v̂ + 10⁻⁸), moving averages of the gradient and its square.

Source: Kingma & Ba 2015, with their β₁ = 0.9, β₂ = 0.999. A baseline of its own: it does not reduce to plain SGD.
"""

from regularization.methods import Method, Tensor

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Adam(Method):
    experiments = ("fashion_mnist",)
    affine = False

    def __init__(self, lam: float | Tensor = 0.0, p: tuple[float | Tensor, ...] = (), n_hidden: int = 0) -> None:
        super().__init__(lam, p, n_hidden)
        self._moments: dict[int, tuple[Tensor, Tensor, list[int]]] = {}  # by the parameter tensor's identity

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        return cls.name() if lam > 0 else "adam"

    def rescale(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        if id(parameter) not in self._moments:
            self._moments[id(parameter)] = (gradient.new_zeros(gradient.shape), gradient.new_zeros(gradient.shape), [0])
        first, second, count = self._moments[id(parameter)]
        count[0] += 1
        first.mul_(BETA_1).add_(gradient, alpha=1 - BETA_1)
        second.mul_(BETA_2).addcmul_(gradient, gradient, value=1 - BETA_2)
        scale = (second / (1 - BETA_2 ** count[0])).sqrt_().add_(EPSILON)
        return first / scale.mul_(1 - BETA_1 ** count[0])
