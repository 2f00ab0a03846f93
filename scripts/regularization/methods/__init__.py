"""Regularizers, one per file. Adding one = one file here + its line in `config.yaml` + its test.

A method is a small class that overrides the hooks it needs; the trainer calls the hooks and knows no method's name.
The hooks, in the order in which one SGD step meets them:

    perturb_inputs    x → x′                              input noise, dropout on the inputs
    perturb_hidden    h → h′ and ∂h′/∂h                   dropout, noise in every layer
    penalty_gradient  ∇ of the penalty, added to ∇ loss   L2 penalty
    shrinkage         W ← (shrinkage) W before the step   weight decay, AdamW
    active            which runs still take steps         early stopping
    rescale           gradient → direction of the step    Adam
    project           W ← Π(W) after the step             norm constraint, max-norm

This module imports no torch: planning a study needs the classes' declarations only.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from regularization.settings import EXPERIMENTS

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from regularization.draws import Draws
    from regularization.settings import Setting


class Method:
    """A regularizer, for all runs of one tensor program at once.

    Args:
        lam: λ ≥ 0: a number shared by all runs, or a tensor that broadcasts against the weights.
        p: one dropout probability a layer it acts on, each a number or a tensor that broadcasts against the
            activations (groups, batch, units).
        n_hidden: number of hidden layers of the network (0: linear model).
    """

    experiments: ClassVar[tuple[str, ...]] = EXPERIMENTS
    keyed_by: ClassVar[tuple[str, ...]] = ()  # which of "lam" and "p" tell its cells apart
    affine: ClassVar[bool] = False  # a linear model's weights are affine in (initial weights, signal, noise)
    closed_form: ClassVar[bool] = False  # solved, not trained: see `ClosedForm`
    perturbs_inputs: ClassVar[bool] = False  # each run sees its own version of a linear model's inputs
    only_scales: ClassVar[bool] = False  # multiplies the weights of a run by one number, and does nothing else
    rescales_gradients: ClassVar[bool] = False  # steps along `rescale(gradient)`: Adam instead of SGD

    def __init__(self, lam: float | Tensor = 0.0, p: tuple[float | Tensor, ...] = (), n_hidden: int = 0) -> None:
        self.lam = lam
        self.p = p
        self.n_hidden = n_hidden

    # --- declarations the plan asks for -----------------------------------------------------------------------

    @classmethod
    def name(cls) -> str:
        """The method's name in `config.yaml` and in every table: its file's name."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        """Name of the method that the cell (λ, p) really is: with nothing to regularise, the baseline `none`."""
        return cls.name() if lam > 0 or any(p) else "none"

    @classmethod
    def undefined(cls, setting: Setting, lam: float, p: tuple[float, ...]) -> str | None:
        """Why this method has no cell at (λ, p) in this setting, or None where it has one."""
        return None

    @classmethod
    def steps(cls, setting: Setting, lam: float) -> int:
        """How many SGD steps a run takes."""
        return setting.epochs * setting.steps_per_epoch

    @classmethod
    def keeps_the_span(cls) -> bool:
        """Whether a linear model's weights stay combinations of samples and initial weights, in whose coordinates every
        hook acts alike: what the class itself declares, as a class derived from it may do more.
        """
        return vars(cls).get("only_scales", False)

    @property
    def perturbs(self) -> bool:
        """Whether training sees perturbed inputs or activations."""
        kind = type(self)
        return kind.perturb_inputs is not Method.perturb_inputs or kind.perturb_hidden is not Method.perturb_hidden

    # --- hooks of the trainer ---------------------------------------------------------------------------------

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        """Look at the training data once, before the first step."""

    def perturb_inputs(self, x: Tensor, draws: Draws) -> Tensor:
        """Return the inputs this step trains on; x has shape (groups, batch, features)."""
        return x

    def perturb_hidden(self, h: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        """Return h′ of hidden layer `layer` and ∂h′/∂h (None: 1); h is (groups, batch, units)."""
        return h, None

    def penalty(self, weights: Tensor) -> Tensor | float:
        """The penalty's value for one layer's weights, elementwise (the trainer sums it)."""
        return 0.0

    def penalty_gradient(self, weights: Tensor) -> Tensor | None:
        """The gradient of the penalty, same shape as `weights`, or None."""
        return None

    def shrinkage(self, learning_rate: float | Tensor) -> float | Tensor:
        """The factor that multiplies the weights before the gradient step."""
        return 1.0

    def active(self, step: int) -> float | Tensor | None:
        """1 for runs that take SGD step `step` (counted from 0), 0 for those that have stopped; None: all do."""
        return None

    def project(self, weights: Tensor) -> None:
        """Move the weights, in place, to the nearest point of the feasible set."""

    def rescale(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        """The direction of the step for one tensor of parameters, if `rescales_gradients`; same shape as both."""
        return gradient


class ClosedForm(Method):
    """A regularizer of linear models that is solved, not trained: in float64 and without torch."""

    experiments = ("linear_regression",)
    closed_form = True

    @classmethod
    def steps(cls, setting: Setting, lam: float) -> int:
        return 0

    @staticmethod
    def solve(x: np.ndarray, y: np.ndarray, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights and intercepts for every group and column.

        Args:
            x: inputs, shape (groups, n, features).
            y: targets, shape (groups, n, columns).
            lam: λ, broadcasts to (groups, 1, columns).

        Returns:
            Weights, shape (groups, features, columns), and intercepts, shape (groups, 1, columns).
        """
        raise NotImplementedError


@cache
def method_names() -> tuple[str, ...]:
    """All methods there are: the names of this folder's files."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def method_class(name: str) -> type[Method]:
    """Return the one `Method` that the file `methods/{name}.py` defines.

    Imported by name so that a cohort depends on its own method's file only.

    Raises:
        ValueError: if there is no such file.
    """
    if name not in method_names():
        raise ValueError(f"unknown method {name!r}; allowed: {', '.join(method_names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Method) and value.__module__ == module.__name__
    )
