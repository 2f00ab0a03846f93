"""The fingerprint is of what code says: every Python writes the same, and what it says decides."""

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import shared
from regularization.study import fingerprint as module
from studies import ROOT

CASES = shared.cases(__file__)

EVERY_CONSTRUCT = Path(__file__).with_name("every_construct.txt")
# Computed with Python 3.11, 3.12 and 3.13. Another digest means that every cohort of every user is trained again.
DIGEST = "cbc921ee5dd3057340d3b00d0c86e80c89fcd7e019248f7e3c1ba751decaf892"
UNPARSED = {ast.Interactive, ast.Expression, ast.FunctionType, ast.TypeIgnore}  # never in a parsed file
BEFORE_3_9 = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Index", "ExtSlice", "Suite"}
BEFORE_3_9 |= {"AugLoad", "AugStore", "Param"}
AFTER_3_11 = {"TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation"}


def said(source: str) -> str:
    return module._said(ast.parse(source), frozenset())


def test_code_with_every_construct_has_the_digest_of_every_python() -> None:
    assert module._code_hash(EVERY_CONSTRUCT, frozenset()) == DIGEST
    kinds = {kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)}
    concrete = {kind for kind in kinds - UNPARSED if not kinds & set(kind.__subclasses__())}
    missing = concrete - {type(node) for node in ast.walk(module._tree(EVERY_CONSTRUCT))}
    assert {kind.__name__ for kind in missing} <= BEFORE_3_9 | AFTER_3_11


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_another_python_computes_the_same(minor: int) -> None:
    """With its own seed of hashes, and told to leave out assertions and docstrings."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "2"}
    variables["PYENV_VERSION"] = f"3.{minor}"  # where pyenv has it, its command does nothing without being asked for it
    other = shutil.which(f"python3.{minor}")
    if other is None or subprocess.run([other, "--version"], env=variables, capture_output=True).returncode:
        pytest.skip(f"there is no Python 3.{minor} here")
    program = (
        "import sys; from pathlib import Path; from regularization.study import fingerprint as module;"
        "print(module.fingerprint(*map(Path, sys.argv[2:])), module._code_hash(Path(sys.argv[1]), frozenset()))"
    )
    files = sorted((ROOT / "scripts").rglob("*.py"))
    command = [other, "-B", "-c", program, EVERY_CONSTRUCT, *files]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [module.fingerprint(*files), DIGEST]


def test_what_other_versions_write_into_the_tree_says_nothing() -> None:
    """Python 3.12 puts empty texts into f-strings; a later one may give nodes fields, unset where they are not used."""
    plain = ast.parse("f'a{x:{y}}'; import b")
    changed = ast.parse("f'a{x:{y}}'; import b")
    [string] = [node for node in ast.walk(changed) if isinstance(node, ast.JoinedStr) and len(node.values) == 2]
    string.values[:1] = [ast.Constant("a"), ast.Constant("")]
    changed.body[1] = type("Import", (ast.Import,), {"_fields": ("lazy", "names")})(lazy=0, names=changed.body[1].names)
    assert ast.dump(plain) != ast.dump(changed)
    assert module._said(plain, frozenset()) == module._said(changed, frozenset())


@pytest.mark.parametrize(("one", "same"), CASES["layout_remarks_and_docstrings_say_nothing"])
def test_layout_remarks_and_docstrings_say_nothing(one: str, same: str) -> None:
    assert said(one) == said(same)


def test_what_differs_in_meaning_or_folder_is_told_apart_and_a_link_changes_nothing(tmp_path, monkeypatch):
    sources = CASES["what_differs_in_meaning_is_told_apart"]
    assert len({said(source) for source in sources}) == len(sources)

    def fingerprint(place: str, first: str, second: str) -> str:
        package = tmp_path / place / "regularization"
        monkeypatch.setattr(module, "PACKAGE", package)
        for folder, content in (("one", first), ("two", second)):
            (package / folder).mkdir(parents=True)
            (package / folder / "same.py").write_text(content)
        return module.fingerprint(package / "one" / "same.py", package / "two" / "same.py")

    assert fingerprint("here", "a = 1", "a = 2") != fingerprint("swapped", "a = 2", "a = 1")
    assert fingerprint("elsewhere", "a = 1", "a = 2") == fingerprint("or there", "a = 1", "a = 2")
    monkeypatch.undo()
    (tmp_path / "link").symlink_to(ROOT)
    through = [tmp_path / "link" / "scripts" / "make_theory.py"]
    assert module.fingerprint(*through) == module.fingerprint(ROOT / "scripts" / "make_theory.py")
