"""What the report is called: as the configuration says, or as `report/titles.json` has it for the experiments run."""

import json
from collections.abc import Sequence

from regularization.system.files import read_json
from regularization.system.wording import REPORT


def titles(experiments: Sequence[str], configuration: str) -> tuple[str, str]:
    """The report's title and the sentence below it; `configuration` is the resolved one as JSON, or ""."""
    given, known = json.loads(configuration) if configuration else {}, read_json(REPORT / "titles.json")
    title, below = known.get(" ".join(experiments), next(iter(known.values())))
    return given.get("title") or title, given.get("introduction") or below
