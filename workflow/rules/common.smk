# The validated configuration, the cohorts of the plan, and what the rules share.
import hashlib
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from regularization import configuration, plan
from regularization.fingerprint import PACKAGE, fingerprint

try:
    STUDY = configuration.validated(config)
except configuration.ConfigurationError as error:
    raise WorkflowError(str(error)) from None

# Jobs that must not depend on the plan's job get the configuration on standard input: a job whose only other input is
# `ancient` and about to be made again is not asked whether its own params have changed.
CONFIG = STUDY.as_json()
RESULTS = str(STUDY.results)
LOGS = f"{RESULTS}/logs"
ENVIRONMENT = "../../environment.yml"
COHORTS = {(cohort.experiment, cohort.name): cohort for cohort in plan.cohorts(STUDY)}
COHORT_TABLES = ("runs", "curves", "predictions", "provenance")


wildcard_constraints:
    experiment="weight_decay|dropout",
    cohort="[^/]+",


def output_folder(wildcards, output):
    return str(Path(output[0]).parent)


def code_of(script, *modules):
    """Fingerprint of a script of scripts/ with all it imports: as a param it re-runs exactly what a change can touch."""
    return fingerprint(SCRIPTS / script, *(PACKAGE / module for module in modules))


def cohort_of(wildcards):
    return COHORTS[wildcards.experiment, wildcards.cohort]


def training_data(wildcards):
    return f"{RESULTS}/data/fetch.json" if wildcards.experiment == "dropout" else []


def training_code(wildcards):
    method = cohort_of(wildcards).cells[0].method
    task = "tasks/fashion_mlp.py" if wildcards.experiment == "dropout" else "tasks/linear_regression.py"
    trainer = "closed_form.py" if plan.method_class(method).closed_form else "training.py"
    return fingerprint(PACKAGE / trainer, PACKAGE / task, PACKAGE / "methods" / f"{method}.py")
