"""What jobs cost, from measurements: the time they take, and the memory and run time that a cohort asks a cluster for.

`tables/provenance` of a study holds the measurements (peak memory, wall time of every job). The requests are meant to
hold on slower machines too, and grow with every attempt: a job that was killed for asking too little asks for more.
"""

import math

from regularization.methods import method_class
from regularization.settings import setting_class
from regularization.study.configuration import Configuration
from regularization.study.plan import Cohort

SLOWER = 4  # times a slow or busy node may be slower than typical
START_UP_MINUTES = 10  # of a job on a busy file system; closed forms need no more
BASE_MB = 2000  # Python with its libraries and the images
CUDA_MB = 3000  # what CUDA takes of the node's memory, beside its own
INPUTS = 3  # copies of a linear cohort's inputs: drawn, as tensors, permuted
RUN_MB = 0.02  # a run's rows in the tables
JOB_DISK_MB, RUN_DISK_MB = 0.06, 0.0012  # stay on the disk, with the tables made of them
START_UP = 4.0  # seconds until a job trains, on an idle machine
ANALYSIS = 3.0  # seconds of a job that trains nothing, and more for some: constant, and for each run of the study
MORE = {"benchmark": 200.0, "examples": 20.0, "report": 25.0}
MORE_A_RUN = {"theory": 0.0005, "claims": 0.0002}


class Speed:
    """Work done in a second: as declared, which weighs as much as `seconds` of measurements, and then as measured."""

    def __init__(self, declared: float, seconds: float) -> None:
        self._work, self._seconds = declared * seconds, seconds

    def learn(self, work: float, seconds: float) -> None:
        self._work += work
        self._seconds += seconds

    def seconds(self, work: float) -> float:
        return work * self._seconds / self._work


def analysis_seconds(rule: str, n_runs: int) -> float:
    """Estimate what a job that trains nothing takes in a study of so many runs."""
    return ANALYSIS + MORE.get(rule, 0.0) + MORE_A_RUN.get(rule, 0.0) * n_runs


def minutes(cohort: Cohort, configuration: Configuration, attempt: int = 1) -> int:
    """Return the run time to ask for, in minutes; `attempt` is 1, and one more after each failure."""
    seconds = cohort.work(configuration) / setting_class(cohort.experiment).speed
    return attempt * math.ceil(START_UP_MINUTES + SLOWER * seconds / 60)


def memory_mb(cohort: Cohort, configuration: Configuration, device: str, attempt: int = 1) -> int:
    """Return the memory of the node to ask for, in MB; `attempt` as for `minutes`, and the device ("cpu" or "cuda")."""
    cells = [(cell, cohort.n_runs_of(cell)) for cell in cohort.cells]
    settings = configuration.settings[cohort.experiment]
    inputs = max(n * settings[cell.setting].inputs_mb for cell, n in cells)  # programs follow one another
    predicted = setting_class(cohort.experiment).predicted_mb * sum(n for cell, n in cells if cell.predictions)
    cuda = CUDA_MB if device == "cuda" and not method_class(cohort.method).closed_form else 0
    needed = BASE_MB + cuda + INPUTS * inputs + RUN_MB * cohort.n_runs + predicted
    return attempt * 100 * math.ceil(needed / 100)


def disk_mb(cohort: Cohort) -> float:
    """Estimate what a cohort's numbers take on the disk, with all tables made of them, in MB."""
    predicted = max(setting_class(cohort.experiment).predicted_mb / 16, 0.004)
    kept = sum(cohort.n_runs_of(cell) for cell in cohort.cells if cell.predictions)
    return JOB_DISK_MB + RUN_DISK_MB * cohort.n_runs + predicted * kept
