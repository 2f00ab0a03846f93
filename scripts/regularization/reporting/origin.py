"""Where a report comes from: when its results were made, and which commit its sources are at.

Neither looks at the clock, so the same results and sources give the same report.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

STAMP = "commit.txt"  # `git archive` writes the commit into it: see report/.gitattributes
UNSTAMPED = "$Format"


def epoch(provenance: pd.DataFrame) -> int | None:
    """The report's date, in seconds since 1970: SOURCE_DATE_EPOCH if it is set, else when the newest job ended.

    Args:
        provenance: one row a job; `finished` is a time such as "2026-11-25T21:36:26Z", empty where none was recorded.

    Returns:
        None, and the report bears no date, where no job recorded its time.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    times = provenance["finished"].dropna() if "finished" in provenance else []
    return max((int(datetime.fromisoformat(time).timestamp()) for time in times), default=None)


def date(seconds: int) -> str:
    """Seconds since 1970 as a date in Greenwich: "5 November 2026"."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day} {moment:%B %Y}"


def commit(report: Path) -> str:
    """The commit of the report's sources, in words that go after "commit".

    A git checkout is asked, and says if files differ from its commit; an archive made from one carries its commit. The
    two agree, so a report can be made again byte for byte from either.
    """
    stamp = (report / STAMP).read_text(encoding="utf-8").strip() if (report / STAMP).is_file() else UNSTAMPED
    if not stamp.startswith(UNSTAMPED):
        return stamp[:12]
    # An archive unpacked inside another repository is not at that repository's commit.
    if _git(report, "ls-files", "--error-unmatch", "page.html") is None:
        return "unknown, the sources are no git checkout"
    described = _git(report, "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty= with uncommitted changes")
    return described or "unknown, the sources were never committed"


def _git(folder: Path, *arguments: str) -> str | None:
    """What a git command says about `folder`; None if it fails or there is no git."""
    command = ["git", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # only looking
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None
