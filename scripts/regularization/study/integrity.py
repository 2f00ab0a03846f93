"""Check finished cohorts: their files must be as they were written, and of this configuration and this code.

A cohort's `provenance.parquet` is written last. Its own metadata hold the size and the SHA-256 of the four tables
beside it, and a SHA-256 of these and of its row: no table of a cohort is read before they have been compared.

Snakemake deletes a job's outputs before it runs the job again, even where only its own record of the job was lost. A
cohort's files therefore have a second name, in the hidden folder `.finished` beside them (hard links: no space is
taken), from which a job that is repeated without need takes them.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from regularization.columns import COHORT_FILES, COHORT_TABLES
from regularization.study.configuration import Configuration
from regularization.study.fingerprint import training_code
from regularization.study.plan import Cohort
from regularization.system.files import CHANGED, changed, checksum, renamed_when_complete

CHECKSUMS = b"checksums"
FINISHED = ".finished"


@dataclass(frozen=True)
class Fault:
    """The reason why the study cannot use a cohort's files."""

    cohort: Cohort
    folder: Path
    file: str  # the name of the file that is at fault
    reason: str
    kind: Literal["missing", "damaged", "outdated"]

    def __str__(self) -> str:
        return f"{self.folder / self.file} {self.reason}"


class FaultyCohortsError(RuntimeError):
    """Cohorts are missing, damaged or outdated; the message names each and the remedy."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        shown = "".join(f"\n  {fault}" for fault in faults[:10]) + ("\n  …" if len(faults) > 10 else "")
        super().__init__(
            f"{len(faults):,} of its cohorts cannot be used:{shown}\n"
            "`make` keeps such files aside and trains these cohorts again, and no others. Without make:\n"
            "  python scripts/verify_cohorts.py --config results/config.json --set-aside, then snakemake as before"
        )


def seal(record: Mapping[str, Any], folder: Path) -> None:
    """Write `provenance.parquet` over a folder's tables: one row (column → value) and `content`, the tables' hash."""
    sums: dict[str, Any] = {name: checksum(folder / f"{name}.parquet") for name in COHORT_TABLES}
    content = hashlib.sha256("".join(sums[name]["sha256"] for name in COHORT_TABLES).encode()).hexdigest()[:16]
    table = pa.Table.from_pylist([{**record, "content": content}])
    sums["provenance"] = _row_sha256(table, sums)
    with renamed_when_complete(folder / "provenance.parquet") as temporary:
        pq.write_table(table.replace_schema_metadata({CHECKSUMS: json.dumps(sums).encode()}), temporary)


def publish(folder: Path) -> None:
    """Give the files of `folder/.finished` their second name, in `folder`; provenance last."""
    for name in COHORT_FILES:
        source = folder / FINISHED / f"{name}.parquet"
        with renamed_when_complete(folder / source.name) as temporary:
            try:
                os.link(source, temporary)
            except OSError:  # a file system without hard links: nothing is kept
                os.replace(source, temporary)


def faults(study: Configuration, cohorts: Iterable[Cohort], root: Path) -> list[Fault]:
    """Check cohorts' files below `root` (`results/cohorts`) and list what is wrong, in the plan's order."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        found = pool.map(lambda cohort: fault(study, cohort, root / cohort.experiment / cohort.name), cohorts)
        return [each for each in found if each is not None]


def check(study: Configuration, cohorts: Iterable[Cohort], root: Path) -> None:
    """Raise `FaultyCohortsError` unless every cohort's files are as they were written, for this study and code."""
    if found := faults(study, cohorts, root):
        raise FaultyCohortsError(found)


def fault(study: Configuration, cohort: Cohort, folder: Path) -> Fault | None:
    """Return what is wrong with a cohort's files in `folder`, or None."""
    for name in ("provenance", *COHORT_TABLES):
        if not (folder / f"{name}.parquet").is_file():
            return Fault(cohort, folder, f"{name}.parquet", "is missing", "missing")
    try:
        table = pq.ParquetFile(folder / "provenance.parquet").read()
        [row] = table.to_pylist()
        trained_from = row["digest"], row["code"]  # of its runs and settings, and of its code
        sums = json.loads((table.schema.metadata or {}).get(CHECKSUMS, b"{}"))
        intact = sums.pop("provenance", None) == _row_sha256(table, sums)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        words = str(error).splitlines() or [type(error).__name__]
        return Fault(cohort, folder, "provenance.parquet", f"is damaged: {words[0]}", "damaged")
    if not intact:
        return Fault(cohort, folder, "provenance.parquet", f"is damaged: {CHANGED}", "damaged")
    wanted = cohort.digest(study), _training_code(cohort.experiment, cohort.method)
    if trained_from != wanted:
        what = "runs or settings" if trained_from[0] != wanted[0] else "code"
        return Fault(cohort, folder, "runs.parquet", f"was trained with other {what} than the study's", "outdated")
    for name in COHORT_TABLES:
        reason = changed(folder / f"{name}.parquet", sums[name])
        if reason is not None:
            return Fault(cohort, folder, f"{name}.parquet", f"is damaged: {reason}", "damaged")
    return None


_training_code = cache(training_code)


def _row_sha256(table: pa.Table, sums: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([table.to_pylist(), sums], sort_keys=True).encode()).hexdigest()
