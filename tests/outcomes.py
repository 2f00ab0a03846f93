"""Cases in YAML of what the report says of an outcome; an `!estimate` is mean, ends of its interval and count."""

from pathlib import Path
from typing import Any

import yaml

from regularization.analysis.tables import Estimate


class _Loader(yaml.SafeLoader):
    """YAML with estimates."""


_Loader.add_constructor("!estimate", lambda loader, node: Estimate(*loader.construct_sequence(node)))


def said_in(path: Path) -> dict[str, Any]:
    """The cases of a file, by what says them, without the facts that they share."""
    cases = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    del cases["given"]
    return cases
