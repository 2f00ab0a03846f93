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
CODE_IN_DATA = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
RUNNING_TEXT = {"eval", "exec", "compile", "__import__", "execfile"}
RUNNING_COMMANDS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty.spawn"}
UNSAFE_YAML = {"unsafe_load", "full_load", "unsafe_load_all", "full_load_all", "load_all"}
SAFE_LOADERS = {"SafeLoader", "CSafeLoader", "_UniqueKeyLoader"}
# Modules of this project that are found by a name, which their catalogue must have.
FOUND_BY_NAME = {
    f"scripts/regularization/{path}"
    for path in (
        "settings.py",
        "methods/__init__.py",
        "training/tasks/__init__.py",
        "claims/__init__.py",
        "reporting/figures/__init__.py",
    )
}
# Placeholders of shell commands that need no quotes: constrained wildcards, a number, an option that is quoted already.
PLAIN = {
    "wildcards.experiment",
    "params.data",
    "params.source",
    "params.jobs",
    "params.arithmetic",
    "params.elsewhere",
    "params.names",
}


BY_NAME = ("import_module", "resolve_name")


def faults(source: str) -> Iterator[str]:
    """What a Python source does that reading data must not do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (f"imports {name.name}" for name in node.names if name.name.split(".")[0] in CODE_IN_DATA)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in CODE_IN_DATA:
            yield f"imports from {node.module}"
        elif isinstance(node, ast.Call):
            yield from _faults_of_call(node)


def _faults_of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name in RUNNING_TEXT or name in RUNNING_COMMANDS or last in ("read_pickle", "to_pickle", *BY_NAME):
        yield f"calls {name}"
    if given.get("shell", "False") != "False":
        yield f"calls {name} through a shell"
    if name == "torch.load" and given.get("weights_only") != "True":
        yield "calls torch.load without weights_only=True"
    if name in ("np.load", "numpy.load") and given.get("allow_pickle") != "False":
        yield "calls np.load without allow_pickle=False"
    if name.startswith("yaml.") and last in UNSAFE_YAML:
        yield f"calls {name}"
    if name == "yaml.load":
        loader = given.get("Loader", ast.unparse(call.args[1]) if len(call.args) > 1 else "none")
        if loader.removeprefix("yaml.") not in SAFE_LOADERS:
            yield f"calls yaml.load with the loader {loader}"
    if "." in name and last in ("eval", "query") and call.args:  # expressions of pandas
        yield f"calls {name} with a text"


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_reading_data_runs_no_code(path: Path) -> None:
    found = list(faults(path.read_text(encoding="utf-8")))
    if str(path.relative_to(ROOT)) in FOUND_BY_NAME:
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
    return [field for field in fields if not field.endswith(":q") and field not in PLAIN]


@pytest.mark.parametrize("path", RULES, ids=[path.name for path in RULES])
def test_names_reach_the_shell_in_quotes(path: Path) -> None:
    rules = path.read_text(encoding="utf-8")
    assert unquoted(rules) == []
    assert 'shell(f"' not in rules
    assert 'f"python' not in rules
