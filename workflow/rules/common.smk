# The validated configuration, the cohorts of the plan, and what the rules share.
import hashlib
import shlex
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from regularization import configuration, plan
from regularization.figures.catalogue import FIGURES
from regularization.fingerprint import fingerprint, training_code
from regularization.reporting.captions import caption

try:
    for path in workflow.configfiles:
        configuration.load([path])  # names keys given twice, of which Snakemake keeps the last
    STUDY = configuration.validated(config)
except configuration.ConfigurationError as error:
    raise WorkflowError(str(error)) from None

RESULTS = str(STUDY.results)
LOGS = f"{RESULTS}/logs"
ENVIRONMENT = "../../environment.yml"
COHORTS = {(cohort.experiment, cohort.name): cohort for cohort in plan.cohorts(STUDY)}
COHORT_TABLES = ("runs", "curves", "predictions", "probes", "provenance")


wildcard_constraints:
    experiment="weight_decay|dropout",
    cohort="[^/]+",
    figure="[a-z0-9-]+",


def output_folder(wildcards, output):
    return str(Path(output[0]).parent)


def resolved_config(wildcards, output):
    """The configuration for a job's standard input.

    Cohorts must not take it from the plan's job: Snakemake does not look at a job's params when a producer of its inputs
    is about to run, not even for `ancient` inputs, and a change would be missed. As a function of `output` it is no part
    of the provenance, so that only what a job declares beside it (its runs, its code) makes it run again.
    """
    return STUDY.as_json()


def code_of(script, plugins="", module=""):
    """Fingerprint of a script of scripts/ with all it imports: as a param it re-runs exactly what a change can touch.

    What the script finds by itself is named: `plugins`, a folder of the library, or `module`, one file of it.
    """
    library = SCRIPTS / "regularization"
    found = sorted((library / plugins).glob("*.py")) if plugins else []
    return fingerprint(SCRIPTS / script, *found, *([library / module] if module else []))


def cohort_of(wildcards):
    return COHORTS[wildcards.experiment, wildcards.cohort]


def training_data(wildcards):
    """Whenever and wherever from the data were fetched, they are the same: fetching them again trains nothing."""
    return ancient(f"{RESULTS}/data/fetch.json") if wildcards.experiment == "dropout" else []


@cache
def origin(*codes):
    """Hash of all that a table follows from but its own script: configuration, training code, the scripts before it.

    Beside the times of the files, which say little where a clock jumps, it makes a job run again where a change came
    before it.
    """
    training = sorted({training_code(cohort.experiment, cohort.method) for cohort in COHORTS.values()})
    return hashlib.sha256("\n".join([STUDY.as_json(), *training, *codes]).encode()).hexdigest()[:16]


def origin_of_cohorts(wildcards):
    return origin()


def origin_of_tables(wildcards):
    return origin(code_of("aggregate_experiment.py"), code_of("collect_tables.py"))


@cache
def analysis_codes():
    scripts = ("aggregate_experiment", "collect_tables", "make_theory", *(f"make_{name}" for name in ANALYSES))
    return (*(code_of(f"{name}.py") for name in scripts), code_of("evaluate_claims.py", plugins="claims"))


def origin_of_analyses(wildcards):
    return origin(*analysis_codes())


def report_sources(wildcards):
    """Hash of the report's text, style and fonts."""
    digest = hashlib.sha256()
    for path in REPORT_SOURCES:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


def data_option(record):
    """The option that names the folder of the data, quoted for the shell; nothing where no data are needed."""
    return shlex.join(["--data", str(Path(record).parent)]) if record else ""


def figure_code(wildcards):
    """Fingerprint of what can change one figure: its module, and what draws and stores it."""
    return code_of("make_figures.py", module=f"figures/{FIGURES[wildcards.figure].module}.py")


def figure_category(wildcards):
    """The part of the report that a figure stands in, for Snakemake's own report."""
    return FIGURES[wildcards.figure].section.replace("_", " ").capitalize()


def figure_caption(wildcards, output):
    """A figure's words once it is drawn, for Snakemake's own report; depending on `output`, it re-runs nothing."""
    return caption(Path(output.words))
