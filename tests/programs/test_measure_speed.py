"""The benchmark measures every row, or says why not; how fast is not tested."""

import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import measure_speed
from cohorts import made_up_images
from regularization.analysis.benchmark import QUICK
from regularization.analysis.benchmark.table import measures
from studies import program

pytestmark = pytest.mark.slow

SEEMINGLY = pd.DataFrame(
    {
        "experiment": ["linear_regression", "fashion_mnist", "fashion_mnist"],
        "start_up_seconds": [1.0, 2.0, 0.0],
        "training_seconds": [10.0, 50.0, 30.0],
        "evaluation_seconds": [5.0, 8.0, 10.0],
        "peak_memory_mib": [500.0, 1024.0, 800.0],
    }
)


def checked(output: Path) -> pd.DataFrame:
    """The table, by measure."""
    table = pd.read_csv(output, keep_default_na=False)
    assert list(table.columns) == ["measure", "ours", "reference", "ratio", "unit", "bar", "note", "machine"]
    assert list(table["measure"]) == list(measures(QUICK, None, None))
    assert (table["machine"] != "").all()
    table = table.astype(dict.fromkeys(("ours", "reference", "ratio", "bar"), float)).set_index("measure")
    assert ((table["ratio"] > 0) == (table["note"] == "")).all(), "a number or why there is none"
    return table


def test_every_measure_is_there_with_its_reference(tmp_path: Path) -> None:
    for field in fields(images := made_up_images()):
        np.save(tmp_path / f"{field.name}.npy", getattr(images, field.name))
    SEEMINGLY.to_parquet(tmp_path / "provenance.parquet")
    files = ("--data", tmp_path, "--provenance", tmp_path / "provenance.parquet", "--output", tmp_path / "speed.csv")
    done = program("measure_speed", "--quick", *files)
    assert done.returncode == 0, done.stderr
    table = checked(tmp_path / "speed.csv")
    assert set(table.index[table["note"] != ""]) <= {"linear_vs_jax"}
    rates = table[table["unit"].str.endswith("/s") & (table["note"] == "")]
    np.testing.assert_allclose(rates["ratio"], rates["ours"] / rates["reference"])
    assert table.loc["evaluation_share", "ratio"] == pytest.approx(0.12 / 0.18)
    assert table.loc["training_share", "ratio"] == pytest.approx(113 / 116)
    assert table.loc["peak_memory", "ratio"] == 2


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    measure_speed.main(tmp_path / "speed.csv", quick=True)
    table = checked(tmp_path / "speed.csv")
    assert set(table.loc[table.index.str.startswith("mlp"), "note"]) == {"Fashion-MNIST is not there"}
    assert set(table["note"].iloc[-3:]) == {"there is no finished study"}
    assert not math.isnan(table.loc["linear_noise_vs_textbook", "ratio"])
