"""What the findings say of each outcome, from made-up facts; ¶ is the end."""

from pathlib import Path
from typing import Any

import pytest

from outcomes import said_in
from regularization.reporting.facts.findings import Finding

CASES = said_in(Path(__file__).with_name("findings.yaml")).items()


@pytest.mark.parametrize(
    ("name", "facts", "said"), [(name, case["facts"], case["says"]) for name, cases in CASES for case in cases]
)
def test_a_finding_says_what_was_found(name: str, facts: dict[str, Any], said: str) -> None:
    finding = Finding(name, facts, "fig-any")
    assert said in f"{finding.headline}. {finding.text}¶".replace("\u202f", " ")
