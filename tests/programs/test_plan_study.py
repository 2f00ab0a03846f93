"""The plan as it is written: every cell, and those that a method does not have."""

import subprocess
import sys
from dataclasses import astuple, fields
from pathlib import Path

import pandas as pd

from regularization.study import plan
from studies import ROOT, entry, study

CHANGES = {"settings": ["textbook"], "methods": ["gaussian_dropout"], "seeds": 1}


def written(folder: Path, *p: list[float]) -> tuple[pd.DataFrame, str]:
    """The cells left out of a study of noise at some p, and what was said of them."""
    config = study(entry("fashion_mnist", **CHANGES, p=[*p])).as_json()
    command = [sys.executable, str(ROOT / "scripts" / "plan_study.py"), "--output", str(folder)]
    done = subprocess.run(command, input=config, capture_output=True, text=True, check=True)
    return pd.read_csv(folder / "left_out.csv", dtype={"p": str}), done.stderr


def test_a_cell_that_is_left_out_is_named_with_its_p_and_without_any_the_table_has_its_columns(tmp_path: Path) -> None:
    left_out, said = written(tmp_path, [0.2, 0.5], [1, 0.5], [0.5, 1])
    expected = plan.cells(study(entry("fashion_mnist", **CHANGES, p=[[0.2, 0.5], [1, 0.5], [0.5, 1]])))[1]
    assert [*left_out.itertuples(index=False, name=None)] == [astuple(cell) for cell in expected]
    assert left_out["p"].tolist() == ["1/0.5", "0.5/1"]
    assert "gaussian_dropout λ=0 p=1/0.5: p = 1 means noise of infinite variance" in said
    left_out, _ = written(tmp_path, [0.2, 0.5])
    assert left_out.empty
    assert list(left_out.columns) == [field.name for field in fields(plan.LeftOut)]
