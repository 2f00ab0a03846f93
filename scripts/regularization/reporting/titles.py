"""What the report is called."""

import json
from collections.abc import Sequence

TITLES = {  # experiments → the title and what stands below it, where the configuration has no others
    ("linear_regression", "fashion_mnist"): (
        "Weight decay and dropout, measured",
        "Two experiments of a deep-learning textbook, run over every λ, p and seed",
    ),
    ("linear_regression",): (
        "Weight decay, measured",
        "The linear regression of a deep-learning textbook, run over every λ and seed",
    ),
    ("fashion_mnist",): (
        "Dropout, measured",
        "The dropout experiment of a deep-learning textbook, run over every p and seed",
    ),
}


def titles(experiments: Sequence[str], configuration: str) -> tuple[str, str]:
    """The report's title and the sentence below it, from the configuration (JSON or "") or by what was run."""
    given = json.loads(configuration) if configuration else {}
    default = TITLES.get(tuple(experiments), next(iter(TITLES.values())))
    return given.get("title") or default[0], given.get("introduction") or default[1]
