"""Verdicts that another processor's arithmetic changes are named: scripts/verify_verdicts.py on made-up studies."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import verify_verdicts
from regularization.analysis.catalogue import TABLES, tables_of
from regularization.analysis.tables import Tables
from regularization.system import command_line
from synthetic import cell, tables


def study(dropped: float) -> Tables:
    """A study in which the chapter's network gains by dropout, or loses."""
    rng = np.random.default_rng(0)
    provenance = pd.DataFrame([dict.fromkeys(TABLES["provenance"].columns, "") | {"instructions": "AVX2"}])
    return tables(
        cell(
            "fashion_mnist", "textbook", "none", 0.0, "0/0", rng, test_accuracy=0.8, train_accuracy=0.9, test_loss=0.5
        ),
        cell(
            "fashion_mnist", "textbook", "dropout", 0.0, "0.2/0.5", rng, test_accuracy=dropped, test_loss=1.3 - dropped
        ),
        provenance=provenance,
    )


def written(study: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in tables_of("collected", "theory"):
        getattr(study, name).to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.mark.parametrize(("elsewhere", "changes"), [(0.9, False), (0.7, True)], ids=["none", "dropout loses there"])
def test_a_verdict_that_changes_elsewhere_is_named(elsewhere, changes, tmp_path, monkeypatch, capsys) -> None:
    here, there, output = (tmp_path / name for name in ("here", "avx2", "verdicts.csv"))
    arguments = [
        "--tables",
        written(study(0.9), here),
        "--elsewhere",
        written(study(elsewhere), there),
        "--output",
        output,
    ]
    monkeypatch.setattr(sys, "argv", ["verify_verdicts.py", *map(str, arguments)])
    command_line.run(verify_verdicts.main)
    told, table = capsys.readouterr().err, pd.read_csv(output)
    assert list(table) == ["id", "arithmetic", "verdict", "verdict_elsewhere"]
    assert set(table["arithmetic"]) == {"avx2"}
    changed = table[table["verdict"] != table["verdict_elsewhere"]]
    assert bool(len(changed)) == changes
    assert bool(re.search(r"c51 \w+ → contradicted", told)) == changes
    assert f"{len(changed)} of {len(table)} verdicts change" in told
    assert told.startswith("avx2 (")
