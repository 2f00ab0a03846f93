"""What the figures say of each outcome, from made-up facts; and that only their templates hold prose."""

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

from figures.example_tables import Size, example_tables, with_own
from outcomes import said_in
from regularization.analysis.tables import Tables
from regularization.reporting import figures
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.figures import draw
from regularization.reporting.wording import REPORT, environment, render

CASES = [
    (name, block, case["facts"], case["says"])
    for block, figures_said in said_in(Path(__file__).with_name("outcomes.yaml")).items()
    for name, cases in figures_said.items()
    for case in cases
]


@cache
def study() -> Tables:
    return example_tables(Size(seeds=3))


@cache
def facts(name: str) -> Mapping[str, Any]:
    """What a made-up study's figure hands to its template."""
    exhibit = draw(name, with_own(study()) if name == "own" else study())
    assert exhibit is not None
    return exhibit.facts


def said(name: str, block: str, changed: dict[str, Any]) -> str:
    return render(f"figures/{name}.md.j2", {**facts(name), **changed}, block)


@pytest.mark.parametrize(("name", "block", "changed", "words"), CASES)
def test_every_outcome_has_its_sentence(name: str, block: str, changed: dict[str, Any], words: str) -> None:
    assert set(changed) <= set(facts(name))
    assert words in said(name, block, changed)


def wordings(source: str) -> set[str]:
    """Every piece of text in a template that can stand in what it renders, white space aside."""
    tree = environment().parse(source)
    pieces = [node.data for node in tree.find_all(nodes.TemplateData)]
    chosen = [choice for node in tree.find_all(nodes.CondExpr) for choice in (node.expr1, node.expr2)]
    pieces += [node.value for node in chosen if isinstance(node, nodes.Const) and isinstance(node.value, str)]
    return {text for piece in pieces if re.search(r"\w", text := " ".join(re.split(r"[ \n]+", piece)).strip())}


def test_there_is_a_template_for_every_figure_and_every_piece_is_said_in_some_outcome() -> None:
    there = {path.name.removesuffix(".md.j2") for path in (REPORT / "figures").iterdir()}
    assert there == {*FIGURES, "shared"}
    # What no test renders could be wrong for ever: a typo, a missing blank, a name that no module hands over.
    cases = [*((name, {}) for name in FIGURES), *((name, changed) for name, _, changed, _ in CASES)]
    texts = [said(name, block, changed) for name, changed in cases for block in ("caption", "alt")]
    assert [text for text in texts if re.search(r" [.,;:)](\s|\*|$)", text)] == []  # a blank that a macro left behind
    everything = "\n".join(texts)
    for path in sorted((REPORT / "figures").glob("*.md.j2")):
        silent = {piece for piece in wordings(path.read_text(encoding="utf-8")) if piece not in everything}
        assert silent == set(), path.name


MOST_WORDS = 7  # of a label, a legend's entry or a heading of the picture itself
FOLDER = Path(figures.__file__).parent


def prose(source: str) -> list[str]:
    """Strings with more words than a label has, docstrings and messages of errors aside."""
    tree = ast.parse(source)
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Assert):
            aside |= set(ast.walk(node))
        elif isinstance(node, ast.Expr):  # docstrings, of modules, functions, classes and constants
            aside.add(node.value)
    strings = [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        if isinstance(node, ast.JoinedStr)
        else node.value
        for node in ast.walk(tree)
        if node not in aside and isinstance(node, ast.JoinedStr | ast.Constant)
    ]
    return [text for text in strings if isinstance(text, str) and len(re.findall(r"[^\W\d_]{2,}", text)) > MOST_WORDS]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_of_figures_holds_no_prose(path: Path) -> None:
    assert prose(path.read_text(encoding="utf-8")) == []


def test_prose_in_a_module_would_be_found() -> None:
    docstring = '"""What is drawn and how: a docstring of more words than a label has."""'
    assert prose(f'def f(x):\n    {docstring}\n    return "{docstring.strip(chr(34))}"') != []
    assert prose(f"def f(x):\n    {docstring}\n    return 1") == []
