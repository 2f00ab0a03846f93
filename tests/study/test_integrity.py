"""A cohort's files are used only if they are those that were written, for this study and by this code."""

import json
import os
import random

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from regularization.columns import COHORT_FILES, COHORT_TABLES
from regularization.study import integrity, plan
from regularization.study.fingerprint import training_code
from regularization.system.files import write_table
from studies import entry, program, study


@pytest.fixture
def finished(tmp_path):
    """A study with one cohort, the cohort and its folder with sealed files."""
    config = study(entry("linear_regression", methods=["ridge"], lam=[1, 3], seeds=3), results=str(tmp_path))
    [cohort] = plan.cohorts(config)
    folder = tmp_path / "cohorts" / cohort.experiment / cohort.name
    kept = folder / integrity.FINISHED
    for name in COHORT_TABLES:
        write_table(pd.DataFrame({"run_id": ["a", "b"], name: np.arange(2.0)}), kept / f"{name}.parquet")
    row = {"digest": cohort.digest(config), "code": training_code(cohort.experiment, cohort.method)}
    integrity.seal({**row, "wall_seconds": 1.25, "torch": ""}, kept)
    integrity.publish(folder)
    return config, cohort, folder


def test_what_was_written_is_intact_takes_no_space_twice_and_is_moved_without_hard_links(finished, monkeypatch):
    config, cohort, folder = finished
    assert integrity.fault(config, cohort, folder) is None
    integrity.check(config, [cohort], folder.parents[1])
    for name in COHORT_FILES:
        assert (folder / f"{name}.parquet").samefile(folder / integrity.FINISHED / f"{name}.parquet")
    integrity.publish(folder)
    assert not list(folder.glob(".*.part")), "publishing again leaves nothing behind"
    config, cohort, folder = finished

    def refused(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refused)
    integrity.publish(folder)
    assert integrity.fault(config, cohort, folder) is None
    assert not list((folder / integrity.FINISHED).iterdir())


@pytest.mark.parametrize("name", COHORT_TABLES)
def test_every_flipped_bit_and_every_cut_of_a_table_is_found(finished, name):
    config, cohort, folder = finished
    path = folder / f"{name}.parquet"
    content = path.read_bytes()
    draw = random.Random(0)
    for _ in range(60):
        flipped = bytearray(content)
        flipped[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        found = integrity.fault(config, cohort, folder)
        assert found is not None
        assert (found.file, found.kind) == (f"{name}.parquet", "damaged")
        assert "checksums differ" in found.reason
        path.write_bytes(content[: draw.randrange(len(content))])
        found = integrity.fault(config, cohort, folder)
        assert found is not None
        assert f"{len(content):,} were written" in found.reason
    path.write_bytes(content)
    assert integrity.fault(config, cohort, folder) is None


def test_a_flipped_bit_of_the_provenance_is_found_or_changes_nothing_that_is_read(finished):
    config, cohort, folder = finished
    path = folder / "provenance.parquet"
    content, row = path.read_bytes(), pq.read_table(path).to_pylist()
    found = 0
    for position in range(0, len(content), 3):
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        path.write_bytes(flipped)
        fault = integrity.fault(config, cohort, folder)
        found += fault is not None
        assert fault is not None or pq.ParquetFile(path).read().to_pylist() == row, position
        assert fault is None or fault.kind == "damaged"
    assert found > 100
    path.write_bytes(content[:-4])
    assert integrity.fault(config, cohort, folder).kind == "damaged"


def test_cohorts_that_are_outdated_missing_or_without_checksums_are_named(finished, monkeypatch):
    config, _, folder = finished
    [other] = plan.cohorts(study(entry("linear_regression", methods=["ridge"], lam=[1, 5], seeds=3)))
    outdated = str(integrity.fault(config, other, folder))
    assert outdated.endswith("was trained with other runs or settings than the study's")
    [cohort] = plan.cohorts(config)
    monkeypatch.setattr(integrity, "_training_code", lambda *_: "another")
    found = integrity.fault(config, cohort, folder)
    assert found.kind == "outdated"
    assert found.reason == "was trained with other code than the study's"
    config, cohort, folder = finished
    table = pq.read_table(folder / "provenance.parquet")
    for metadata in ({}, {integrity.CHECKSUMS: json.dumps({"runs": {}}).encode()}):
        pq.write_table(table.replace_schema_metadata(metadata), folder / "provenance.parquet")
        assert integrity.fault(config, cohort, folder).kind == "damaged"
    (folder / "curves.parquet").unlink()
    says = r"curves\.parquet is missing\n.*`make` keeps.*\n.*set-aside"
    with pytest.raises(integrity.FaultyCohortsError, match=says):
        integrity.check(config, [cohort], folder.parents[1])


def test_the_script_names_what_is_damaged_and_keeps_it_aside_when_asked(finished, tmp_path):
    config, cohort, folder = finished
    (tmp_path / "config.json").write_text(config.as_json(), encoding="utf-8")

    def verify(*more: str) -> tuple[int, str]:
        done = program("verify_cohorts", "--config", tmp_path / "config.json", *more)
        assert not done.stderr
        return done.returncode, done.stdout

    assert verify() == (0, "1 of 1 cohorts are intact, 0 missing or not trained yet\n")
    os.truncate(folder / "runs.parquet", 200)
    status, said = verify()
    assert status == 1
    assert f"{folder / 'runs.parquet'} is damaged: it has 200 bytes" in said
    assert (folder / "runs.parquet").exists(), "looking changes nothing"
    status, said = verify("--set-aside")
    assert status == 1
    aside = tmp_path / "set_aside" / cohort.experiment / f"{cohort.name}.1"
    assert f"Its files are kept in {aside}" in said
    assert f"snakemake --cores all all {folder / 'provenance.parquet'}" in said
    assert (aside / "runs.parquet").stat().st_size == 200
    assert not list(folder.glob("*.parquet"))
    assert verify() == (0, "0 of 1 cohorts are intact, 1 missing or not trained yet\n")
