"""Regularizers, one per file. Adding one = one file here + its line in `config.yaml` + its test.

A method is a small class that overrides the hooks it needs; the trainer calls the hooks and knows no method's name.
docs/methods.md has a table of the hooks and examples.

Beside λ and p a method may have hyperparameters: numbers that its class declares with a type of settings.py and a
default, as in `smoothing: Share = 0.1`. The text `label_smoothing:smoothing=0.2` in a list of methods gives another
value. With all its values, such text is the method's name in every table, and with it part of a cell's key.

What a class declares is checked where it is defined, and that it reads what tells its cells apart where it has trained:
nothing that a method declares is ignored in silence. This module imports no torch: planning a study needs the classes'
declarations only.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from regularization.naming import number_text
from regularization.settings import EXPERIMENTS, Setting
from regularization.system.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from regularization.draws import Draws
else:
    Draws = Tensor = Any

__all__ = ["HOOKS", "ClosedForm", "Draws", "Method", "MethodError", "Setting", "Tensor", "method_class", "method_names"]


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
    # Follow from what a class overrides and declares:
    hooks: ClassVar[frozenset[str]] = frozenset()  # those of `HOOKS` that it overrides
    hyperparameters: ClassVar[Mapping[str, Any]] = {}  # beside λ and p: name → type
    perturbs_inputs: ClassVar[bool] = False  # each run sees its own version of a linear model's inputs
    rescales_gradients: ClassVar[bool] = False  # steps along `rescale(gradient)`: Adam instead of SGD
    only_hidden: ClassVar[bool] = False  # acts on hidden layers and nowhere else

    def __init__(self, lam: float | Tensor = 0.0, p: tuple[float | Tensor, ...] = (), n_hidden: int = 0) -> None:
        self._lam, self._p = lam, p
        self._read: set[str] = set()  # which of the two, and of the hyperparameters, any hook has looked at
        self.n_hidden = n_hidden

    def __init_subclass__(cls) -> None:
        """Derive what follows from the hooks; raise `MethodError` for a declaration that nothing would keep."""
        super().__init_subclass__()
        hooks = frozenset(name for name in HOOKS if getattr(cls, name) is not getattr(Method, name))
        _check(cls, hooks)
        cls.hooks, cls.hyperparameters = hooks, _hyperparameters(cls)
        cls.perturbs_inputs = not hooks.isdisjoint({"perturb_inputs", "perturb_samples"})
        cls.rescales_gradients = "rescale" in hooks
        cls.only_hidden = "perturb_hidden" in hooks and hooks <= {"prepare", "perturb_hidden"}

    @property
    def lam(self) -> Any:
        self._read.add("lam")
        return self._lam

    @property
    def p(self) -> Any:
        self._read.add("p")
        return self._p

    # --- declarations the plan asks for -----------------------------------------------------------------------

    @classmethod
    def name(cls) -> str:
        """The method's name in every table: its file's name, then each hyperparameter as `:name=value`."""
        values = (f"{name}={number_text(getattr(cls, name))}" for name in cls.hyperparameters)
        return ":".join([cls.__module__.rpartition(".")[2], *values])

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        """Name of the method that the cell (λ, p) really is: with nothing to regularise, the baseline `none`."""
        return cls.name() if lam > 0 or any(p) or not cls.keyed_by else "none"

    @classmethod
    def undefined(cls, setting: Setting, lam: float, p: tuple[float, ...]) -> str | None:
        """Why this method has no cell at (λ, p) in this setting, or None where it has one."""
        if "validated" in cls.hooks and not setting.has_validation:
            return "it looks at validation data, and there are none"
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
    # A hook that raises `NotImplementedError` is called below `if "its name" in method.hooks` only. It is then no part
    # of what the runs of methods without it follow from (study/fingerprint.py): adding such a hook trains nothing.

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        """Look at the training data once, before the first step."""

    def perturb_samples(self, x: Tensor, target: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Return the inputs (groups, batch, features) and targets (groups, batch, outputs) this step trains on."""
        raise NotImplementedError

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

    def after_step(self, parameters: list[Tensor]) -> None:
        """Look at all weights, then all biases, after a step; they go on changing in place."""
        raise NotImplementedError

    def validated(self, loss: Tensor, parameters: list[Tensor]) -> None:
        """Look at the validation loss, (groups, 1, 1 or columns), and the parameters it is of, after every epoch."""
        raise NotImplementedError

    def evaluated(self, parameters: list[Tensor]) -> list[Tensor]:
        """Return what is evaluated, kept and probed instead of the parameters: an average, or earlier ones."""
        raise NotImplementedError


HOOKS = tuple(name for name, value in vars(Method).items() if inspect.isfunction(value) and not name.startswith("_"))
AROUND_THE_STEP = {"perturb_samples", "after_step", "validated", "evaluated"}  # hooks that no account of the risk calls


def check_read(method: Method) -> None:
    """Raise `MethodError`, after training, if something told cells apart and no hook ever looked at it."""
    for key in (*method.keyed_by, *method.hyperparameters):
        if key not in method._read:
            problem = f"{key} tells its cells apart, but no hook that was called read self.{key}: they train alike"
            raise MethodError(f"method {method.name()}: {problem}. Read it, or take it out of the class")


class _Noted:
    """The value of a hyperparameter; that a method reads it is noted, as of λ and p."""

    def __init__(self, name: str, value: float) -> None:
        self.name, self.value = name, value

    def __get__(self, method: Method | None, _: type[Method]) -> float:
        if method is not None:
            method._read.add(self.name)
        return self.value


def _hyperparameters(cls: type[Method]) -> dict[str, Any]:
    """A class's hyperparameters, their own values checked; `MethodError` where one cannot be."""
    stem = cls.__module__.rpartition(".")[2]
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise MethodError(f"method {stem}: {error}: import a hyperparameter's type at run time") from None
    kinds = {name: kind for name, kind in hints.items() if get_origin(kind) is not ClassVar}
    for name, kind in kinds.items():
        value = getattr(cls, name, None)
        if name in vars(Method) or type(value) not in (int, float):
            problem = f"{name} = {value!r} cannot be a hyperparameter. Allowed: a number, under a name of its own"
            raise MethodError(f"method {stem}: {problem}")
        try:
            value = TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False)).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Input ")
            raise MethodError(f"method {stem}: {name} = {value} cannot be: it {reason}") from None
        setattr(cls, name, _Noted(name, value))
    return kinds


def _varied(kind: type[Method], given: list[str]) -> type[Method]:
    """The method with hyperparameters of its own, each written name=value; `MethodError` where one cannot be."""
    values: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            if name not in kind.hyperparameters or name in values:
                raise ValueError(name)
            values[name] = json.loads(value)
        except ValueError:
            allowed = ", ".join(f"{key}=NUMBER" for key in kind.hyperparameters) or "nothing, it has none"
            problem = f"{text!r} is no hyperparameter with a number. Allowed, once each: {allowed}"
            raise MethodError(f"method {kind.name()}: {problem}") from None
    own = {**values, "only_scales": kind.keeps_the_span(), "__module__": kind.__module__}
    return type(kind.__name__, (kind,), own)


def _check(cls: type[Method], hooks: frozenset[str]) -> None:
    """Raise `MethodError` where nothing would keep a declaration; `hooks` name what the class overrides or inherits."""
    keys, own = ("lam",) if cls.closed_form else ("lam", "p"), vars(cls)
    called, where = hooks - {"prepare", "penalty"}, ("linear_regression",)
    elsewhere = called - {"penalty_gradient", "shrinkage", "active"}
    names = ("hooks", "hyperparameters", "perturbs_inputs", "rescales_gradients", "only_hidden")
    for name, wrong, remedy in (
        ("keyed_by", _outside(cls.keyed_by, keys), f"a tuple of {' and '.join(map(repr, keys))}, or ()"),
        ("experiments", _outside(cls.experiments, EXPERIMENTS), f"a tuple of {', '.join(map(repr, EXPERIMENTS))}"),
        ("closed_form", cls.closed_form and not hasattr(cls, "solve"), "False, or derive it from ClosedForm"),
        ("closed_form", cls.closed_form and hooks, f"False: what is solved never calls {', '.join(sorted(hooks))}"),
        ("experiments", cls.closed_form and cls.experiments != where, f"{where}: closed forms are of linear models"),
        ("keyed_by", cls.keyed_by and not called and not cls.closed_form, "(), or override a hook that changes a step"),
        ("only_scales", own.get("only_scales") and elsewhere, f"False, with {', '.join(sorted(elsewhere))}"),
        ("affine", cls.affine and hooks & AROUND_THE_STEP, f"False, with {', '.join(sorted(hooks & AROUND_THE_STEP))}"),
        (
            "experiments",
            "perturb_weights" in hooks and where[0] in cls.experiments,
            f"all but {where[0]}, where runs share one tensor of weights and with it what perturbs them",
        ),
        *((name, True, "nothing: it follows from the hooks that the class overrides") for name in names if name in own),
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
    """The `Method` of a name: the class of the file `methods/{name}.py`, with what follows of `:hyperparameter=value`.

    Raises `ValueError` if there is no such file, and `MethodError` for a hyperparameter that cannot be.
    """
    file, *given = name.split(":")
    if file not in _files() or not (defined := _defined(file)):
        raise ValueError(f"unknown method {file!r}; allowed: {', '.join(method_names())}")
    return _varied(defined[0], given) if given else defined[0]


def _files() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def _defined(name: str) -> list[type[Method]]:
    module = importlib.import_module(f"{__name__}.{name}")
    kinds = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Method)]
    return [kind for kind in kinds if kind.__module__ == module.__name__]
