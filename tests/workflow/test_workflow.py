"""The workflow end to end on real Fashion-MNIST, in small: what it makes, what it repeats, what it survives."""

import copy
import json
import re
import subprocess
import sys

import pandas as pd
import pytest

from conftest import MINI, Project
from regularization.analysis.aggregation import check_complete
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.study import integrity
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
OF_SETUPS = f"Draw the figures of {FIGURES['setup-linear'].section}"


def changed(**entry_changes) -> dict:
    """The small study with one of its entries changed: `linear_regression={…}` or `fashion_mnist={…}`."""
    config = copy.deepcopy(MINI)
    for entry in config["study"]:
        entry.update(entry_changes.get(entry["experiment"], {}))
    return config


def table(project: Project, name: str) -> pd.DataFrame:
    return pd.read_parquet(project.folder / "results" / "tables" / f"{name}.parquet")


def test_every_planned_run_is_in_the_tables_with_report_and_logs_and_a_second_run_does_nothing(finished):
    planned = pd.read_parquet(finished.folder / "results" / "plan.parquet")
    runs = table(finished, "runs")
    assert len(planned) == 4 * 2 * (1 + 2 + 3) + 2 * 4
    check_complete(planned["run_id"], runs["run_id"])
    assert set(runs["status"]) == {"ok"}
    assert runs.loc[runs["experiment"] == "fashion_mnist", "test_accuracy"].between(0.1, 1).all()
    trained = runs.loc[runs["method"] != "ridge", "run_id"]
    curves = table(finished, "curves")
    assert set(curves["run_id"]) == set(trained)
    last = curves.sort_values("epoch").groupby("run_id").last().loc[trained]
    linear = runs[runs["run_id"].isin(trained) & (runs["experiment"] == "linear_regression")].set_index("run_id")
    assert (last.loc[linear.index, "risk"] == linear["risk"]).all(), "a curve ends where its run ends"
    results = finished.folder / "results"
    assert (results / "report.html").stat().st_size > 50_000
    assert (results / "report.pdf").read_bytes().startswith(b"%PDF")
    for name in ("cells", "settings", "gates", "theory", "provenance"):
        assert len(pd.read_csv(results / "tables" / f"{name}.csv")) == len(table(finished, name)) > 0
    provenance = table(finished, "provenance")
    analysed = json.loads((results / "environment.json").read_text(encoding="utf-8"))
    assert {analysed["configuration"]} == set(provenance["configuration"])
    assert {analysed["versions"]["pandas"]} == set(provenance["pandas"])
    logs = {path.stem for path in (results / "logs" / "train").rglob("*.log")}
    assert logs == set(provenance["cohort"])
    # Four seeds in two settings of six cells, 200 weights and a bias each.
    assert len(table(finished, "predictions_linear_regression")) == 4 * 2 * 6 * 201
    assert not list(results.rglob("*.part")), "nothing half-written is left"
    done = finished.snakemake()
    assert "Nothing to be done" in done.stdout + done.stderr


def networks(*cells: str, seeds: str = "0-1") -> set[str]:
    return {f"fashion_mnist brief-{cell}-s{seeds}" for cell in cells}


PLAIN, DROPPED = "none-lam0-p0_0", "dropout-lam0-p0.5_0.5"
DECAYED, BOTH = "weight_decay-lam0.001-p0_0", "dropout_weight_decay-lam0.001-p0.5_0.5"


def test_a_change_of_the_configuration_trains_exactly_what_is_new_and_every_block_of_more_seeds(project):
    """Of both experiments, several changes at once: tests/study/test_plan.py has each alone."""
    methods = ["none", "l2_penalty", "ridge", "early_stopping"]
    project.configure(
        changed(
            linear_regression={"methods": methods, "lam": [0, 3, 10, 30]},
            fashion_mnist={"lam": [0, 0.001, 0.01], "p": [0, 0.5, 0.9]},
        )
    )
    assert project.training_jobs() == {
        *(f"linear_regression {name}-n20-s0-3" for name in ("l2_penalty", "ridge", "early_stopping")),
        *networks("weight_decay-lam0.01-p0_0", "dropout-lam0-p0.9_0.9"),
        *networks(
            *(f"dropout_weight_decay-lam{cell}" for cell in ("0.01-p0.5_0.5", "0.001-p0.9_0.9", "0.01-p0.9_0.9"))
        ),
    }
    project.configure(changed(fashion_mnist={"seeds": 8}))
    expected = [networks(PLAIN, DECAYED, DROPPED, BOTH, seeds=seeds) for seeds in ("0-5", "6-7")]
    assert project.training_jobs() == set.union(*expected)


def test_a_change_of_code_trains_exactly_what_it_can_touch_and_of_a_task_its_experiment(project):
    """Two methods, a task, a docstring and the aggregation at once: study/test_fingerprint.py has more, each alone."""
    library = "scripts/regularization"
    project.edit(f"{library}/methods/l2_penalty.py", "self.lam / 2", "0.5 * self.lam")
    project.edit(f"{library}/methods/ridge.py", "(x, y, lam)", "(x, y, 1.0 * lam)")
    project.edit(f"{library}/training/network.py", '"""Many networks', '"""A great many networks')
    with (project.folder / library / "analysis" / "aggregation.py").open("a") as file:
        file.write("\nUNRELATED = 1\n")
    project.edit(f"{library}/training/tasks/fashion_mnist.py", "_CHUNK = 1_000", "_CHUNK = 500")
    methods = {f"linear_regression {method}-n20-s0-3" for method in ("l2_penalty", "ridge")}
    assert project.training_jobs() == methods | networks(PLAIN, DECAYED, DROPPED, BOTH)


def test_with_another_version_of_a_library_everything_is_analysed_anew_and_nothing_trained(
    project, tmp_path, monkeypatch
):
    """A made-up version that Python finds before the installed one; the code is the same."""
    found_first = tmp_path / "first" / "statsmodels-99.dist-info"
    found_first.mkdir(parents=True)
    (found_first / "METADATA").write_text("Metadata-Version: 2.1\nName: statsmodels\nVersion: 99\n")
    monkeypatch.setenv("PYTHONPATH", str(found_first.parent))
    jobs = project.jobs()
    assert jobs >= {
        *("Aggregate linear_regression", "Compute the theory", "Estimate bias and variance"),
        *("Measure what tuning costs", "Weigh the claims", OF_SETUPS, "Render the report"),
        *("Fit the chapter's example: y = x² and x₁x₂", "Plan the study"),
    }
    assert not {job for job in jobs if job.startswith(("Train", "Fetch"))}


def test_a_change_of_the_reports_text_renders_and_does_nothing_else(project):
    section = sorted((project.folder / "report" / "sections").glob("*.md.j2"))[0]
    section.write_text(section.read_text() + "\nA remark.\n")
    assert {job for job in project.jobs() if not job.startswith("all")} == {"Render the report"}


def measuring(jobs: set[str]) -> set[str]:
    """The jobs that train, measure, weigh or draw; the others write down and render."""
    return {job for job in jobs if re.match("Train|Aggregate|Co|Fit|E|Me|Weigh|Ask|Draw", job)}


def test_what_no_table_follows_from_measures_nothing_anew(project):
    """A setting that nothing trains, a sentence below the title, and another claim's code."""
    settings = {"linear_regression": {"unused": {"noise_std": 0.5}, **MINI["settings"]["linear_regression"]}}
    project.configure({**MINI, "settings": {**MINI["settings"], **settings}, "introduction": "A sentence."})
    assert measuring(jobs := project.jobs()) == set()
    assert {"Plan the study", "Render the report"} <= jobs
    weighed = {"Weigh the claims", "Ask the rules where there is nothing to find", "Draw the figures of claims"}
    project.configure({**MINI, "claims": ["c01", "c05"]})
    assert measuring(project.jobs()) == weighed
    project.configure(MINI)
    path = "scripts/regularization/claims/chapter/c05_larger_decay_smaller_weights.py"
    project.edit(path, "CLAIM = ", "UNRELATED = 1\nCLAIM = ")
    assert measuring(project.jobs()) == weighed


def test_make_plan_says_in_ten_lines_what_would_be_trained_anew_and_why_and_changes_nothing(project):
    project.edit("scripts/regularization/methods/ridge.py", "(x, y, lam)", "(x, y, 1.0 * lam)")
    project.configure({**MINI, "device": "auto"})
    files = {path: path.stat().st_mtime for path in (project.folder / "results").rglob("*")}
    done = project.run_study("--plan", CUDA_VISIBLE_DEVICES="")
    assert len(said := (done.stdout + done.stderr).splitlines()) <= 10
    reason = "1 was trained with other code than the study's (ridge)"
    assert f"  train linear_regression: 24 runs in 1 jobs: {reason}" in said
    assert {path: path.stat().st_mtime for path in (project.folder / "results").rglob("*")} == files
    shown = project.snakemake("--dry-run", "--printshellcmds")
    commands = [line for line in (shown.stdout + shown.stderr).splitlines() if "train_cohort.py" in line]
    assert len([line for line in commands if '"device": "auto"' in line]) == len(commands) == 1, "as it is written"


def test_what_a_study_no_longer_asks_for_is_no_job_and_its_files_are_gone(project):
    results, nothing = project.folder / "results", {"predictions": False}
    made = [*results.glob("tables/decomposition.*"), *results.glob("figures/bias-variance-linear.*")]
    assert len(made := [*made, results / "claims.json"]) == 2 + 6 + 1
    project.configure({**changed(linear_regression=nothing, fashion_mnist=nothing), "claims": []})
    assert not {job for job in project.jobs() if re.match("E|Weigh|Ask|Fit|Draw the figures of (bias|claims)", job)}
    project.snakemake("results/config.json")
    assert not [path for path in made if path.exists()]
    assert "figures/bias" not in (results / "manifest.json").read_text()
    assert (results / "tables" / "cells.parquet").is_file()


def test_the_speed_is_measured_when_asked_for_and_then_only_the_report_is_made_anew(project):
    measured = "Measure the speed; the machine should be idle otherwise"
    assert {job for job in project.jobs("benchmark") if not job.startswith("benchmark")} == {measured}
    benchmark = project.folder / "results" / "benchmark.csv"
    for content in ("first", "second"):
        benchmark.write_text(content)
        assert {job for job in project.jobs() if not job.startswith("all")} == {"Render the report"}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("scripts/regularization/reporting/figures/setups.py", "panels(1.9,", "panels(2.0,"),
        ("report/figures/setup-linear.md.j2", "the darker the larger", "and the darker the larger"),
    ],
    ids=["its drawing", "its words"],
)
def test_a_change_of_a_figure_draws_its_section_and_renders(project, path, old, new):
    project.edit(path, old, new)
    jobs = project.jobs()
    assert jobs >= {OF_SETUPS, "Render the report"}
    assert {job for job in jobs if job.startswith(("Draw", "Train"))} == {OF_SETUPS}


def test_the_claims_are_weighed_while_figures_that_need_none_are_drawn(finished):
    """The report waits for both; drawn first, the figures would leave a core idle for as long as the claims take."""
    records = [json.loads(path.read_text()) for path in (finished.folder / ".snakemake" / "metadata").iterdir()]
    weighed = min(record["starttime"] for record in records if record["rule"] == "claims")
    drawn = {record["log"][0]: record["starttime"] for record in records if "figures_of" in record["rule"]}
    before = [start for start in drawn.values() if start < weighed]
    assert len(before) < len(drawn) / 2


def test_a_planned_run_that_is_missing_stops_the_aggregation_by_name(project):
    victim = next((project.folder / "results" / "cohorts" / "fashion_mnist").glob("*-none-*/runs.parquet"))
    runs, provenance = pd.read_parquet(victim), pd.read_parquet(victim.with_name("provenance.parquet"))
    runs.iloc[1:].to_parquet(victim)
    integrity.seal(provenance.drop(columns="content").to_dict("records")[0], victim.parent)  # as a faulty trainer would
    where = "--config results/config.json --cohorts results/cohorts/fashion_mnist"
    arguments = [
        *where.split(" "),
        "--experiment",
        "fashion_mnist",
        "--output",
        "elsewhere",
        "--predictions",
        "elsewhere.parquet",
    ]
    done = project.run(sys.executable, "scripts/aggregate_experiment.py", *arguments)
    assert done.returncode != 0
    assert "1 missing:\n    fashion_mnist:brief:none:lam=0:p=0/0:seed=0" in done.stderr


def test_a_gate_that_does_not_hold_fails_the_study_and_the_report_says_so(project):
    """The table as it is where the gate asks for more; another configuration would draw every figure anew."""
    gates, results = table(project, "gates"), project.folder / "results"
    assert gates[["method", "at_least"]].values.tolist() == [["none", MINI["gates"][0]["at_least"]]]
    gates.assign(at_least=1.0, passed=False).to_parquet(results / "tables" / "gates.parquet")
    done = project.snakemake(check=False)
    assert done.returncode != 0
    assert "FAILED: fashion_mnist brief none" in done.stdout + done.stderr
    assert not (results / "gates.passed").exists()
    assert "1 check of 1 failed" in (results / "report.html").read_text(encoding="utf-8")


def test_the_workflow_is_linted_and_formatted(finished):
    lint = finished.snakemake("--lint", check=False)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    sources = [*finished.folder.glob("workflow/**/*.smk"), *finished.folder.glob("workflow/**/Snakefile")]
    command = [sys.executable, "-m", "snakefmt", "--config", ROOT / "pyproject.toml", "--check", *sources]
    formatted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr
