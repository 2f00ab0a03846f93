"""Fingerprint of the code that can change a cohort's numbers, found from the imports.

Snakemake re-runs a job when its params change. With this fingerprint among them, editing a method re-trains that
method's cohorts, editing the trainer re-trains all, and editing a figure or the report's text trains nothing.
Comments, docstrings and layout do not count: the hash is of what the syntax tree says, the same on every Python. Nor do
hooks that the method does not override, where they are asked for as in `if "after_step" in method.hooks:`.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def training_code(experiment: str, method: str) -> str:
    """Fingerprint of what can change the numbers of a cohort: trainer or solver, task, method and all they import."""
    from regularization.methods import method_class  # here, so that hashing by itself needs no library

    kind = method_class(method)
    return fingerprint(
        PACKAGE / "training" / ("closed_form.py" if kind.closed_form else "loop.py"),
        PACKAGE / "training" / "tasks" / f"{experiment}.py",
        PACKAGE / "methods" / f"{method.partition(':')[0]}.py",
        hooks=kind.hooks,
    )


def fingerprint(*roots: Path, hooks: frozenset[str] = frozenset()) -> str:
    """Hash of the given source files and of every module of this package that they import, directly or not.

    `hooks` are those that the method overrides.
    """
    paths = imported_modules(*roots)
    codes = {path.relative_to(PACKAGE.parent).as_posix(): _code_hash(path, hooks & _asked_for(path)) for path in paths}
    return hashlib.sha256("".join(f"{name}:{codes[name]}\n" for name in sorted(codes)).encode()).hexdigest()[:16]


def imported_modules(*roots: Path) -> set[Path]:
    """The source files that `fingerprint` covers."""
    pending, seen = [root.resolve() for root in roots], set[Path]()
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            pending.extend(_imports(path))
    return seen


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


@cache
def _asked_for(path: Path) -> frozenset[str]:
    """The hooks that a file may ask for before it calls them."""
    return frozenset(re.findall(r"""["'](\w+)["'][)\s]+in\b""", path.read_text(encoding="utf-8")))


@cache
def _code_hash(path: Path, hooks: frozenset[str]) -> str:
    return hashlib.sha256(_said(_tree(path), hooks).encode()).hexdigest()


def _said(code: object, hooks: frozenset[str]) -> str:
    """What a syntax tree says to a method with these hooks, in the same words on every Python.

    Text that stands as a statement says nothing, nor does a function that only raises `NotImplementedError`. `ast.dump`
    and `ast.unparse` write some trees otherwise from one version to the next. Here a field that is not set is left out,
    so that fields which later versions add count only where code uses them.
    """
    match code:
        case ast.Constant(value=value) | ast.MatchSingleton(value=value):
            return f"{type(value).__name__} {value!a}"  # which letters !r would show depends on the version's Unicode
        case ast.JoinedStr(values=values):
            return f"JoinedStr{_said(_joined(values), hooks)}"
        case ast.AST():
            fields = {name: _said(value, hooks) for name, value in ast.iter_fields(code) if value and name != "ctx"}
            words = (f"{name}={fields[name]}" for name in sorted(fields) if fields[name] != "[]")
            return f"{type(code).__name__}({', '.join(words)})"
        case list():
            return f"[{', '.join(_said(part, hooks) for part in _followed(code, hooks))}]"
        case _:
            return ascii(code)


def _followed(parts: Iterable[object], hooks: frozenset[str]) -> Iterator[object]:
    """The parts of a list that say something to a method with these hooks."""
    for part in parts:
        match part:
            case ast.If(ast.Compare(ast.Constant(name), [ast.In()], [ast.Attribute(_, "hooks")])) if name not in hooks:
                yield from _followed(part.orelse, hooks)
            case ast.Expr(value=ast.Constant(value=str())):  # a docstring
                continue
            case ast.FunctionDef(body=[ast.Expr(ast.Constant(str())), ast.Raise(ast.Name("NotImplementedError"))]):
                continue
            case _:
                yield part


def _joined(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, its text in as few pieces as can be: Python 3.12 has empty ones among them."""
    parts: list[ast.expr] = []
    for is_text, group in groupby(values, lambda part: isinstance(part, ast.Constant)):
        if not is_text:
            parts += group
        elif text := "".join(str(part.value) for part in group if isinstance(part, ast.Constant)):
            parts.append(ast.Constant(text))
    return parts


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Source files of this package that a file imports, inside functions too but not for type checking only."""
    found: list[Path] = []
    tree = _tree(path)  # once: of two threads that ask at the same time, each may get a tree of its own first
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [source for alias in node.names for source in _sources(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += _sources(node.module)
            found += [source for alias in node.names for source in _sources(f"{node.module}.{alias.name}")]
    return tuple(found)


def _sources(module: str) -> list[Path]:
    """The file of a module of this package and its packages' `__init__` files; nothing for other modules."""
    package, *parts = module.split(".")
    if package != PACKAGE.name:
        return []
    found, folder = [PACKAGE / "__init__.py"], PACKAGE
    for part in parts:
        if (folder / part / "__init__.py").exists():
            folder = folder / part
            found.append(folder / "__init__.py")
        elif (folder / f"{part}.py").exists():
            found.append(folder / f"{part}.py")
    return found
