"""A report's date and commit come from its results and sources, and say so where they cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from figures.example_tables import SMOKE
from figures.reports import SOURCES, report
from regularization.reporting.build import build, date, epoch
from regularization.system import machine
from regularization.system.errors import UserError

GIT = shutil.which("git")


@pytest.fixture
def no_date_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def jobs(*finished: str | None) -> pd.DataFrame:
    return pd.DataFrame({"cohort": range(len(finished)), "finished": finished})


@pytest.mark.usefixtures("no_date_given")
def test_the_date_is_that_of_the_newest_job() -> None:
    times = jobs("2026-11-05T21:36:26Z", None, "2026-11-05T23:59:59Z", "2026-11-04T00:00:00Z")
    assert date(epoch(times) or 0) == "5 November 2026"
    assert epoch(times) == epoch(times.iloc[::-1])


@pytest.mark.usefixtures("no_date_given")
@pytest.mark.parametrize("provenance", [jobs(), jobs(None), pd.DataFrame({"cohort": ["a"]})])
def test_without_a_recorded_time_there_is_no_date(provenance: pd.DataFrame) -> None:
    assert epoch(provenance) is None


def test_the_date_is_in_greenwich_whatever_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert date(epoch(jobs("2026-11-05T23:59:59Z")) or 0) == "5 November 2026"


@pytest.mark.parametrize(
    ("given", "shown", "created"),
    [(None, "5 November 2026", "2026-11-05 21:36:26"), ("1700000000", "14 November 2023", "2023-11-14 22:13:20")],
)
def test_the_report_bears_the_date_of_its_results_or_the_one_given(given, shown, created, monkeypatch, tmp_path):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    undated = report(SMOKE)  # which other tests share: made before a date is given
    if given:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    tables = Path(shutil.copytree(undated.tables, tmp_path / "tables"))
    provenance = pd.read_parquet(tables / "provenance.parquet").assign(finished="2026-11-05T21:36:26Z")
    provenance.to_parquet(tables / "provenance.parquet")
    build(tables, undated.figures, SOURCES, None, tmp_path / "r.html", tmp_path / "r.pdf")
    assert shown in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert shown not in undated.page
    document = PdfReader(tmp_path / "r.pdf")
    assert shown in document.pages[0].extract_text()
    assert str(document.metadata and document.metadata.creation_date).startswith(created)
    assert PdfReader(undated.pdf).metadata.creation_date is None


@pytest.mark.parametrize("given", ["1700000000000", "-1", "1.7e9", "٣"])
def test_a_date_that_is_none_is_refused_with_the_remedy(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with pytest.raises(UserError, match=rf"SOURCE_DATE_EPOCH: {given} is no date .* Allowed: whole seconds since 1970"):
        epoch(jobs())


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a report's sources, the real stamp among them, and one commit."""
    if GIT is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "checkout"
    (folder / "report").mkdir(parents=True)
    for name in (".gitattributes", machine.STAMP, "page.html"):
        shutil.copy(SOURCES / name, folder / "report" / name)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


def test_a_checkout_a_copy_and_an_archive_name_their_own_commit(checkout: Path, tmp_path: Path) -> None:
    commit = git(checkout, "rev-parse", "--short=12", "HEAD")
    assert machine.commit(checkout / "report") == commit
    git(checkout, "archive", "--output", str(tmp_path / "archive.zip"), "HEAD")
    shutil.unpack_archive(tmp_path / "archive.zip", tmp_path / "archive")
    assert not (tmp_path / "archive" / ".git").exists()
    assert machine.commit(tmp_path / "archive" / "report") == commit
    for place in (tmp_path / "copy", checkout / "vendor"):
        shutil.copytree(checkout / "report", place / "report")
        assert machine.commit(place / "report") == "unknown, the sources are no git checkout"


def test_a_checkout_of_another_owner_is_told_in_gits_words_and_that_of_a_hook_is_not_asked(checkout, monkeypatch):
    commit = git(checkout, "rev-parse", "--short=12", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(checkout / "nowhere"))
    assert machine.commit(checkout / "report") == commit
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    said = machine.commit(checkout / "report")
    assert said == f"unknown, git says: detected dubious ownership in repository at '{checkout}'"


def test_sources_that_differ_are_said_to_under_a_tag_and_without_git_the_commit_is_unknown(checkout, monkeypatch):
    git(checkout, "tag", "v1")
    assert machine.commit(checkout / "report") == git(checkout, "rev-parse", "--short=12", "HEAD")
    (checkout / "report" / "page.html").write_text("changed")
    assert machine.commit(checkout / "report").endswith(" with uncommitted changes")
    monkeypatch.setenv("PATH", "")
    assert machine.commit(checkout / "report").startswith("unknown")
