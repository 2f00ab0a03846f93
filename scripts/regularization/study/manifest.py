"""`manifest.json`: every documented file of a results folder, with its bytes and SHA-256; and `manifest.sha256`.

Both are written once all files are there; `sha256sum -c manifest.sha256` compares them anywhere. Files that a run is
about to write anew are struck from the manifest before it starts, and the other file is deleted. At any moment, what
stands in the manifest is to be there as it was written, and what is not is damaged.
"""

import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from regularization.system.errors import UserError
from regularization.system.files import changed, checksum, read_json, write_bytes

MANIFEST, SUMS = "manifest.json", "manifest.sha256"


def write(results: Path, names: Iterable[str]) -> None:
    """Write both for files of a results folder."""
    sums = {name: checksum(results / name) for name in sorted(names)}
    _store(sums, results)
    write_bytes(_lines(sums, results), results / SUMS)


def differences(results: Path) -> dict[str, str]:
    """Return the files that are not as the manifest has them: name → how they differ."""
    written = _read(results)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        found = pool.map(lambda name: changed(results / name, written[name]), written)
        return {name: how for name, how in zip(written, found, strict=True) if how}


def strike(results: Path, paths: Iterable[str]) -> None:
    """Take files out of the manifest that are about to be written anew."""
    written, anew = _read(results), set(paths)
    kept = {name: sums for name, sums in written.items() if str(results / name) not in anew}
    if len(kept) < len(written):
        (results / SUMS).unlink(missing_ok=True)
        _store(kept, results)


def _read(results: Path) -> dict[str, Any]:
    """Return what the manifest says; nothing, and both files are deleted to be written again, if one is damaged."""
    with suppress(UserError, TypeError, KeyError):
        written = read_json(results / MANIFEST)
        _ = [each["bytes"] + len(each["sha256"]) for each in written.values()]
        if not (results / SUMS).exists() or (results / SUMS).read_bytes() == _lines(written, results):
            return written
    for name in (MANIFEST, SUMS):
        (results / name).unlink(missing_ok=True)
    return {}


def _store(sums: dict[str, Any], results: Path) -> None:
    write_bytes(f"{json.dumps(sums, indent=1)}\n".encode(), results / MANIFEST)


def _lines(sums: dict[str, Any], results: Path) -> bytes:
    """What `sha256sum -c` reads: all files, and the manifest."""
    every = {MANIFEST: checksum(results / MANIFEST), **sums}
    return "".join(f"{each['sha256']}  {name}\n" for name, each in every.items()).encode()
