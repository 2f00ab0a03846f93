"""The study inside other workflows: as a module, deployed from a repository, its jobs in environments of conda."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from conftest import Project, copy_of_the_project
from regularization.study import reading
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
LINEAR = reading.load([ROOT / "config.yaml", Path(__file__).with_name("linear.yaml")])
TABLE = "results/aggregated/linear_regression/cells.parquet"


def snakemake(folder: Path, *arguments: str, **variables: str) -> str:
    done = Project(folder).run(sys.executable, "-m", "snakemake", "--cores", "2", *arguments, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_another_workflow_imports_it_as_a_module(tmp_path: Path) -> None:
    """From a folder that is neither its own nor its parent's; what it writes is there and nowhere else."""
    study = copy_of_the_project(tmp_path / "the study")
    before = sorted(study.folder.rglob("*"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "settings.yaml").write_text(yaml.safe_dump({"ours": 1, "study": LINEAR}))
    (mine / "Snakefile").write_text("""
configfile: "settings.yaml"
module study:
    snakefile: "../the study/workflow/Snakefile"
    config: config["study"]
use rule * from study as study_*
rule verdicts:
    input: rules.study_claims.output.json
    output: "verdicts.txt"
    shell: "wc -c {input} > {output}"
""")
    snakemake(mine, "verdicts.txt", "results/figures/weight-decay-risk.svg")
    assert (mine / "verdicts.txt").is_file()
    assert [path for path in sorted(study.folder.rglob("*")) if "__pycache__" not in str(path)] == before
    assert "verdicts" not in snakemake(mine, "verdicts.txt", "--dry-run").partition("rule ")[2]


def test_a_deployed_study_runs_and_a_new_version_that_trains_alike_trains_nothing(tmp_path: Path, monkeypatch) -> None:
    """As snakedeploy lays it out: a folder with a configuration, and a Snakefile that names a repository."""
    repository = copy_of_the_project(tmp_path / "repository").folder
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b"]
    shutil.copytree(ROOT / "config", repository / "config")
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "one"]):
        subprocess.run([*git, *command], check=True)
    deployed = tmp_path / "deployed"
    shutil.copytree(repository / "config", deployed / "config")
    assert yaml.safe_load((deployed / "config" / "config.yaml").read_text()) == reading.load([ROOT / "config.yaml"])
    (deployed / "config" / "config.yaml").write_text(yaml.safe_dump(LINEAR))
    (deployed / "workflow").mkdir()
    (deployed / "workflow" / "Snakefile").write_text("""
configfile: "config/config.yaml"
module study:
    snakefile:
        github("someone/study", path="workflow/Snakefile", branch="main")
    config:
        config
use rule * from study
""")
    hosted = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/study",
    }
    snakemake(deployed, TABLE, **hosted)
    [trained, *_] = (deployed / "results" / "cohorts" / "linear_regression").glob("*/provenance.parquet")
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert list(pd.read_parquet(trained)["commit"]) == [commit[:12]]
    with (repository / "report" / "slide.typ").open("a") as file:
        file.write("// another version\n")
    subprocess.run([*git, "commit", "--quiet", "-am", "two"], check=True)
    assert "train_cohort" not in snakemake(deployed, TABLE, "--dry-run", **hosted)
    assert "another version" in (deployed / ".snakemake/regularization-study/report/slide.typ").read_text()


CONDA = f"""#!/bin/sh
# Says what Snakemake asks conda, and makes an environment whose Python is the one of these tests.
case "$*" in
  "info --json") echo '{{"conda_prefix": "'"$BASE"'", "platform": "linux-64"}}' ;;
  --version) echo conda 26.9.1 ;;
  clean*) ;;
  config*) echo '{{"get": {{"channel_priority": "strict"}}}}' ;;
  env\\ create*)
    while [ "$#" -gt 0 ]; do
      case "$1" in --file) file=$2 ;; --prefix) prefix=$2 ;; esac
      shift
    done
    mkdir -p "$prefix/bin" && cp "$file" "$BASE/asked_for.yaml"
    printf '#!/bin/sh\\necho "$1" >> "%s/jobs"\\nexec "{sys.executable}" "$@"\\n' "$BASE" > "$prefix/bin/python"
    chmod +x "$prefix/bin/python" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac
"""


def test_snakemake_makes_condas_environments_from_the_file_alone_and_runs_jobs_in_them(tmp_path: Path) -> None:
    """With a stand-in for conda, which sees the one file that is handed on (`test_versions.py`: it has all pins)."""
    project, base = copy_of_the_project(tmp_path / "project"), tmp_path / "base" / "bin"
    project.configure(LINEAR)
    base.mkdir(parents=True)
    (base / "conda").write_text(CONDA)
    (base / "conda").chmod(0o755)
    (base / "activate").write_text('export PATH="$1/bin:$PATH"\n')
    path = os.pathsep.join([str(base), str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "results/plan.parquet", "--configfile", "mini.yaml"]
    done = project.run(*command, "--sdm", "conda", PATH=path, BASE=str(base.parent))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (base.parent / "jobs").read_text().splitlines() == ["scripts/plan_study.py"]
    assert (base.parent / "asked_for.yaml").read_text() == (ROOT / "environment.yml").read_text()  # names every package
