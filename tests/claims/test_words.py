"""Every sentence about a claim renders, for every outcome; and no sentence stands in a claim's module."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

import shared
from regularization.claims import (
    all_claims,
    chapter,
    evidence,
    families,
    linear_models,
    matched,
    measures,
    replicates,
    wording,
)
from regularization.claims.claim import (
    OUTCOMES,
    VERDICTS,
    AtLeast,
    Claim,
    Identity,
    InNearlyAll,
    Judgement,
    Measurement,
    Notes,
    NotMeasured,
    Within,
)
from regularization.naming import Key

CLAIMS = {claim.name: claim for claim in all_claims()}
SHARED = (evidence, linear_models, matched, measures, replicates, families)
HEAD = {"statement", "section", "place", "estimand", "unit", "needs", "amended", "test", "answer", "figure", "table"}
# Names of cases of identities, as they stand in their table, and outcomes.
CASES = {
    *("from scratch", "dropout layer", "linear layer", "ReLU layer"),
    *("engine, samples of a minibatch", "engine, asked again"),
    *OUTCOMES,
}


class Number(float):
    """A number, or what holds numbers under any name."""

    mean = low = high = property(float)
    n = 12

    def __getitem__(self, name: object) -> Number:
        return self


NETWORK = Key("fashion_mnist", "samples_500", "dropout", 0.0, "0.5/0.5")
FACTS: dict[str, list[object]] = {  # what a fact may be; a number where it is not here
    **shared.cases(__file__),
    "key": [
        NETWORK,
        *(NETWORK._replace(method=name, lam=0.1) for name in ("weight_decay", "input_noise", "layer_noise")),
    ],
    "keys": [[NETWORK, NETWORK]],
    **{name: [NETWORK] for name in ("better", "worse", "alone")},
    "outcomes": [{(0.1, 50): "holds", (1.0, 50): "fails"}, {(0.1, 50): "holds"}, {(1.0, 20): "not shown"}],
    "outcome": [*OUTCOMES],
}


OWN_FACTS: dict[str, set[str]] = {  # what says something, and the facts that it adds
    "number": {"value"},
    "condition": {"outcome"},
    "shown": {"outcome", "value"},
    "elsewhere": {"outcome", "value", "setting"},
    "NotMeasured": set(),
}
HOW = {name: {"bar", "below"} for name in ("shown", "elsewhere")}  # arguments of these that are no facts


def said(module: ModuleType) -> Iterator[tuple[str, set[str]]]:
    """The blocks that a module names, each with the names of its facts."""
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in OWN_FACTS:
            block = call.args[0]
            if module is evidence and isinstance(block, ast.Name):
                continue  # handed on by what notes for the claims
            assert isinstance(block, ast.Constant), ast.unparse(call)
            own = OWN_FACTS[name]
            facts = {keyword.arg for keyword in call.keywords} - HOW.get(name, set()) | own
            assert None not in facts, f"the names of all facts are written out: {ast.unparse(call)}"
            yield block.value, facts  # type: ignore[misc]


def blocks(template: str) -> set[str]:
    return set(wording.JINJA.get_template(template).blocks)


def used_by_blocks(template: str) -> set[str]:
    return set(re.findall(r"self\.(\w+)\(", (Path("report") / template).read_text(encoding="utf-8")))


def renderings(claim: Claim, block: str, names: set[str]) -> list[str]:
    """A block with all that its facts may be."""
    values = [FACTS.get(name, [Number(0.25)]) for name in sorted(names)]
    return [claim.says(block, **dict(zip(sorted(names), each, strict=True))) for each in itertools.product(*values)]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_every_sentence_of_a_claim_renders_and_is_used(claim):
    named = dict[str, set[str]]()
    template = f"claims/{claim.name}.md.j2"
    for block, facts in said(sys.modules[claim.module]):
        texts = renderings(claim, block, facts)
        assert all(text and "None" not in text and "  " not in text for text in texts), block
        if "outcome" in facts and "place" in blocks(template):
            assert len(set(texts)) > 1, f"{block} says the same of every outcome"
        named[block] = facts
    assert blocks(template) - HEAD == (set(named) | used_by_blocks(template)) & blocks(template)
    assert all(claim.says(block) for block in HEAD - {"amended", "place", "answer", "figure"})


def test_every_sentence_that_claims_share_renders_and_no_module_holds_prose():
    claim, named = CLAIMS["c01_no_decay_overfits"], set[str]()
    for module in SHARED:
        for block, facts in said(module):
            assert all(renderings(claim, block, facts)), block
            named.add(block)
    for module in (sys.modules[claim.module] for claim in CLAIMS.values()):
        named |= {block for block, _ in said(module)}
    assert blocks("claims/shared.md.j2") - HEAD <= named
    lack = NotMeasured("lacks_values", metric="risk", key=NETWORK)
    judgement = Judgement(CLAIMS["c01_no_decay_overfits"], lack, float("nan"), "inconclusive", "inconclusive")
    lacks = "risk of fashion_mnist, setting samples_500, dropout, λ = 0, p = 0.5/0.5 in at least two runs"
    assert judgement.reason == f"Not measured in this study: {lacks}."
    assert judgement.test == "not measured"
    assert judgement.conditions == judgement.numbers == []
    # Two words in a row, outside docstrings, are a sentence's; names of cases are data.
    folder = Path(chapter.__path__[0])
    for path in (*folder.glob("*.py"), *(Path(module.__file__) for module in SHARED)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        words = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        ]
        assert [text for text in words if re.search(r"\w\s\w|\s\w+\s", text) and text not in CASES] == [], path.name


RULES = (AtLeast(), AtLeast(0.5), Within(-1, 1), Within(-float("inf"), 1), Identity(1e-9), InNearlyAll(0.95))
INTERVALS = [(low, low + width) for low in (-3.0, -0.5, 0.2, 0.96, 2.0) for width in (0.01, 0.4, 3.0)]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_every_rule_says_what_it_is_and_why_each_of_its_verdicts(rule):
    claim, positions = replace(CLAIMS["c01_no_decay_overfits"], rule=rule), {}
    assert str(rule).startswith("supported if")
    for (low, high), p in itertools.product(INTERVALS, (0.001, 0.9)):
        for effect in ((low + high) / 2, 1.0):
            measured = Measurement(effect, low, high, 12, "test", p)
            by_rule = rule.verdict(measured, p)
            judgement = Judgement(claim, measured, p, by_rule, by_rule)
            position = judgement.reason.partition(" squared error")[2]
            outcome = by_rule, rule.lacks_only_p(measured) and by_rule == "inconclusive"
            positions.setdefault(outcome, set()).add(position)
    assert all(len(texts) == 1 for texts in positions.values()), "one sentence for each outcome"
    assert len(set().union(*positions.values())) == len(positions), "and for each another one"
    possible = {"at least": 5, "within": 4, "identity": 2, "nearly all": 4}[rule.kind]
    assert len(positions) == possible - (rule == AtLeast()), "qualified needs a margin"


@pytest.mark.parametrize(("by_rule", "verdict"), list(itertools.product(VERDICTS, VERDICTS)))
def test_the_reason_names_the_conditions_for_every_verdict(by_rule, verdict):
    notes = Notes()
    notes.condition("most", True, lowest=0.7)
    notes.condition("elsewhere", False, setting="here", value=Number(0.1))
    notes.condition("elsewhere", "not shown", setting="there", value=Number(0.1))
    notes.condition("elsewhere", "not tested", setting="nowhere", value=None)
    measured = Measurement(1, 0.5, 1.5, 12, notes=notes)
    judgement = Judgement(CLAIMS["c01_no_decay_overfits"], measured, 0.01, by_rule, verdict)
    reason = judgement.reason
    assert reason.endswith(".")
    assert ".." not in reason
    assert " ." not in reason
    assert "Against it: in here the gap" in reason
    assert "Open: in there the gap" in reason
    assert ("For it: the gap" in reason) == (verdict == "contradicted")
    assert ("Not tested: what happens in nowhere" in reason) == (verdict == by_rule)
    assert ("which leaves the claim open: what happens in nowhere" in reason) == (verdict != by_rule)
    assert [outcome for outcome, _ in judgement.conditions] == list(OUTCOMES)


def test_statements_without_a_claim_have_a_place_and_a_reason():
    rows = wording.JINJA.get_template("claims/not_asked.md.j2").render().strip().splitlines()[2:]
    assert len(rows) >= 5
    for row in rows:
        statement, place, reason = (cell.strip() for cell in row.strip("|").split("|"))
        assert statement.endswith(".")
        assert place.startswith("section ")
        assert reason
