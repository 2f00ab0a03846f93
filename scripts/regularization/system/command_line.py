"""What the programs of scripts/ have in common: how they take their arguments and how they say what is wrong."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from regularization.system.errors import UserError, in_words

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT  # the exit status, as a shell reports it


class Parser(argparse.ArgumentParser):
    """Arguments by their full names only; what is wrong with them is said in one line."""

    def __init__(self, **given: object) -> None:
        super().__init__(allow_abbrev=False, **given)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells what it takes)\n")


def answered(main: Callable[[], int | None], interrupted: str = "interrupted") -> None:
    """Run a program, exit if it fails; what its user can repair is answered in words, not with a traceback."""
    stop_when_interrupted(interrupted)
    try:
        if status := main():
            sys.exit(status)
    except (UserError, OSError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {in_words(error)}")


def stop_when_interrupted(words: str) -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the program with one line and `SystemExit`, so that it tidies up on its way.

    A signal that the program was started to ignore, as by nohup, stays ignored.
    """

    def stop(*_: object) -> NoReturn:
        for number in INTERRUPTIONS:
            signal.signal(number, lambda *_: None)  # one is enough; SIG_IGN would complain of those under way
        print(f"\n{Path(sys.argv[0]).name}: {words}", file=sys.stderr, flush=True)
        sys.exit(INTERRUPTED)

    for number in INTERRUPTIONS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


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
