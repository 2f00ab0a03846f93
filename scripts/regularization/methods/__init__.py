"""Regularizers, one per file. Adding one = one file here + its line in `config.yaml` + its test.

A method is a small class that overrides the hooks it needs; the trainer calls the hooks and knows no method's name.
The hooks, in the order in which one SGD step meets them:

    perturb_inputs    x → x′                              input noise, dropout on the inputs
    perturb_weights   W → W′ and ∂W′/∂W                   DropConnect
    perturb_hidden    h → h′ and ∂h′/∂h                   dropout, noise in every layer
    penalty_gradient  ∇ of the penalty, added to ∇ loss   L2 penalty
    shrinkage         W ← (shrinkage) W before the step   weight decay, AdamW
    active            which runs still take steps         early stopping
    rescale           gradient → direction of the step    Adam
    project           W ← Π(W) after the step             norm constraint, max-norm

What a class declares is checked where it is defined, and that it reads the λ and p that tell its cells apart where it
has trained: nothing that a method declares is ignored in silence. This module imports no torch: planning a study needs
the classes' declarations only.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from regularization.settings import EXPERIMENTS
from regularization.system.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from regularization.draws import Draws
    from regularization.settings import Setting

HOOKS = (
    *("prepare", "perturb_inputs", "perturb_weights", "perturb_hidden", "penalty", "penalty_gradient", "shrinkage"),
    *("active", "rescale", "project"),
)


class MethodError(UserError):
    """A method's class declares what its hooks do not keep, or what nothing would call."""


class Method:
    """A regularizer, for all runs of one tensor program at once.

    λ ≥ 0 is a number shared by all runs, or a tensor that broadcasts against the weights. p has one entry a layer it
    acts on, a dropout probability or what its file says, each a number or a tensor that broadcasts against the
    activations (groups, batch, units). `n_hidden` is the network's number of hidden layers (0: linear model).
    """

    experiments: ClassVar[tuple[str, ...]] = EXPERIMENTS
    keyed_by: ClassVar[tuple[str, ...]] = ()  # which of "lam" and "p" tell its cells apart
    affine: ClassVar[bool] = False  # a linear model's weights are affine in (initial weights, signal, noise)
    closed_form: ClassVar[bool] = False  # solved, not trained: see `ClosedForm`
    only_scales: ClassVar[bool] = False  # multiplies the weights of a run by one number, and does nothing else
    # Follow from the hooks that a class overrides:
    perturbs_inputs: ClassVar[bool] = False  # each run sees its own version of a linear model's inputs
    perturbs: ClassVar[bool] = False  # training sees perturbed inputs, weights or activations
    rescales_gradients: ClassVar[bool] = False  # steps along `rescale(gradient)`: Adam instead of SGD
    only_hidden: ClassVar[bool] = False  # acts on hidden layers and nowhere else

    def __init__(self, lam: float | Tensor = 0.0, p: tuple[float | Tensor, ...] = (), n_hidden: int = 0) -> None:
        self._lam, self._p = lam, p
        self._read: set[str] = set()  # which of the two any hook has looked at
        self.n_hidden = n_hidden

    def __init_subclass__(cls) -> None:
        """Derive what follows from the hooks; raise `MethodError` for a declaration that nothing would keep."""
        super().__init_subclass__()
        hooks = {name for name in HOOKS if getattr(cls, name) is not getattr(Method, name)}
        _check(cls, hooks)
        cls.perturbs_inputs, cls.rescales_gradients = "perturb_inputs" in hooks, "rescale" in hooks
        cls.perturbs = not hooks.isdisjoint({"perturb_inputs", "perturb_weights", "perturb_hidden"})
        cls.only_hidden = "perturb_hidden" in hooks and hooks <= {"prepare", "perturb_hidden"}

    @property
    def lam(self) -> Any:
        self._read.add("lam")
        return self._lam

    @property
    def p(self) -> Any:
        self._read.add("p")
        return self._p

    def check_read(self) -> None:
        """Raise `MethodError`, after training, if λ or p told cells apart and no hook ever looked at it."""
        for key in self.keyed_by:
            if key not in self._read:
                raise MethodError(
                    f"method {self.name()}: keyed_by = {self.keyed_by!r}, but no hook that was called read self.{key}: "
                    f"cells with another {key} train alike. Read it, or take {key!r} out of keyed_by"
                )

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
        return "it acts on hidden layers, and there are none" if cls.only_hidden and not setting.hidden else None

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

    # --- hooks of the trainer ---------------------------------------------------------------------------------

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        """Look at the training data once, before the first step."""

    def perturb_inputs(self, x: Tensor, draws: Draws) -> Tensor:
        """Return the inputs this step trains on; x has shape (groups, batch, features)."""
        return x

    def perturb_weights(self, weights: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        """Return W′, which this step multiplies with in layer `layer` (0: the first), and ∂W′/∂W (None: 1)."""
        return weights, None

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


def _check(cls: type[Method], hooks: set[str]) -> None:
    """Raise `MethodError` where nothing would keep a declaration; `hooks` name what the class overrides or inherits."""
    keys, own = ("lam",) if cls.closed_form else ("lam", "p"), vars(cls)
    called, where = hooks - {"prepare", "penalty"}, ("linear_regression",)
    elsewhere = called - {"penalty_gradient", "shrinkage", "active"}
    derived = [name for name in ("perturbs_inputs", "perturbs", "rescales_gradients", "only_hidden") if name in own]
    for name, wrong, remedy in (
        ("keyed_by", _outside(cls.keyed_by, keys), f"a tuple of {' and '.join(map(repr, keys))}, or ()"),
        ("experiments", _outside(cls.experiments, EXPERIMENTS), f"a tuple of {', '.join(map(repr, EXPERIMENTS))}"),
        ("closed_form", cls.closed_form and not hasattr(cls, "solve"), "False, or derive it from ClosedForm"),
        ("closed_form", cls.closed_form and hooks, f"False: what is solved never calls {', '.join(sorted(hooks))}"),
        ("experiments", cls.closed_form and cls.experiments != where, f"{where}: closed forms are of linear models"),
        ("keyed_by", cls.keyed_by and not called and not cls.closed_form, "(), or override a hook that changes a step"),
        ("only_scales", own.get("only_scales") and elsewhere, f"False, with {', '.join(sorted(elsewhere))}"),
        (
            "experiments",
            "perturb_weights" in hooks and where[0] in cls.experiments,
            f"all but {where[0]}, where runs share one tensor of weights and with it what perturbs them",
        ),
        *((name, True, "nothing: it follows from the hooks that the class overrides") for name in derived),
    ):
        if wrong:
            raise MethodError(f"method {cls.name()}: {name} = {getattr(cls, name)!r} cannot be. Allowed: {remedy}")


def _outside(given: object, known: tuple[str, ...]) -> bool:
    return not isinstance(given, tuple) or not set(given) <= set(known)


class ClosedForm(Method):
    """A regularizer of linear models that is solved, not trained: in float64, without torch and of λ alone."""

    experiments = ("linear_regression",)
    closed_form = True

    @classmethod
    def steps(cls, setting: Setting, lam: float) -> int:
        return 0

    @staticmethod
    def solve(x: np.ndarray, y: np.ndarray, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights (groups, features, columns) and intercepts (groups, 1, columns) for every group and column.

        Inputs are (groups, n, features), targets (groups, n, columns); λ broadcasts to (groups, 1, columns).
        """
        raise NotImplementedError


@cache
def method_names() -> tuple[str, ...]:
    """All methods there are: the names of this folder's files that define one. (Others may help them.)"""
    return tuple(name for name in _files() if _defined(name))


@cache
def method_class(name: str) -> type[Method]:
    """The `Method` of the file `methods/{name}.py`, imported by name; `ValueError` if there is no such file."""
    if name not in _files() or not (defined := _defined(name)):
        raise ValueError(f"unknown method {name!r}; allowed: {', '.join(method_names())}")
    return defined[0]


def _files() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def _defined(name: str) -> list[type[Method]]:
    module = importlib.import_module(f"{__name__}.{name}")
    kinds = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Method)]
    return [kind for kind in kinds if kind.__module__ == module.__name__]
