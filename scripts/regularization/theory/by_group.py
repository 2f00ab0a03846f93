"""Quantities of many training sets and of many λ (or p), put together and picked from."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np


@dataclass(frozen=True)
class ByGroup:
    """The base of data classes whose fields are arrays of shape (groups, columns, …), or numbers that all share.

    A group is a training set with its order of batches, a column a λ or p.
    """

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put the groups of several one after the other."""
        arrays = (field.name for field in fields(cls) if isinstance(getattr(parts[0], field.name), np.ndarray))
        return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays})

    def at(self, columns: np.ndarray) -> Self:
        """Return those of some columns only."""
        return type(self)(*(getattr(self, field.name)[:, columns] for field in fields(self)))
