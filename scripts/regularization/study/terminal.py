"""What Snakemake says in the terminal, in few words: one line of progress, what fails, and how to go on.

The workflow sets it up itself, so that it is there wherever Snakemake is, without another package to be installed.
"""

import logging
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from regularization.study.progress import Progress, duration, line, summary

SNAKEMAKE = logging.getLogger("snakemake.logging")
GO_ON = "What is finished is kept: the same command goes on from there."
LAST_LINES = 20  # of a failed job's log
# Before the jobs start all is said but this; afterwards only warnings, errors and these.
KNOWN = (
    *("Assuming unrestricted", "Building DAG", "Using shell", "Provided"),
    *("Conda environments: ignored", "Rules clai"),
)
TOLD = ("Trying to restart", "Will exit after", "Waiting at most", "Unlocked")


class _Console(Console):
    """A console that leaves the cursor visible: a killed process could not bring it back."""

    def show_cursor(self, show: bool = True) -> bool:
        return False


class Terminal(logging.Handler):
    """Takes the place of Snakemake's own handler, and gives it back should anything in here fail.

    `plan` finds the jobs to be done, once Snakemake knows them; in a `dry_run` it is only said what would be done.
    """

    def __init__(self, own: Any, plan: Callable[[], Progress], dry_run: bool) -> None:
        super().__init__()
        self._own, self._plan, self._dry_run = own, plan, dry_run
        self._console = _Console(file=own.stream, no_color=own.nocolor or None, highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._progress: Progress | None = None
        self._running: dict[int, str] = {}
        self._interrupted = False
        self._failed = 0
        self._start = self._next = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._take(record)
        except Exception as error:
            self._give_back(error)
            self._own.handle(record)

    def _take(self, record: logging.LogRecord) -> None:
        event, told = str(getattr(record, "event", None) or ""), vars(record)
        if self._interrupted:
            pass
        elif self._progress is None:
            if event == "run_info":
                self._begin()
            elif event != "resources_info" and not str(record.msg).startswith(KNOWN):
                self._pass_on(record)
        elif self._dry_run:
            pass
        elif event == "job_info":
            self._progress.started(told["jobid"])
            self._running[told["jobid"]] = told["rule_msg"] or told["rule_name"]
        elif event == "job_finished":
            self._progress.finished(told["job_id"])
            self._running.pop(told["job_id"], None)
            self._write_now_and_then()
        elif event == "job_error":
            self._progress.failed(told["jobid"])
            self._failed += 1
            self._print(self._failure(told), "red")
        elif record.levelno >= logging.WARNING or str(record.msg).startswith(TOLD):
            self._pass_on(record)

    def _begin(self) -> None:
        self._progress = self._plan()
        if self._dry_run:
            self._print("\n".join([*summary(self._progress), "Every job with its reason: add --quiet host"]))
        elif self._own.stream.isatty() and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, get_renderable=self._bar, refresh_per_second=2, transient=True)
            self._live.start()
        else:
            self._write_now_and_then()

    def _bar(self) -> Table | str:
        try:
            assert self._progress is not None
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True, min_width=20)
            table.add_column(no_wrap=True, overflow="ellipsis")
            words = " · ".join([line(self._progress), *list(self._running.values())[-1:]])
            table.add_row(ProgressBar(total=1, completed=self._progress.share, width=20), Text(words))
            return table
        except Exception as error:
            return f"(no progress: {error!r})"

    def _write_now_and_then(self) -> None:
        """Where no line can be kept up to date, write one at growing intervals."""
        now = time.monotonic()
        if self._progress is not None and self._live is None and now >= self._next and self._progress.share < 1:
            self._print(line(self._progress))
            self._next = now + 10 + (now - self._start) / 2

    def _failure(self, told: dict[str, Any]) -> str:
        """Say which job failed, and the end of what it said."""
        lines = [f"Error in rule {told['rule_name']}: {self._running.pop(told['jobid'], 'a job')} failed."]
        lines += [f"  {name}: {value}" for name, value in told["aux"].items()]
        for log in told["log"]:
            try:
                said = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                said = ["there is none"]
            lines.append(f"  its log, {log}{', ends' if len(said) > LAST_LINES else ''}:")
            lines += [f"    {text}" for text in said[-LAST_LINES:]]
        return "\n".join(lines)

    def _pass_on(self, record: logging.LogRecord) -> None:
        """Say what Snakemake says, without the long command of a job that failed."""
        if self._own.filter(record) and (text := self._own.format(record)) not in ("", "None"):
            brief = re.sub(r"Command '.*' (returned|died)", r"The command \1", text, flags=re.DOTALL)
            self._print(brief, "red" if record.levelno >= logging.ERROR else None)

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Note that what fails from now on was interrupted."""
        self._interrupted = True
        signal.default_int_handler(number, frame)

    def _give_back(self, error: Exception) -> None:
        """Let Snakemake speak for itself again."""
        SNAKEMAKE.handlers = [self._own if handler is self else handler for handler in SNAKEMAKE.handlers]
        if self._live:
            self._live.stop()
        self._own.handle(SNAKEMAKE.makeRecord("", logging.WARNING, "", 0, f"No progress is shown: {error!r}", (), None))

    def close(self) -> None:
        """End the line of progress, and say what came of the run."""
        if self._live:
            self._live.stop()
        if self._interrupted:
            self._print(f"Interrupted. {GO_ON}")
        elif self._progress and not self._dry_run:
            jobs, took = f"{self._progress.n_done} of {len(self._progress.jobs)} jobs", time.monotonic() - self._start
            failed = f", {self._failed} failed. {GO_ON}" if self._failed else "."
            self._print(f"{jobs} done in {duration(took)}{failed}")
        self._progress, self._interrupted = None, False
        super().close()


def take_over(plan: Callable[[], Progress], dry_run: bool) -> None:
    """Speak in place of Snakemake's own handler, where it has one: a user's logger plugin stays as it is."""
    for own in SNAKEMAKE.handlers:
        if own.name == "DefaultStreamHandler":
            terminal = Terminal(own, plan, dry_run)
            SNAKEMAKE.handlers = [terminal if handler is own else handler for handler in SNAKEMAKE.handlers]
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                signal.signal(signal.SIGINT, terminal.interrupt)
