"""How cells and runs are named, and how their λ and p are written. Ids are text a person can read and never change."""

from collections.abc import Sequence
from typing import NamedTuple


class Key(NamedTuple):
    """What names a cell."""

    experiment: str
    setting: str
    method: str
    lam: float
    p: str


CELL = list(Key._fields)


def number_text(value: float) -> str:
    """The shortest text of a number: 3.0 → "3", 0.001 → "0.001"."""
    return repr(int(value)) if value == int(value) else repr(float(value))


def p_text(p: Sequence[float]) -> str:
    """Canonical text of one p a layer: (0.2, 0.5) → "0.2/0.5"."""
    return "/".join(number_text(value) for value in p)


def parse_p(text: str) -> tuple[float, ...]:
    """Inverse of `p_text`."""
    return tuple(float(value) for value in text.split("/")) if text else ()


def run_id(
    experiment: str, setting: str, method: str, lam: float, p: str, seed: int, data_seed: int | None = None
) -> str:
    """A run's id, e.g. "linear_regression:textbook:l2_penalty:lam=3:p=0:seed=17" (+ ":data_seed=…" if other)."""
    own_data = "" if data_seed is None or data_seed == seed else f":data_seed={data_seed}"
    return f"{experiment}:{setting}:{method}:lam={number_text(lam)}:p={p}:seed={seed}{own_data}"
