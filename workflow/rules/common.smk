# The validated configuration, the cohorts of the plan, and what the rules share.
import json
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

RESULTS = str(STUDY.results)
LOGS = f"{RESULTS}/logs"
ENVIRONMENT = "../../environment.yml"
COHORTS = {(cohort.experiment, cohort.name): cohort for cohort in plan.cohorts(STUDY)}
COHORT_TABLES = ("runs", "curves", "predictions", "provenance")


wildcard_constraints:
    experiment="weight_decay|dropout",
    cohort="[^/]+",


def code_of(script, *modules):
    """Fingerprint of a script of scripts/ with all it imports: as a param it re-runs exactly what a change can touch."""
    return fingerprint(SCRIPTS / script, *(PACKAGE / module for module in modules))


rule plan:
    output:
        config=f"{RESULTS}/config.json",
        runs=f"{RESULTS}/plan.parquet",
        left_out=f"{RESULTS}/left_out.csv",
    log:
        f"{LOGS}/plan.log",
    params:
        config=json.dumps(config),
        folder=RESULTS,
        code=code_of("plan_study.py"),
    conda:
        ENVIRONMENT
    message:
        "Plan the study"
    shell:
        "python scripts/plan_study.py --output {params.folder:q} <<< {params.config:q} 2> {log:q}"
