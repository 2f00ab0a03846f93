# The validated configuration, the cohorts of the plan, and what the rules share.
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.enums import Quietness
from snakemake.sourcecache import LocalGitFile, LocalSourceFile


def project_folder():
    """Where this project is, also for a workflow that imports it as a `module`.

    What comes from a repository (`github(…)`, snakedeploy) is laid out in .snakemake: programs need all of its files.
    """
    here = workflow.current_basedir
    if isinstance(here, LocalSourceFile):
        return Path(here.get_path_or_uri(secret_free=True)).parents[1]
    source = Path(here.repo_path if isinstance(here, LocalGitFile) else here.hosted_repo.repo_clone).absolute()
    folder = Path(".snakemake", "regularization-study").absolute()
    if workflow.is_main_process:
        folder.mkdir(parents=True, exist_ok=True)
        for command in (["init"], ["fetch", str(source), here.ref], ["checkout", "--force", "--detach", "FETCH_HEAD"]):
            subprocess.run(["git", command[0], "--quiet", *command[1:]], check=True, cwd=folder)
    return folder


# Jobs start from the folder of the results. Relative, as commands that change make their jobs run again.
PROJECT = os.path.relpath(project_folder())
SCRIPTS = Path(PROJECT, "scripts").absolute()
REPORT = os.path.normpath(f"{PROJECT}/report")


def program(command, variables=""):
    """The shell command of one of the programs of scripts/, its log, and environment variables before it."""
    folder = shlex.quote(os.path.normpath(f"{PROJECT}/scripts")).replace("{", "{{").replace("}", "}}")
    return f"{variables}python {folder}/{command} > {{log:q}} 2>&1"


sys.path.insert(0, str(SCRIPTS))

from regularization.analysis.catalogue import COLLECTED, TABLES, asked, tables_of
from regularization.columns import COHORT_FILES
from regularization.study import costs, manifest, plan, progress, reading, terminal
from regularization.system import devices, machine
from regularization.reporting.drawing import catalogue as drawings
from regularization.study.fingerprint import fingerprint, training_code
from regularization.methods import method_class
from regularization.settings import EXPERIMENTS, setting_class

# On a cluster jobs run on machines that this one cannot look into; in their own processes everything is checked already.
ON_A_CLUSTER = workflow.remote_exec or workflow.resource_settings.nodes is not None

try:
    for path in workflow.configfiles:
        reading.load([path])  # names keys given twice, of which Snakemake keeps the last
    STUDY = reading.validated(
        config, check_machine=workflow.is_main_process, check_device=workflow.is_main_process and not ON_A_CLUSTER
    )
except reading.ConfigurationError as error:
    raise WorkflowError(str(error)) from None

RESULTS = str(STUDY.results)
LOGS = f"{RESULTS}/logs"
ENVIRONMENT = "../../environment.yml"
# `auto` must mean the same on every machine of a cluster: there it is the CPU, and a GPU is asked for by name.
DEVICE = "cuda" if STUDY.device == "cuda" else "cpu" if ON_A_CLUSTER else devices.chosen(STUDY.device)
COHORTS = {(cohort.experiment, cohort.name): cohort for cohort in plan.cohorts(STUDY)}
SOFTWARE = json.dumps(machine.versions(machine.OF_THE_ANALYSES))
FETCHED = [f"{RESULTS}/data/fetch.json"] if STUDY.needs_images else []
DATA = f"--data {shlex.quote(f'{RESULTS}/data')}" if FETCHED else ""
# Only what the study asks for is a job.
ASKED = asked(STUDY)
BASIC_TABLES = tuple(tables_of("collected", "theory"))
ANALYSES = tuple(name for name in tables_of("analysis") if name in ASKED)
FIGURES = drawings.asked(STUDY)
PREDICTIONS = expand(f"{RESULTS}/tables/predictions_{{experiment}}.parquet", experiment=STUDY.experiments)
LEDGERS = [f"{RESULTS}/claims.json", f"{RESULTS}/controls.json"] if "claims" in ASKED else []
# The longest way from the last cohort to the report leads over the claims: figures fill the cores that it leaves free, and
# the theory, which needs the configuration alone, is computed while cohorts still train.
BEFORE_FIGURES = 1


# What a shell or a notebook exported for itself is not meant for jobs, and their text is UTF-8 in every locale.
for variable in ("MPLBACKEND", "PYTHONHOME", "PYTHONINSPECT", "PYTHONOPTIMIZE", "PYTHONSAFEPATH", "PYTHONWARNINGS"):
    os.environ.pop(variable, None)
os.environ |= {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}


if not workflow.deployment_settings.deployment_method:
    # Jobs find the programs of Snakemake's own environment, whatever the shell that started it, or a node's, has.
    own_programs = shlex.quote(str(Path(sys.executable).parent)).replace("{", "{{").replace("}", "}}")
    shell.prefix(f'set -euo pipefail; export PATH={own_programs}:"$PATH"; ')


def to_be_done():
    """The jobs of this run, for the line of progress and for what a dry run says."""
    jobs = {
        job: COHORTS.get((job.wildcards.get("experiment"), job.wildcards.get("cohort"))) for job in workflow.dag.jobs
    }
    needed = {job.jobid: progress.Job(job.rule.name, jobs[job]) for job in workflow.dag.needrun_jobs() if job.output}
    trained = [cohort for job, cohort in jobs.items() if cohort and job.jobid not in needed]
    devices_at_once = workflow.global_resources.get("gpu") if DEVICE == "cuda" else None
    at_once = devices_at_once or workflow.resource_settings.cores or workflow.resource_settings.nodes or 1
    return progress.Progress(STUDY, needed, trained, at_once)


# What the profiles ask for is said in few words; whoever asks for something else (--quiet host, -p, --verbose) gets that.
said = workflow.output_settings
in_few_words = set(said.quiet or ()) == {Quietness.HOST, Quietness.REASON} and not (said.printshellcmds or said.verbose)
if workflow.is_main_process and workflow.modifier.is_main_snakefile() and in_few_words:
    terminal.take_over(to_be_done, said.dryrun)


onstart:
    if workflow.executor_plugin.name == "slurm" and shutil.which("sbatch") is None:
        raise WorkflowError(
            "Slurm's command sbatch is not on this machine: the slurm profile starts jobs with it.\n"
            "Start on a login node of the cluster, or leave the profile out to run on this machine alone."
        )
    if workflow.is_main_process:
        # What an earlier configuration asked for is deleted: nothing may read it now.
        others = [
            *(f"tables/{name}" for name in TABLES.keys() - ASKED),
            *([] if LEDGERS else ["claims", "controls"]),
        ]
        others += [f"figures/{name}" for name in drawings.FIGURES.keys() - FIGURES]
        others = [path for name in others for path in Path(RESULTS).glob(f"{name}.*")]
        anew = [file for job in workflow.dag.needrun_jobs() for file in job.output]
        manifest.strike(STUDY.results, map(str, [*anew, *others]))
        for path in others:
            path.unlink(missing_ok=True)


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    cohort="[^/]+",
    arithmetic="[a-z0-9]+",


def output_folder(wildcards, output):
    return str(Path(output[0]).parent)


def folder_of(name, above=1):
    """The folder of some of a job's input files, or the one so many above them, for a command that takes a folder."""

    def folder(wildcards, input):
        return str(Path(input[name][0]).parents[above - 1])

    return folder


def parquet(*names):
    """The files in which some tables are read."""
    return [f"{RESULTS}/tables/{name}.parquet" for name in names]


def files_of(*names):
    """All files of some tables: Parquet, and CSV where they are stored as that too."""
    return [f"{RESULTS}/tables/{name}.{kind}" for name in names for kind in TABLES[name].kinds]


def resolved_config(wildcards, output):
    """The configuration for a job's standard input, on one line: a failed job shows its command.

    No job that trains or measures takes it from the plan's job: Snakemake does not look at a job's params when a producer
    of its inputs is about to run, and a change would be missed. As a function of `output` it is no part of the provenance.
    """
    return STUDY.as_json(indent=None)


def code_of(script, plugins="", modules=()):
    """Fingerprint of a script of scripts/ with all it imports: as a param it re-runs exactly what a change can touch.

    What the script finds by itself is named: `plugins`, a folder of the library, or `modules`, files of it.
    """
    library = SCRIPTS / "regularization"
    found = sorted((library / plugins).glob("[!.]*.py")) if plugins else []
    return fingerprint(SCRIPTS / script, *found, *(library / module for module in modules))


def cohort_of(wildcards):
    return COHORTS[wildcards.experiment, wildcards.cohort]


@cache
def upstream(*codes):
    """Hash of all that a table follows from but its own script: configuration, training code, the scripts before it.

    Beside the times of the files, which say little where a clock jumps, it makes a job run again where a change came
    before it. The versions of the libraries are in it: what is analysed with other ones is analysed anew, so that
    environment.json speaks for all tables. Cohorts, which carry their own versions, are not trained anew for that.
    """
    training = sorted({training_code(cohort.experiment, cohort.method) for cohort in COHORTS.values()})
    return hashlib.sha256("\n".join([STUDY.measured, SOFTWARE, *training, *codes]).encode()).hexdigest()[:16]


def upstream_of_tables(wildcards):
    return upstream(code_of("aggregate_experiment.py"), code_of("collect_tables.py"))


@cache
def analysis_codes():
    scripts = ("aggregate_experiment", "collect_tables", "make_theory", *(f"make_{name}" for name in ANALYSES))
    return tuple(code_of(f"{name}.py") for name in scripts)


def upstream_of_analyses(wildcards):
    return upstream(*analysis_codes())


def upstream_of_ledgers(wildcards):
    return upstream(*analysis_codes(), code_of("evaluate_claims.py", plugins="claims/chapter"), repr(STUDY.claims))


def digest_of(paths):
    """Hash of files; as a param it makes a job run again where the files' times do not show that they changed."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


def figure_templates(names):
    """The words of some figures, what the words of all figures share, and the slide that their titles stand on."""
    return [
        *(f"{REPORT}/figures/{name}.md.j2" for name in names),
        f"{REPORT}/figures/shared.md.j2",
        f"{REPORT}/slide.typ",
    ]


def figure_code(names):
    """Fingerprint of what can change some figures: their modules, and what draws and stores them."""
    modules = sorted({f"reporting/figures/{FIGURES[name].module.replace('.', '/')}.py" for name in names})
    return code_of("make_figures.py", modules=modules)


def benchmark_digest(wildcards):
    """The report has a table of the speed once it was measured. As an input that table would be measured anew for it."""
    measured = Path(RESULTS, "benchmark.csv")
    return digest_of([measured] if measured.is_file() else [])


def other_arithmetics(wildcards):
    """Networks trained in other processors' instructions vary the verdicts, once there are any (rule verify_verdicts)."""
    folders = [path.parent for path in sorted(Path(RESULTS, "arithmetics").glob("*/predictions_fashion_mnist.parquet"))]
    return " ".join(f"--other-arithmetic {shlex.quote(str(folder))}" for folder in folders)


def finished_jobs(wildcards, output):
    """Where a finished study's jobs are recorded, if there is one: the benchmark trains none."""
    provenance = f"{RESULTS}/tables/provenance.parquet"
    return f"--provenance {shlex.quote(provenance)}" if Path(provenance).is_file() else ""
