"""Every claim is supported, qualified, refused or left open where it should be: the cases of `verdicts*.yaml`.

The first one of every kind of made-up study is judged under other processors' arithmetic too.
"""

import inspect
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from claims import judged, reads_well, studies
from regularization.claims.claim import VERDICTS

CASES = [
    pytest.param(claim_id, builder, case, id=f"{claim_id}-{number}", marks=[pytest.mark.arithmetic] * (number == 1))
    for file in sorted(Path(__file__).parent.glob("verdicts*.yaml"))
    for claim_id, builders in yaml.safe_load(file.read_text("utf-8")).items()
    for builder, cases in builders.items()
    for number, case in enumerate(cases, 1)
]


@pytest.mark.parametrize(("claim_id", "builder", "case"), CASES)
def test_a_claim_finds_in_a_made_up_study_what_is_there(claim_id, builder, case, tmp_path):
    build = getattr(studies, builder)
    extra = {"folder": tmp_path, "claim_id": claim_id}
    given = {name: value for name, value in case.items() if name not in ("is", "fails", "says", "answers", "because")}
    study = build(**given, **{name: extra[name] for name in extra.keys() & inspect.signature(build).parameters.keys()})
    found, because = judged(claim_id, study), case.get("because", "")
    assert case.keys() & {"is", "fails", "says"}
    if "is" in case:
        verdict = "not measured" if found.measured is None else found.verdict
        assert verdict in case["is"] if isinstance(case["is"], list) else verdict == case["is"], because
    if "fails" in case:
        wrong = [text for outcome, text in found.conditions if outcome != "holds"]
        assert wrong == ([case["fails"]] if isinstance(case["fails"], str) else case["fails"])
    assert case.get("says", "") in found.reason
    assert case.get("answers", "") in found.answer
    for verdict in VERDICTS:  # whatever it is, there are words for it
        answer = replace(found, verdict=verdict, by_rule=verdict).answer
        assert found.measured is None or reads_well(answer), answer
