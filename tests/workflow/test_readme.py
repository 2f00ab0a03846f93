"""What README.md tells people to type works."""

import copy
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import MINI
from studies import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for at in ("*.md", "[a-z]*/*.md") for path in ROOT.glob(at))
PYTHON_EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text.replace("\n", " ")):
        name, _, heading = target.partition("#")
        path = (ROOT / document).parent / name if name else ROOT / document
        if not target.startswith("http"):
            assert path.exists(), target
            assert not heading or heading in headings(path), target


def test_a_finished_report_is_there_to_look_at_at_the_top() -> None:
    report = ROOT / "docs" / "report.pdf"
    assert "(docs/report.pdf)" in README.partition("\n## ")[0]
    assert report.read_bytes().startswith(b"%PDF")
    assert report.stat().st_size <= 2_000_000


def headings(document: Path) -> set[str]:
    """The anchors of a document's headings."""
    lines = re.findall(r"^#+ .*", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in lines}


@pytest.mark.workflow
@pytest.mark.slow
def test_the_example_of_reading_a_table_runs(finished) -> None:
    [example] = [code for code in PYTHON_EXAMPLES if "read_parquet" in code]
    done = finished.run(sys.executable, "-c", example)
    assert done.returncode == 0, done.stderr
    assert "l2_penalty" in done.stdout
    assert not re.search(r"NaN|\.\.\.", done.stdout), "every row has a number, and no column is hidden"


@pytest.mark.workflow
@pytest.mark.slow
def test_the_example_of_a_new_method_trains_that_method_only_and_heeds_both_its_keys(project) -> None:
    [example] = [code for code in PYTHON_EXAMPLES if "class ElasticNet" in code]
    (project.folder / "scripts" / "regularization" / "methods" / "elastic_net.py").write_text(example)
    config = copy.deepcopy(MINI)
    entry = {"methods": ["elastic_net"], "lam": [0, 3], "p": [0, 0.5, 1], "account": False}
    config["study"].append({**config["study"][0], **entry})
    project.configure(config)
    assert project.training_jobs() == {"linear_regression elastic_net-n20-s0-3"}
    project.snakemake("--rerun-incomplete", "results/cohorts/linear_regression/elastic_net-n20-s0-3/runs.parquet")
    cohorts = project.folder / "results" / "cohorts" / "linear_regression"
    runs = {
        method: pd.read_parquet(cohorts / f"{method}-n20-s0-3" / "runs.parquet").set_index(["setting", "seed", "p"])
        for method in ("none", "l2_penalty", "elastic_net")
    }
    norms = runs["elastic_net"].pivot_table(index=["setting", "seed"], columns="p", values="weight_norm")
    assert list(norms) == ["0", "0.5", "1"]
    assert (norms.lt(runs["none"]["weight_norm"].droplevel("p"), axis=0)).all(axis=None), "every p shrinks the weights"
    assert norms.nunique(axis=1).eq(3).all(), "no p trains like another"
    l2_penalty = runs["l2_penalty"].query("lam == 3")["weight_norm"].droplevel("p")
    np.testing.assert_allclose(norms["0"], l2_penalty.loc[norms.index], rtol=1e-10)
