"""The library behind the study: everything but the workflow, of which nothing here knows.

Words that are close to each other, and what each means here:

    provenance   what a job records of itself: versions, processor, times, what its numbers follow from
    digest       hash of a configuration, or of the part of it that decides a cohort's runs
    fingerprint  hash of code, found from its imports
    checksum     hash of a file's bytes
    upstream     hash of all that a table follows from before its own program: a param of the workflow's rules
    key          the columns that name a cell or a run
    identity     an equation that holds exactly

A notebook starts with `from regularization import open_results, train` (docs/notebook.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regularization.notebook import open_results, train

__all__ = ["open_results", "train"]


def __getattr__(name: str) -> Any:
    """What notebooks use, imported when it is first asked for: programs do without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.notebook"), name)  # by name: no code follows from it
