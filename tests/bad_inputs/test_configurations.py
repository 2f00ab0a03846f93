"""Wrong configurations, each answered by one line that names the key, the value, what is allowed and the remedy."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_inputs import answers
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.study.reading import load, validated
from studies import ROOT

HERE = Path(__file__).parent
BASE = load([HERE / "base.yaml"])
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "configurations.yaml").read_text(encoding="utf-8"))
FILES: list[dict[str, Any]] = yaml.safe_load((HERE / "configuration_files.yaml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths of the cases are relative to the project."""
    monkeypatch.chdir(ROOT)


def steps(path: str) -> list[str | int]:
    """The keys of a path such as study[0].lam; a name in digits is a number, as YAML reads it."""
    return [int(part) if part.isdecimal() else part for part in re.findall(r"[^.\[\]]+", path)]


def changed(case: dict[str, Any]) -> dict[str, Any]:
    """`BASE` with the change of a case."""
    config = copy.deepcopy(BASE)
    *outer, last = steps(case.get("at") or case["without"])
    below: Any = config
    for part in outer:
        below = below[part]
    if "without" in case:
        del below[last]
    elif isinstance(below, list) and last == len(below):
        below.append(case["to"])
    else:
        below[last] = case["to"]
    return config


def test_the_base_is_valid_and_the_cases_have_names_of_their_own() -> None:
    validated(BASE)
    names = [case["name"] for case in CASES + FILES]
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_wrong_value_is_named_once_with_what_is_allowed(case: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as error:
        validated(changed(case))
    heading, *lines = str(error.value).splitlines()
    assert heading == "the configuration has 1 problem:"
    [line] = [line.strip() for line in lines]
    where = case.get("where") or case.get("at") or case["without"]
    assert line.startswith(f"{where}: ")
    for part in case["says"]:
        assert part in line
    answers.check(line, [f"{where}: "])


@pytest.mark.parametrize("case", FILES, ids=[case["name"] for case in FILES])
def test_a_file_that_cannot_be_read_is_named_in_one_line(tmp_path: Path, case: dict[str, Any]) -> None:
    file = tmp_path / "study.yaml"
    if "bytes" in case:
        file.write_bytes(case["bytes"])
    elif case.get("folder"):
        file.mkdir()
    elif "text" in case:
        file.write_text(case["text"] * case.get("times", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load([HERE / "base.yaml", file])
    [line] = str(error.value).splitlines()
    assert str(file) in line
    for part in case["says"]:
        assert part in line
    answers.check(line, [str(file)])


@given(
    content=st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
    | st.text("ab:- [](){}&*!|>'\"#\n\t?,%", max_size=60).map(str.encode)
)
@settings(max_examples=300)
def test_whatever_is_in_a_file_is_read_or_refused_in_one_line(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(content)
    try:
        load([file])
    except ConfigurationError as error:
        [line] = str(error).splitlines()
        assert str(file) in line


words = st.text(max_size=12) | st.sampled_from(["1e-3", "none", "p", "textbook", "\u2028", "a\nb"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words | st.integers(), below, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of every value in a configuration."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [found for key, item in below for found in places(item, (*path, key))]


@given(changes=st.lists(st.tuples(st.sampled_from(places(BASE)), anything), min_size=1, max_size=3))
@settings(max_examples=300)
def test_whatever_is_written_is_accepted_or_each_problem_gets_one_line(changes):
    config: Any = copy.deepcopy(BASE)
    for (*outer, last), value in changes:
        below = config
        for part in outer:
            below = below[part] if isinstance(below, (dict, list)) and _has(below, part) else None
        if _has(below, last):
            below[last] = value
    try:
        configuration = validated(config)
    except ConfigurationError as error:
        heading, *lines = str(error).splitlines()
        n = len(lines)
        assert heading == f"the configuration has {'1 problem' if n == 1 else f'{n} problems'}:"
        assert all(line.startswith("  ") and ": " in line for line in lines)
        return
    assert Configuration.from_json(configuration.as_json()) == configuration


def _has(value: Any, key: str | int) -> bool:
    return (
        key in value
        if isinstance(value, dict)
        else isinstance(value, list) and isinstance(key, int) and key < len(value)
    )
