"""Fingerprint of the code that can change a cohort's numbers, found from the imports.

Snakemake re-runs a job when its params change. With this fingerprint among them, editing a method re-trains that
method's cohorts, editing the trainer re-trains all, and editing a figure or the report's text trains nothing.
Comments, docstrings and layout do not count: the hash is of the syntax tree.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from regularization.methods import method_class

PACKAGE = Path(__file__).parents[1]


def training_code(experiment: str, method: str) -> str:
    """Fingerprint of what can change the numbers of a cohort: trainer or solver, task, method and all they import."""
    trainer = "closed_form.py" if method_class(method).closed_form else "loop.py"
    return fingerprint(
        PACKAGE / "training" / trainer,
        PACKAGE / "training" / "tasks" / f"{experiment}.py",
        PACKAGE / "methods" / f"{method}.py",
    )


def fingerprint(*roots: Path) -> str:
    """Hash of the given source files and of every module of this package that they import, directly or not."""
    digest = hashlib.sha256()
    for path in sorted(imported_modules(*roots)):
        digest.update(f"{path.name}:{_code_hash(path)}\n".encode())
    return digest.hexdigest()[:16]


def imported_modules(*roots: Path) -> set[Path]:
    """The source files that `fingerprint` covers."""
    pending, seen = list(roots), set[Path]()
    while pending:
        path = pending.pop()
        if path not in seen:
            seen.add(path)
            pending.extend(_imports(path))
    return seen


@cache
def _tree(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            if isinstance(body[0].value.value, str):
                body[0].value.value = ""
    return tree


@cache
def _code_hash(path: Path) -> str:
    return hashlib.sha256(ast.dump(_tree(path)).encode()).hexdigest()


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Source files of this package that a file imports, inside functions too but not for type checking only."""
    found: list[Path] = []
    skipped = {
        id(inner)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(_tree(path)):
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
