"""What the tests of claims ask of a judgement."""

import re
from typing import Any

from regularization.analysis.tables import Tables
from regularization.claims import all_claims, evaluate
from regularization.claims.claim import Judgement, Measurement

CLAIMS = {claim.id: claim for claim in all_claims()}


UNREADABLE = re.compile(
    r"None|\bnan\b|\binf\b|  | [.,;:)]|[.,]{2}|\d%|[{}]|\de[+-]\d|The effect"
    r"|lies (above|below)|But not|Fails|nevertheless"
)


def reads_well(text: str) -> bool:
    """Whether a text is made of sentences, without what only a program would write."""
    return not re.match("[a-z]", text) and text.endswith(".") and UNREADABLE.search(text) is None


def judged(claim_id: str, study: Tables) -> Judgement:
    [judgement] = evaluate(study, [CLAIMS[claim_id]])
    return judgement


def verdict(claim_id: str, study: Tables) -> str:
    return judged(claim_id, study).verdict


def measured(claim_id: str, study: Tables) -> Measurement:
    found = judged(claim_id, study).measured
    assert found is not None
    return found


def failed(claim_id: str, study: Tables) -> list[str]:
    """The conditions that do not hold, in words."""
    judgement = judged(claim_id, study)
    assert judgement.measured is not None
    return [text for outcome, text in judgement.conditions if outcome != "holds"]


def number(measured: Measurement | None, block: str, **facts: object) -> Any:
    """The value of the one number with this name and these facts."""
    assert measured is not None
    [found] = [one for one in measured.notes.numbers if one.block == block and facts.items() <= one.facts.items()]
    return found.facts["value"]
