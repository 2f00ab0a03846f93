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
    assert "(docs/report.pdf)" in README.partition("\n## ")[0]
    assert (ROOT / "docs" / "report.pdf").stat().st_size <= 2_000_000


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
def test_the_example_of_a_new_method_trains_that_method_only_in_an_entry_that_asks_for_the_account(project) -> None:
    [example] = [code for code in PYTHON_EXAMPLES if "class ElasticNet" in code]
    (project.folder / "scripts" / "regularization" / "methods" / "elastic_net.py").write_text(example)
    config = copy.deepcopy(MINI)
    assert config["study"][0]["account"]
    config["study"][0]["methods"] += ["elastic_net", "elastic_net:share=0"]
    project.configure(config)
    cohorts = ["elastic_net-share0-n20-s0-3", "elastic_net-share0.5-n20-s0-3"]
    assert project.training_jobs() == {f"linear_regression {cohort}" for cohort in cohorts}
    folder = "results/cohorts/linear_regression"
    project.snakemake("--rerun-incomplete", *(f"{folder}/{cohort}/runs.parquet" for cohort in cohorts))
    files = (project.folder / folder / name / "runs.parquet" for name in ("l2_penalty-n20-s0-3", *cohorts))
    runs = (pd.read_parquet(file).set_index(["setting", "lam", "seed"]) for file in files)
    l2_penalty, without, half = (table["weight_norm"] for table in runs)
    np.testing.assert_allclose(without, l2_penalty.loc[without.index], rtol=1e-10)
    assert (half != without).all()
