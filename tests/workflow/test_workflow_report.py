"""`snakemake --report` makes Snakemake's own report of a finished study: every figure in it, with its caption."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from conftest import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def archive(finished: Project) -> zipfile.ZipFile:
    """The report, in the study's own results folder: a second one made in a test's folder would not find its links."""
    finished.snakemake("--report", "results/workflow.zip")
    return zipfile.ZipFile(finished.folder / "results" / "workflow.zip")


def results(archive: zipfile.ZipFile) -> dict[str, dict]:
    """File name → what the report says of it."""
    page = archive.read("workflow/report.html").decode()
    _, _, script = page.partition('<script id="results">')
    found, _ = json.JSONDecoder().raw_decode(script.partition("var results = ")[2])
    return {Path(name).name: entry for name, entry in found.items()}


def test_every_figure_is_in_it_with_its_caption(archive: zipfile.ZipFile, finished: Project) -> None:
    shown = results(archive)
    drawings = sorted((finished.folder / "results" / "figures").glob("*.svg"))
    figures = [figure for figure in drawings if not figure.stem.endswith(".narrow")]
    assert figures
    for figure in figures:
        words = json.loads(figure.with_suffix(".json").read_text(encoding="utf-8"))
        entry = shown[figure.name]
        begin, caption = (" ".join(text.split()) for text in (words["caption"] or words["alt"], entry["caption"]))
        assert re.sub(r"[*\\]", "", begin)[:40] in re.sub(r"<[^>]+>", "", caption), figure.name
        assert "system-message" not in entry["caption"]
        assert entry["labels"]["figure"] == figure.stem
        assert archive.read(f"workflow/{entry['data_uri']}") == figure.read_bytes()


def test_the_report_and_the_claims_are_in_it(archive: zipfile.ZipFile) -> None:
    assert {"report.html", "report.pdf", "claims.csv"} <= set(results(archive))


def test_making_it_runs_nothing_again(archive: zipfile.ZipFile, finished: Project) -> None:
    assert archive.testzip() is None
    done = finished.snakemake()
    assert "Nothing to be done" in done.stdout + done.stderr
