"""Before a study starts or goes on: nothing else is at work, the disk can be written, no file is damaged."""

import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import psutil

from regularization.columns import COHORT_FILES
from regularization.settings import setting_class
from regularization.study import integrity, manifest, plan
from regularization.study.configuration import Configuration
from regularization.study.integrity import Fault
from regularization.system import fetching, locking
from regularization.system.errors import UserError
from regularization.system.files import CannotWrite

STATE = Path(".snakemake")  # Snakemake's own folder
LOCK = STATE / "make.lock"
SNAKEMAKE_LOCKS = STATE / "locks"
VMSTAT = Path("/proc/vmstat")  # Linux
LITTLE = 64 * 1024**2  # bytes: with less left on the disk, that is why a study failed


class Hindrance(UserError):
    """The study cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Turn:
    """This process' turn in the folder."""

    descriptor: int  # of the lock: Snakemake inherits it, and holds it even if this process is killed
    after_a_kill: bool  # whether the one before it here, on this machine, did not come to its end


@contextmanager
def turn() -> Iterator[Turn]:
    """Be the only `make` in this folder; `Hindrance` if another one is running."""
    try:
        with locking.exclusive(LOCK) as file:
            before = file.read()
            since = datetime.now(UTC).isoformat(timespec="seconds")
            _write(file, json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": since}))
            try:
                yield Turn(file.fileno(), after_a_kill=_record(before).get("host") == socket.gethostname())
            except Hindrance:
                _write(file, before)  # nothing was done: what was known of the run before is still so
                raise
            except BaseException:
                _write(file, "")
                raise
            _write(file, "")  # a killed process does not come here, and its record stays
    except locking.Busy as busy:
        other = _record(str(busy))
        alive = snakemake_processes(Path.cwd())  # those of a `make` that was itself killed, too
        raise Hindrance(
            f"Another `make` is at work in this folder (process {alive[0] if alive else other.get('process')} on"
            f" {other.get('host')}, since {other.get('since')}): wait until it has ended, or end it with Ctrl-C there."
        ) from None


def _write(file: TextIO, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _record(text: str) -> dict[str, object]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {}


def left_locked(turn: Turn) -> bool:
    """Say whether a killed run left Snakemake's lock; `Hindrance` if a Snakemake not started by `make` may hold it."""
    if not any(SNAKEMAKE_LOCKS.glob("*")):
        return False
    processes = snakemake_processes(Path.cwd())
    if processes:
        problem = f"Snakemake is at work in this folder (process {processes[0]})"
        raise Hindrance(f"{problem}: wait until it has ended, or end it.")
    if not turn.after_a_kill:
        raise Hindrance(
            "Snakemake's lock is on this folder, and nobody on this machine holds it: a run was killed, or one is under"
            " way on another machine.\nIf none is, type `.venv/bin/snakemake --unlock`, then start again."
        )
    return True


def unlock() -> None:
    """Take away Snakemake's lock, as `snakemake --unlock` does."""
    for lock in SNAKEMAKE_LOCKS.glob("*"):
        lock.unlink()


def snakemake_processes(folder: Path) -> list[int]:
    """List the processes of this machine that run Snakemake in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if any(Path(word).name == "snakemake" for word in words[:4]) and process.cwd() == str(folder):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return sorted(set(found) - {os.getpid()})


def check_writable(*folders: Path) -> None:
    """Raise `Hindrance` unless a small file can be written to every folder (made where there is none)."""
    for folder in folders:
        probe = folder / f".writable.{os.getpid()}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(bytes(64 * 1024))
        except OSError as error:
            raise Hindrance(str(CannotWrite(folder, error))) from None
        finally:
            with suppress(OSError):  # a read-only file system, and the file was never made
                probe.unlink()


def own_caches() -> None:
    """Let Snakemake and Matplotlib keep their caches in this folder where the user's own cannot be written."""
    try:
        check_writable(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser())
    except (Hindrance, RuntimeError):  # or there is no home at all
        os.environ["XDG_CACHE_HOME"] = str((STATE / "cache").absolute())


def full_disk(folder: Path) -> str | None:
    """Return a sentence about the disk if hardly any space is left on it."""
    free = shutil.disk_usage(folder).free
    if free >= LITTLE:
        return None
    return f"The disk is full: {free / 1024**2:.1f} MiB are left for {folder}. Free some space, then start again."


def killed_for_memory() -> int:
    """Count the processes that this machine killed because its memory was used up; 0 where it does not say."""
    counted = re.search(r"^oom_kill (\d+)", VMSTAT.read_text() if VMSTAT.exists() else "", re.MULTILINE)
    return int(counted[1]) if counted else 0


def repaired(study: Configuration, say: Callable[[str], None]) -> dict[str, list[str]]:
    """Keep damaged files aside and break the seal of outdated cohorts, so that Snakemake makes them again.

    Returns experiment → the files that Snakemake must be asked for, as it does not look for a file that nothing needs.
    """
    wanted: dict[str, list[str]] = {}
    for fault in integrity.faults(study, plan.cohorts(study), study.results / "cohorts"):
        if fault.kind == "damaged":
            place = set_aside(fault, study.results)
            say(f"{fault}.\n  Its files are kept in {place}; this cohort is trained again.")
        elif fault.kind == "outdated":
            (fault.folder / "provenance.parquet").unlink()
        elif not any(fault.folder.glob("*.parquet")):
            continue  # not trained yet
        wanted.setdefault(fault.cohort.experiment, []).append(str(fault.folder / "provenance.parquet"))
    different = manifest.differences(study.results).items()
    damaged = {name: how for name, how in different if (study.results / name).exists()}
    for name, how in damaged.items():
        say(f"{study.results / name} is damaged: {how}.")
    if damaged:  # what is gone is made again, without being asked for by name
        place = _moved(study.results, study.results / "set_aside" / "files", damaged)
        say(f"  What is damaged is kept in {place}, and made again.")
    data = study.results / "data"
    experiment = next((name for name in study.experiments if setting_class(name).needs_images), None)
    if experiment is not None and (data / "fetch.json").exists():
        try:
            fetching.load(data)
        except fetching.Damaged as damage:
            place = _moved(data, study.results / "set_aside" / "data", [path.name for path in data.iterdir()])
            reason = str(damage).removesuffix(fetching.REMEDY.format(folder=data))
            say(f"{reason}\n  The files are kept in {place}; they are fetched again, and nothing is trained for that.")
            wanted.setdefault(experiment, []).append(str(data / "fetch.json"))
    return wanted


def set_aside(fault: Fault, results: Path) -> Path:
    """Move the tables of a cohort out of the way, and return where they are now."""
    place = results / "set_aside" / fault.cohort.experiment / fault.cohort.name
    return _moved(fault.folder, place, [f"{name}.parquet" for name in COHORT_FILES])


def _moved(folder: Path, place: Path, names: Iterable[str]) -> Path:
    """Move files of a folder, those that are there, to a new folder `place.1`, `place.2`, …"""
    number = next(n for n in range(1, 1_000_000) if not place.with_name(f"{place.name}.{n}").exists())
    new = place.with_name(f"{place.name}.{number}")
    for name in names:
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            (folder / name).rename(new / name)
    return new
