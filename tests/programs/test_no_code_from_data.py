"""No file that is read can run code, no text that is read becomes a command: what the sources may not say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import shared
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.settings import EXPERIMENTS
from studies import ROOT

CASES = shared.cases(__file__)

SOURCES = sorted((ROOT / "scripts").rglob("*.py"))
RULES = sorted((ROOT / "workflow").rglob("*.smk"))
BY_NAME = ("import_module", "resolve_name")


def faults(source: str) -> Iterator[str]:
    """What a Python source does that reading data must not do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported = [name.name for name in node.names]
            yield from (f"imports {name}" for name in imported if name.split(".")[0] in CASES["code_in_data"])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in CASES["code_in_data"]:
            yield f"imports from {node.module}"
        elif isinstance(node, ast.Call):
            yield from _faults_of_call(node)


def _faults_of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name in CASES["running_text"] + CASES["running_commands"] or last in ("read_pickle", "to_pickle", *BY_NAME):
        yield f"calls {name}"
    if given.get("shell", "False") != "False":
        yield f"calls {name} through a shell"
    if name == "torch.load" and given.get("weights_only") != "True":
        yield "calls torch.load without weights_only=True"
    if name in ("np.load", "numpy.load") and given.get("allow_pickle") != "False":
        yield "calls np.load without allow_pickle=False"
    if name.startswith("yaml.") and last in CASES["unsafe_yaml"]:
        yield f"calls {name}"
    if name == "yaml.load":
        loader = given.get("Loader", ast.unparse(call.args[1]) if len(call.args) > 1 else "none")
        if loader.removeprefix("yaml.") not in CASES["safe_loaders"]:
            yield f"calls yaml.load with the loader {loader}"
    if "." in name and last in ("eval", "query") and call.args:  # expressions of pandas
        yield f"calls {name} with a text"


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_reading_data_runs_no_code(path: Path) -> None:
    found = list(faults(path.read_text(encoding="utf-8")))
    if str(path.relative_to(ROOT)) in CASES["found_by_name"]:
        found = [fault for fault in found if not fault.endswith(BY_NAME)]
    assert found == []


@pytest.mark.parametrize(("source", "fault"), CASES["what_must_not_be_is_found"])
def test_what_must_not_be_is_found(source: str, fault: str) -> None:
    assert list(faults(source)) == [fault]


def test_the_loader_is_a_safe_one_and_names_and_wildcards_without_quotes_are_found() -> None:
    import yaml

    from regularization.study.reading import _UniqueKeyLoader

    assert issubclass(_UniqueKeyLoader, yaml.SafeLoader)
    assert unquoted('rule x:\n    shell:\n        "cp {input:q} {output} > {log:q}"\n') == ["output"]
    common = (ROOT / "workflow" / "rules" / "common.smk").read_text(encoding="utf-8")
    assert 'experiment="|".join(EXPERIMENTS)' in common
    assert all(re.fullmatch("[a-z_]+", name) for name in EXPERIMENTS)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in FIGURES)  # params.names


def unquoted(rules: str) -> list[str]:
    """Placeholders of the shell commands of a file of rules that are neither quoted nor harmless."""
    commands = re.findall(r"^( +)shell:\n((?:\1    .*\n)+)", rules, flags=re.MULTILINE)
    fields = [field for _, command in commands for field in re.findall(r"\{([^{}]+)\}", command)]
    return [field for field in fields if not field.endswith(":q") and field not in CASES["plain"]]


@pytest.mark.parametrize("path", RULES, ids=[path.name for path in RULES])
def test_names_reach_the_shell_in_quotes(path: Path) -> None:
    rules = path.read_text(encoding="utf-8")
    assert unquoted(rules) == []
    assert 'shell(f"' not in rules
    assert 'f"python' not in rules
