"""What README.md tells people to type works."""

import copy
import re
import sys
from pathlib import Path

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


@pytest.mark.workflow
@pytest.mark.slow
def test_the_example_of_a_new_method_trains_that_method_only_and_shrinks_the_weights(project) -> None:
    [example] = [code for code in PYTHON_EXAMPLES if "class L1Penalty" in code]
    (project.folder / "scripts" / "regularization" / "methods" / "l1_penalty.py").write_text(example)
    config = copy.deepcopy(MINI)
    config["study"].append({**config["study"][0], "methods": ["l1_penalty"], "account": False})
    project.configure(config)
    assert project.training_jobs() == {"linear_regression l1_penalty-n20-s0-3"}
    project.snakemake("--rerun-incomplete", "results/cohorts/linear_regression/l1_penalty-n20-s0-3/runs.parquet")
    cohorts = project.folder / "results" / "cohorts" / "linear_regression"
    norms = {
        method: pd.read_parquet(cohorts / f"{method}-n20-s0-3" / "runs.parquet")
        .groupby(["setting", "seed"])["weight_norm"]
        .max()
        for method in ("none", "l1_penalty")
    }
    assert (norms["l1_penalty"] < norms["none"]).all()
