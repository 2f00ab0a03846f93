"""Snakemake's messages in few words; whatever goes wrong with that, Snakemake's own are there."""

import io
import logging
from unittest.mock import Mock

import pytest

from regularization.study import terminal
from regularization.study.progress import Job, Progress
from studies import entry, study


@pytest.fixture
def said(monkeypatch):
    """What is said; Snakemake's own handler, as it is set up, would say it with its level."""
    own = logging.StreamHandler(io.StringIO())
    own.nocolor, own.name = True, "DefaultStreamHandler"
    own.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    monkeypatch.setattr(terminal.SNAKEMAKE, "handlers", [own])
    monkeypatch.setattr(terminal.SNAKEMAKE, "propagate", False)
    monkeypatch.setattr(terminal.signal, "signal", Mock())
    terminal.SNAKEMAKE.setLevel(logging.INFO)
    return own.stream.getvalue


def log(message: str, level: int = logging.INFO, **told: object) -> None:
    terminal.SNAKEMAKE.log(level, message, extra=told)


@pytest.fixture
def progress():
    return Progress(study(entry("linear_regression", methods=["none"], seeds=2)), {1: Job("claims")})


def test_what_says_nothing_new_is_left_out_and_all_else_said_once(said, progress):
    terminal.take_over(lambda: progress, dry_run=False)
    log("Building DAG of jobs...")
    log("Creating an environment")
    log("Job stats:", event="run_info")
    log("Select jobs to execute...")
    log("", event="job_info", jobid=1, rule_msg="Weigh the claims", rule_name="claims")
    log("The disk is nearly full", level=logging.WARNING)
    log("Trying to restart job 1.")
    log("", event="job_finished", job_id=1)
    terminal.SNAKEMAKE.handlers[0].close()
    assert said().splitlines() == [
        "INFO Creating an environment",
        "0 of 1 jobs · about 3 s left",
        "WARNING The disk is nearly full",
        "INFO Trying to restart job 1.",
        "1 of 1 jobs done in 0 s.",
    ]


def test_a_long_log_is_shown_from_its_end_and_a_long_command_not_at_all(said, progress, tmp_path):
    (tmp_path / "claims.log").write_text("".join(f"line {i}\n" for i in range(100)))
    terminal.take_over(lambda: progress, dry_run=False)
    log("", event="run_info")
    log("Command 'python <<< {…}\n' died with <Signals.SIGKILL: 9>.", level=logging.ERROR)
    log("", event="job_error", jobid=1, rule_name="claims", aux={"job": 7}, log=[tmp_path / "claims.log", "no.log"])
    terminal.SNAKEMAKE.handlers[0].close()
    assert said().splitlines() == [
        "0 of 1 jobs · about 3 s left",
        "ERROR The command died with <Signals.SIGKILL: 9>.",
        "Error in rule claims: a job failed.",
        "  job: 7",
        f"  its log, {tmp_path / 'claims.log'}, ends:",
        *(f"    line {i}" for i in range(80, 100)),
        "  its log, no.log:",
        "    there is none",
        f"0 of 1 jobs done in 0 s, 1 failed. {terminal.GO_ON}",
    ]


@pytest.mark.parametrize("where", ["the plan", "a message"])
def test_an_error_of_its_own_gives_the_word_back_to_snakemake(said, progress, where):
    plan = Mock(side_effect=KeyError("broken")) if where == "the plan" else lambda: progress
    terminal.take_over(plan, dry_run=False)
    log("Job stats:", event="run_info")
    log("Finished jobid: 1", event="job_finished")  # without the number that belongs to it
    log("Select jobs to execute...")
    lines = said().splitlines()
    assert [line for line in lines if line.startswith("WARNING No progress is shown: KeyError")] != []
    assert lines[-2:] == ["INFO Finished jobid: 1", "INFO Select jobs to execute..."]


def test_a_users_logger_plugin_stays(said, progress, monkeypatch):
    plugin = logging.StreamHandler(io.StringIO())
    monkeypatch.setattr(terminal.SNAKEMAKE, "handlers", [plugin])
    terminal.take_over(lambda: progress, dry_run=False)
    assert terminal.SNAKEMAKE.handlers == [plugin]


def test_what_fails_after_ctrl_c_is_not_said(said, progress):
    terminal.take_over(lambda: progress, dry_run=False)
    log("", event="run_info")
    handler = terminal.SNAKEMAKE.handlers[0]
    with pytest.raises(KeyboardInterrupt):
        handler.interrupt(2, None)
    log("", level=logging.ERROR, event="job_error", jobid=1)
    log("WorkflowError", level=logging.ERROR)
    handler.close()
    assert said().splitlines()[1:] == [f"Interrupted. {terminal.GO_ON}"]
