"""What the programs of scripts/ have in common: how they take their arguments and how they say what is wrong."""

import argparse
import codecs
import inspect
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_type_hints

from regularization.system.errors import UserError, in_words
from regularization.system.interruptions import stop_when_interrupted

LESS_MEMORY = (
    "What is finished is kept: run fewer jobs at once (make CORES=1), or train fewer runs in one (seed_block under"
    " execution: in config.yaml), then start again."
)


class Parser(argparse.ArgumentParser):
    """Arguments by their full names only; what is wrong with them is said in one line."""

    def __init__(self, **given: object) -> None:
        super().__init__(allow_abbrev=False, **given)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells what it takes)\n")


def option(read: Callable[[str], Any], words: str | None = None, **more: Any) -> dict[str, Any]:
    """How a parameter of a program is given: what reads its text, its help, and what else argparse takes."""
    return {"type": read, "help": words, **more}


def switch(words: str) -> dict[str, Any]:
    """A parameter that is on where it is named."""
    return {"action": "store_true", "help": words}


def run(main: Callable[..., int | None]) -> int | None:
    """Call a program's `main` with what the command line gives; its module's docstring is the help.

    The parameter `n_runs: Annotated[type, option(…)]` is given as --n-runs, a positional-only one by its place. One
    without a default is required.
    """
    words = sys.modules[main.__module__].__doc__
    parser = Parser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    hints, places = get_type_hints(main, include_extras=True), []
    for name, parameter in inspect.signature(main).parameters.items():
        [given] = hints[name].__metadata__
        if parameter.kind is parameter.POSITIONAL_ONLY:
            parser.add_argument(name, **given)
            places.append(name)
        else:
            required = parameter.default is parameter.empty
            default = None if required else parameter.default
            parser.add_argument(f"--{name.replace('_', '-')}", required=required, default=default, **given)
    values = vars(parser.parse_args())
    by_place = [values.pop(name) for name in places]
    return main(*by_place, **values)


def answered(main: Callable[..., int | None], interrupted: str = "interrupted") -> None:
    """`run` a program, exit if it fails; what its user can repair is answered in words, not with a traceback."""
    in_utf8()
    stop_when_interrupted(interrupted)
    try:
        if status := run(main):
            sys.exit(status)
    except Exception as error:
        if _is_for_want_of_memory(error):
            words = str(error).strip().split("\n")[0] or "MemoryError"
            sys.exit(f"{Path(sys.argv[0]).name}: the memory is used up ({words}). {LESS_MEMORY}")
        if not isinstance(error, UserError | OSError):
            raise
        sys.exit(f"{Path(sys.argv[0]).name}: {in_words(error)}")


def _is_for_want_of_memory(error: Exception) -> bool:
    """NumPy and Arrow raise `MemoryError`; PyTorch and the operating system say so."""
    return isinstance(error, MemoryError) or bool(re.search("(allocate|not enough|out of) memory", str(error)))


def in_utf8() -> None:
    """Start the program once more, with text in UTF-8, where the locale or PYTHONIOENCODING names another encoding."""
    encodings = {sys.getfilesystemencoding(), sys.stdout.encoding, sys.stderr.encoding}
    utf8 = {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    if {codecs.lookup(name).name for name in encodings} != {"utf-8"} and not utf8.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **utf8})


def file(text: str) -> Path:
    """The type of an argument that is a file to read."""
    return _there(Path(text), Path.is_file, "file")


def folder(text: str) -> Path:
    """The type of an argument that is a folder to read."""
    return _there(Path(text), Path.is_dir, "folder")


def file_or_input(text: str) -> Path:
    """The type of an argument that is a file to read, or "-" for standard input."""
    return Path(text) if text == "-" else file(text)


def cores(text: str) -> str:
    """The type of an argument that is a number of CPU cores, or all of them."""
    if text != "all" and not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of cores. Allowed: a whole number ≥ 1, or all")
    return text


def _there(path: Path, is_there: Callable[[Path], bool], kind: str) -> Path:
    if is_there(path):
        return path
    other = "" if not path.exists() else f", it is a {'folder' if path.is_dir() else 'file'}"
    raise argparse.ArgumentTypeError(f"there is no {kind} {str(path)!r}{other} (looked in {Path.cwd()})")


# What several programs take.
_CSV = "Parquet; a CSV of the same name is written beside it"
_DATA = "folder with the verified Fashion-MNIST arrays (for an experiment that trains on it)"
Output = Annotated[Path, option(Path)]
TableOutput = Annotated[Path, option(Path, _CSV)]
Config = Annotated[Path, option(file_or_input, "the configuration, results/config.json, or - for standard input")]
ChosenBy = Annotated[Path | None, option(file_or_input, "the configuration (default: the one beside the tables)")]
Runs = Annotated[Path, option(file, "the study's runs (Parquet)")]
Tables = Annotated[Path, option(folder, "folder with the study's tables (*.parquet)")]
Figures = Annotated[Path, option(folder, "folder with the report's figures (*.svg, *.csv, *.json)")]
Report = Annotated[Path, option(folder, "the report's sources")]
Data = Annotated[Path | None, option(folder, _DATA)]
