"""The script that weighs the claims: one claim explained, an unknown one refused, the same bytes twice."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evaluate_claims
from claims.studies import example
from regularization.analysis.catalogue import TABLES, tables_of
from regularization.claims import COLUMNS, all_claims
from regularization.reporting.words import in_powers
from regularization.system import command_line
from synthetic import cell, tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a small study: the concise version and the chapter's example."""
    rng = np.random.default_rng(0)
    cells = [
        cell("linear_regression", setting, method, lam, "0", rng, risk=risk, train_loss=0.1)
        for setting, method, lam, risk in (
            ("textbook", "none", 0.0, 3.0),
            ("textbook", "l2_penalty", 3.0, 1.0),
            ("concise_published", "weight_decay", 3.0, 1.02),
        )
    ]
    study = tables(*cells, decomposition=example((0.09, 0.001), (0.001, 0.01)).decomposition)
    made = tmp_path_factory.mktemp("tables")
    for name in (*tables_of("collected", "theory"), "decomposition"):
        getattr(study, name).to_parquet(made / f"{name}.parquet")
    return made


def script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What the script prints, its line breaks taken out."""
    monkeypatch.setattr(sys, "argv", ["evaluate_claims.py", *map(str, arguments)])
    command_line.run(evaluate_claims.main)
    return " ".join(capsys.readouterr().out.split())


def test_intervals_have_the_level_of_their_test_and_what_is_lacking_or_amended_is_said(folder, monkeypatch, capsys):
    told = script(monkeypatch, capsys, "--tables", folder, "--claim", "c10")
    assert told.startswith("Run as published, the concise code ends with an error of 1.02 on new data"), (
        "the answer first"
    )
    for part in (
        "The concise implementation",
        "estimand",
        "Holm-adjusted",
        "n = 12",
        "of the error from scratch, within what",
    ):
        assert part in told
    assert "90 % [" in told
    assert "95 % [" not in told
    told = script(monkeypatch, capsys, "--tables", folder, "--claim", "c16")
    assert "one-sided t test" in told
    assert "95 % [" in told
    assert "90 % [" not in told
    told = script(monkeypatch, capsys, "--tables", folder, "--claim", "c08")
    assert "inconclusive Not measured in this study" in told
    assert "amended" in told


def test_one_claim_has_the_ledgers_adjusted_p_and_says_where_its_numbers_stand(folder, monkeypatch, capsys, tmp_path):
    script(monkeypatch, capsys, "--tables", folder, "--output", tmp_path)
    ledger = {row["id"]: row for row in json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))}
    told = script(monkeypatch, capsys, "--tables", folder, "--claim", "c03")
    assert f"Holm-adjusted {ledger['c03']['p_adjusted']:.4g}" in told
    assert ledger["c03"]["p_adjusted"] > ledger["c03"]["p_value"]
    told = script(monkeypatch, capsys, "--tables", folder, "--claim", "c09").replace(" ", "")
    assert f"table{folder}/identities.parquet,rowsofc09" in told  # wrapped at the width of the terminal
    rows = (
        pd.read_parquet(tmp_path / "tables" / "identities.parquet").query("claim == 'c09'").set_index("case")["value"]
    )
    assert in_powers(f"torch.optim.SGD: {rows['torch.optim.SGD']:.4g}").replace(" ", "") in told
    other = script(monkeypatch, capsys, "--tables", folder, "--claim", "c02").replace(" ", "")
    assert f"table{folder}/account.parquet" in other


def test_the_ledger_is_written_twice_with_the_same_bytes(folder, monkeypatch, capsys, tmp_path):
    """All of them in the folder that is asked for, none beside the tables that were read."""
    kept, read = [], sorted(folder.rglob("*"))
    for name in ("first", "second"):
        output = tmp_path / name
        told = script(monkeypatch, capsys, "--tables", folder, "--output", output)
        assert re.search(r"\d+ claims: \d+ supported, \d+ qualified, \d+ contradicted, \d+ inconclusive", told)
        assert "Not measured in this study: c02, c04" in told, "what was not asked is not counted"
        assert "Controls" not in told
        paths = [output / "claims.json"]
        paths += [
            output / "tables" / f"{table}.{kind}"
            for table in ("claims", "verdict_robustness", "identities")
            for kind in ("parquet", "csv")
        ]
        assert sorted(paths) == sorted(path for path in output.rglob("*") if path.is_file())
        kept.append([path.read_bytes() for path in paths])
    assert kept[0] == kept[1]
    assert sorted(folder.rglob("*")) == read
    records = json.loads(kept[0][0])
    assert [list(record) for record in records] == [COLUMNS] * len(all_claims())


def test_how_sure_a_verdict_is_stands_in_the_ledger_and_is_told_of_one_claim(folder, monkeypatch, capsys, tmp_path):
    other = tmp_path / "avx2"
    shutil.copytree(folder, other)
    runs = pd.read_parquet(other / "runs.parquet")
    better = runs["risk"].where(runs["method"] != "l2_penalty", 9.0)  # there weight decay hurts
    runs.assign(risk=better).to_parquet(other / "runs.parquet")
    study = tmp_path / "study"
    shutil.copytree(folder, study / "tables")
    given = ("--tables", study / "tables", "--other-arithmetic", other)
    script(monkeypatch, capsys, *given, "--output", study)
    varied = pd.read_parquet(study / "tables" / "verdict_robustness.parquet").query("id == 'c10'")
    found = dict(zip(varied["variation"], varied["verdict"], strict=True))
    assert {name: verdict for name, verdict in found.items() if verdict != "supported"} == {
        "arithmetic_avx2": "contradicted"
    }
    [row] = [row for row in json.loads((study / "claims.json").read_text("utf-8")) if row["id"] == "c10"]
    assert row["variations"] == len(found) >= 5
    assert row["robust"] == pytest.approx(1 - 1 / len(found))
    told = script(monkeypatch, capsys, "--tables", study / "tables", "--claim", "c10")
    assert f"holds in {len(found) - 1} of {len(found)} variations: a close call" in told
    assert "contradicted with arithmetic avx2" in told
    assert "how sure" not in script(monkeypatch, capsys, "--tables", folder, "--claim", "c10")
    control = {"statement": "A cell against itself differs in nothing.", "passed": True, "reason": "It does not."}
    columns = dict.fromkeys(TABLES["controls"].columns, np.nan)
    pd.DataFrame([columns | {"id": "a_a"} | control]).to_parquet(study / "tables" / "controls.parquet")
    told = script(monkeypatch, capsys, "--tables", study / "tables")
    assert f"{len(found) - 1} of {len(found)} Run as published" in told
    assert "Controls: " in told
    assert "passed A cell against itself differs in nothing. It does not." in told
