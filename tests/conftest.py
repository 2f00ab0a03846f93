"""What all tests share. Properties are checked on the same examples every time, however slow the machine is.

`pytest --hypothesis-profile thorough` looks for new counterexamples.
"""

import gc
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import shared
from regularization.system import job

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("same")

# The longest first, so that no process is left alone with them at the end; others than wait for the finished study.
FIRST = ("workflow/test_slurm", "workflow/test_faults", "workflow/test_interruptions", "programs/test_set_up")
FIRST += ("test_random_studies", "test_arithmetics", "workflow/", "training/", "browser/", "pdf/", "theory/")

# Files of many tests that take seconds each.
SLOW = ("figures/test_figures", "figures/test_narrow", "reporting/test_", "pdf/", "theory/test_agreement")
SLOW += ("training/test_engine", "programs/test_train_one", "claims/test_script", "test_notebook")
SLOW += ("analysis/test_compare", "bad_inputs/test_command")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(f"tests/{name}" in str(item.path) for name in SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: next((i for i, name in enumerate(FIRST) if f"tests/{name}" in str(item.path)), 99))


def pytest_collection_finish() -> None:
    gc.freeze()  # statsmodels collects garbage at every call, which looks through all that was imported for the tests


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # the process that the others answer to ends last
        for folder in Path(shared.root().parent).glob(f"regularization-tests-{_run(session)}"):
            shutil.rmtree(folder, ignore_errors=True)


def _run(session: pytest.Session) -> str:
    manager = session.config.pluginmanager.get_plugin("dsession")
    return manager.nodemanager.testrunuid if manager else shared.RUN


@pytest.fixture(autouse=True)
def _denormals_as_they_were():
    """The trainer flushes denormal numbers to zero for its whole process; a test must not leave that to the next."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
