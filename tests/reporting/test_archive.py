"""What a results folder tells archives and machines is valid and agrees with what is in it."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.example_tables import SMOKE
from figures.reports import report
from regularization.analysis.catalogue import TABLES, store
from regularization.reporting import archive
from regularization.reporting.words import bibtex

VALIDATOR = shutil.which("rocrate-validator")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up study's results, with everything that `make` writes for archives."""
    made, folder = report(SMOKE), tmp_path_factory.mktemp("results")
    for one in (made.tables, made.figures):
        shutil.copytree(one, folder / one.name)
    for path in (folder / "tables").glob("*.parquet"):  # with their CSVs, as the study stores them
        if path.stem in TABLES:
            store(path.stem, pd.read_parquet(path), path)
    for page in (made.html, made.pdf):
        shutil.copy(page, folder)
    archive.write(
        folder, {"title": "A “title”", "subtitle": "", "day": "2026-11-05", "commit": "0", **archive.authors()}
    )
    return folder


def content(results: Path, name: str) -> dict:
    return json.loads((results / name).read_text(encoding="utf-8"))


def test_a_data_package_has_every_table_its_columns_types_and_hash(results: Path) -> None:
    resources = {one["name"]: one for one in content(results, "datapackage.json")["resources"]}
    assert set(resources) == {path.stem for path in (results / "tables").glob("*.parquet")}
    for name, one in resources.items():
        table, path = pd.read_parquet(results / "tables" / f"{name}.parquet"), results / one["path"]
        assert re.fullmatch("[a-z0-9_]+", name)
        assert path.suffix == (".csv" if name in TABLES and TABLES[name].csv else ".parquet")
        assert [field["name"] for field in one["schema"]["fields"]] == list(table.columns)
        assert one["bytes"] == path.stat().st_size
        assert one["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        if key := one["schema"].get("primaryKey"):
            assert not table.duplicated(key).any()
    fields = {field["name"]: field for field in resources["runs"]["schema"]["fields"]}
    assert (fields["seed"]["type"], fields["status"]["type"], fields["lam"]["type"]) == ("integer", "string", "number")
    assert fields["risk"]["unit"] == "squared error"
    assert "unit" not in fields["seed"]
    assert resources["cells"]["description"] == "one row a cell and metric, over its seeds."


def test_a_crate_names_every_file_and_whatever_it_refers_to(results: Path) -> None:
    graph = {one["@id"]: one for one in content(results, "ro-crate-metadata.json")["@graph"]}
    files = {name: one for name, one in graph.items() if one["@type"] == "File"}
    there = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    assert set(files) == there - {"ro-crate-metadata.json"}
    assert all(one["contentSize"] == str((results / name).stat().st_size) for name, one in files.items())
    assert {part["@id"] for part in graph["./"]["hasPart"]} == set(files)
    refers = re.findall(r'\{\s*"@id": "([^"]+)"\s*\}', (results / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert set(refers) - {"https://w3id.org/ro/crate/1.1"} <= set(graph)


@pytest.mark.parametrize("damage", [False, True])
def test_frictionless_finds_the_data_package_valid_until_a_number_changes(results: Path, tmp_path, damage) -> None:
    frictionless = pytest.importorskip("frictionless", reason="needs pip install '.[archives]'")
    folder = Path(shutil.copytree(results, tmp_path / "results"))
    if damage:
        cells = folder / "tables" / "cells.csv"
        cells.write_text(cells.read_text().replace("0.", "1.", 1))
    found = frictionless.validate(str(folder / "datapackage.json"))
    assert found.valid != damage, found.flatten(["name", "type", "note"])


@pytest.mark.network  # the validator asks for the vocabulary
@pytest.mark.skipif(VALIDATOR is None, reason="needs roc-validator, installed elsewhere, on the path")
def test_the_validator_of_crates_finds_it_valid(results: Path) -> None:
    command = [str(VALIDATOR), "--no-interactive", "validate", "--profile-identifier", "ro-crate-1.1", str(results)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_page_says_how_to_cite_it_and_which_numbers_it_is_made_of(results: Path) -> None:
    page = re.sub(r"<[^>]*>", "", (results / "report.html").read_text(encoding="utf-8"))
    assert hashlib.sha256((report(SMOKE).tables / "runs.parquet").read_bytes()).hexdigest() in page
    entry = re.search(r"@misc\{regularization_measured,\s+title  = \{(.*)\},\s+author = \{\{(.*)\}\},", page)
    assert entry
    assert entry.groups() == ("Weight decay and dropout, measured", "the regularization-study authors")


@given(st.text())
def test_no_title_breaks_a_bibtex_entry(text: str) -> None:
    """Braces are balanced once those with a backslash before them are taken out, and no comment begins."""
    written = bibtex(text).replace(r"\textbackslash{}", "")
    assert re.sub(r"\\([#$%&_{}])", r"\1", written) == text.replace("\\", "")
    assert not re.search(r"[#$%&_{}]", re.sub(r"\\.", "", written))
