"""What real machines do to a study. After each fault: a clear word or a clean resume, the same tables byte for byte,
and no finished cohort trained again. docs/faults.md has a table of these tests; a test below holds the two together.
"""

import copy
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import faults
import psutil
import pytest
from faults import LINEAR, check_resumed, finished_cohorts, run_study, running, said, tables, until

from conftest import Project, copy_of_the_project, finished_once
from damages import cut_to, flip_a_bit
from regularization.columns import COHORT_FILES
from regularization.system.files import NOT_WRITTEN
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def finish(project: Project) -> None:
    """Run the study to its end, and note the seconds that it took."""
    start = time.monotonic()
    done = run_study(project)
    assert done.returncode == 0, done.stdout + done.stderr
    (project.folder / "seconds.txt").write_text(str(time.monotonic() - start))


@pytest.fixture(scope="session")
def undisturbed() -> tuple[Project, float]:
    """The study run without any fault, and the seconds that it took."""
    project = finished_once("undisturbed", finish, LINEAR)
    return project, float((project.folder / "seconds.txt").read_text())


@pytest.fixture(scope="session")
def reference(undisturbed) -> Project:
    """The study run without any fault; treat it as read-only."""
    return undisturbed[0]


@pytest.fixture
def fresh(tmp_path) -> Project:
    """The same study, not yet run."""
    project = copy_of_the_project(tmp_path / "project")
    project.configure(LINEAR)
    return project


@pytest.fixture
def complete(reference, tmp_path) -> Project:
    """A copy of the finished study that a test may damage."""
    subprocess.run(["cp", "-a", str(reference.folder), str(tmp_path / "project")], check=True)
    return Project(tmp_path / "project")


def test_snakemake_killed(fresh: Project, reference: Project) -> None:
    with running(fresh) as make:
        until(lambda: len(finished_cohorts(fresh)) >= 2, make)
        snakemake = faults.processes(make, "snakemake")[0]  # a job that is about to start bears its name, too
        snakemake.kill()
        assert make.wait(timeout=600) != 0
        assert "Snakemake was killed (by signal 9)" in said(fresh)
        assert "What is finished is kept" in said(fresh)
        # Its training processes live on: what they finish is used.
        finished = finished_cohorts(fresh)
        check_resumed(fresh, reference, finished, run_study(fresh))


def test_training_process_killed(fresh: Project, reference: Project) -> None:
    with running(fresh) as make:
        held: list[tuple[str, psutil.Process]] = []

        def held_before_its_end() -> bool:
            """Stop a training process, and look only then whether its cohort is finished: else it may be meanwhile."""
            for job in faults.processes(make, "train_cohort.py"):
                with suppress(psutil.NoSuchProcess):
                    words = job.cmdline()
                    if "train_cohort.py" in " ".join(faults.words(job.parent())):
                        continue  # what a training process starts bears its name for a moment
                    job.suspend()
                    while job.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
                        time.sleep(0.001)
                    cohort = words[words.index("--cohort") + 1]
                    if cohort not in finished_cohorts(fresh):
                        held.append((cohort, job))
                        return True
                    job.resume()
            return False

        until(held_before_its_end, make)
        [(cohort, job)] = held
        job.kill()
        assert make.wait(timeout=600) != 0
        assert "Error in rule train_cohort" in said(fresh)
        assert "the same command goes on from there" in said(fresh)
    finished = finished_cohorts(fresh)
    assert set(finished) == set(finished_cohorts(reference)) - {cohort}, "the other cohorts went on"
    check_resumed(fresh, reference, finished, run_study(fresh))


def killed_after(seconds: float, project: Project) -> bool:
    """Start the study and kill all of it after so many seconds; whether it had not ended by itself."""
    with running(project) as make:
        with suppress(subprocess.TimeoutExpired):
            make.wait(timeout=seconds)
        was_running = make.poll() is None
        faults.kill_group(make)
        make.wait()
    return was_running


@pytest.mark.parametrize("share", [random.Random(seed).uniform(0.1, 0.8) for seed in range(3)])
def test_everything_killed_at_a_random_moment(share: float, fresh: Project, undisturbed: tuple[Project, float]) -> None:
    """After a share of the time that the study takes."""
    reference, seconds = undisturbed
    was_running = killed_after(share * seconds, fresh)
    if not was_running:  # the machine has become faster: once more from the beginning, and sooner
        shutil.rmtree(fresh.folder / "results")
        was_running = killed_after(share * seconds / 3, fresh)
    assert was_running, "nothing was killed"
    finished = finished_cohorts(fresh)
    locked = any((fresh.folder / ".snakemake" / "locks").glob("*"))
    done = run_study(fresh)
    if locked:
        assert "An earlier run was killed. Its lock is taken away" in done.stdout
    check_resumed(fresh, reference, finished, done)
    assert not list((fresh.folder / "results" / "cohorts").rglob("*.part"))


def test_memory_used_up(fresh: Project, reference: Project) -> None:
    """The system kills a training process, and counts it."""
    (fresh.folder / "vmstat").write_text("pgfree 7\noom_kill 3\n")
    start = "    study = Configuration.read(config)\n"
    killed = "import os, pathlib; pathlib.Path('vmstat').write_text('oom_kill 4'); os.kill(os.getpid(), 9)"
    edits = [
        ("scripts/regularization/study/precautions.py", "/proc/vmstat", "vmstat"),
        ("scripts/train_cohort.py", start, f"{start}    {killed}\n"),
    ]
    for path, old, new in edits:
        fresh.edit(path, old, new)
    done = run_study(fresh)
    assert done.returncode != 0
    assert "The memory was used up, and the system killed a process. What is finished is kept" in done.stderr
    for path, old, new in edits:
        fresh.edit(path, new, old)
    check_resumed(fresh, reference, {}, run_study(fresh))


def test_documented_files_gone_or_damaged(project: Project, finished: Project) -> None:
    """Any of them: deleted, empty as after a loss of power, or with a flipped bit."""
    results = project.folder / "results"
    names = [name for name, file in json.loads((results / "manifest.json").read_text()).items() if file["bytes"]]
    drawn = random.Random(0).sample(names, len(names))
    gone, empty, flipped = (drawn[kind : len(drawn) // 2 : 3] for kind in range(3))
    for name, damage in [(name, Path.unlink) for name in gone] + [(name, flip_a_bit) for name in flipped]:
        damage(results / name)
    for name in empty:
        cut_to(results / name, 0)
    trained = finished_cohorts(project)
    done = project.run_study()
    assert done.returncode == 0, done.stdout + done.stderr
    for name in (*empty, *flipped):
        assert f"results/{name} is damaged: it" in done.stdout
        assert (results / "set_aside" / "files.1" / name).exists()
    for name in (*names, "manifest.json", "manifest.sha256"):
        assert (results / name).read_bytes() == (finished.folder / "results" / name).read_bytes(), name
    assert finished_cohorts(project) == trained
    assert "Nothing to do" in project.run_study().stdout
    cohort = next((results / "cohorts" / "linear_regression").iterdir())
    shutil.rmtree(cohort)
    assert project.training_jobs() == {f"linear_regression {cohort.name}"}


def test_report_interrupted(project: Project, finished: Project) -> None:
    results = project.folder / "results"
    for path in (results / "report.html", results / "report.pdf", results / "figures" / "setup-linear.svg"):
        path.unlink()
    trained = finished_cohorts(project)
    with running(project, "all") as make:

        def held_at_work() -> bool:
            """Stop the rendering, so that it is killed before its end however fast it is."""
            for job in faults.processes(make, "render_report.py"):
                with suppress(psutil.NoSuchProcess):
                    time.sleep(0.5)
                    job.suspend()
                    return True
            return False

        until(held_at_work, make)
        faults.kill_group(make)
        make.wait()
    assert not (results / "report.pdf").exists(), "killed too late"
    done = run_study(project, "all")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("report.html", "report.pdf", "figures/setup-linear.svg"):
        assert (results / name).read_bytes() == (finished.folder / "results" / name).read_bytes(), name
    assert finished_cohorts(project) == trained
    assert tables(project) == tables(finished)


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this system lets nobody mount a file system here: {done.stderr.strip()}")


@pytest.fixture
def unmounted_in_the_end():
    mounted: list[Path] = []
    yield mounted
    for path in mounted:
        subprocess.run(["umount", "--lazy", str(path)], check=False)


def test_disk_full(fresh: Project, reference: Project, unmounted_in_the_end) -> None:
    """Two cohorts are finished; then there is space for what checks the disk, and not for the rest of the study."""
    results = fresh.folder / "results"
    results.mkdir()
    mount("-t", "tmpfs", "-o", "size=100m", "tmpfs", str(results))
    unmounted_in_the_end.append(results)
    first = run_study(
        fresh, *[f"results/cohorts/linear_regression/none-n20-s{seeds}/runs.parquet" for seeds in ("0-1", "2-3")]
    )
    assert first.returncode == 0, first.stdout + first.stderr
    disk = os.statvfs(results)
    used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    mount("-o", f"remount,size={used + 100 * 1024}", str(results))
    done = run_study(fresh)
    words = done.stdout + done.stderr
    assert done.returncode != 0
    assert "cannot be written: No space left on device" in words
    assert re.search(r"The disk is full: [\d.]+ MiB are left for results\. Free some space", words)
    assert "Traceback" not in words
    finished = finished_cohorts(fresh)
    assert 2 <= len(finished) < len(finished_cohorts(reference)), "the disk was full in the midst of the study"
    mount("-o", "remount,size=100m", str(results))
    check_resumed(fresh, reference, finished, run_study(fresh))


def test_results_read_only_and_a_lock_left_by_hand(complete: Project, reference: Project, unmounted_in_the_end) -> None:
    results = complete.folder / "results"
    mount("--bind", str(results), str(results))
    unmounted_in_the_end.append(results)
    mount("-o", "remount,ro,bind", str(results))
    done = run_study(complete)
    assert done.returncode == 1
    assert done.stderr.strip().startswith("run_study.py: results cannot be written: Read-only file system.")
    assert len(done.stderr.strip().splitlines()) == 1
    subprocess.run(["umount", "--lazy", str(unmounted_in_the_end.pop())], check=True)
    locks = complete.folder / ".snakemake" / "locks"
    locks.mkdir(exist_ok=True)
    (locks / "0.output.lock").write_text("\n".join(faults.FILES))
    done = run_study(complete)
    assert done.returncode == 1
    assert "type `.venv/bin/snakemake --unlock`, then start again" in done.stderr
    complete.snakemake("--unlock")
    check_resumed(complete, reference, finished_cohorts(reference), run_study(complete))


def test_cohorts_damaged_or_trained_by_other_code(complete: Project, reference: Project) -> None:
    """One cut short, one with a flipped bit, and one for which code was edited while the study ran.

    Snakemake records the code that it saw at its start; the cohort says by which code it was really trained.
    """
    cohorts, other = "results/cohorts/linear_regression", "ridge-n20-s0-1"
    cut_to(complete.folder / cohorts / "none-n20-s2-3" / "runs.parquet", 0.5)
    flip_a_bit(complete.folder / cohorts / "ridge-n20-s2-3" / "predictions.parquet")
    method, config = "scripts/regularization/methods/ridge.py", str(complete.folder / "results" / "config.json")
    complete.snakemake("results/config.json")
    complete.edit(method, "x, y, lam)\n", "x, y, lam + 0)\n")
    command = [sys.executable, "scripts/train_cohort.py", "--config", config, "--experiment", "linear_regression"]
    assert complete.run(*command, "--cohort", other, "--output", f"{cohorts}/{other}").returncode == 0
    complete.edit(method, "x, y, lam + 0)\n", "x, y, lam)\n")

    by_hand = complete.snakemake(*faults.FILES, "--forcerun", "aggregate_experiment", check=False)
    assert by_hand.returncode != 0, "the aggregation reads nothing that is damaged"
    words = by_hand.stdout + by_hand.stderr
    assert "none-n20-s2-3/runs.parquet is damaged: it has" in words
    assert "ridge-n20-s2-3/predictions.parquet is damaged: its content is not what was written" in words
    assert f"{cohorts}/{other}/runs.parquet was trained with other code than the study's" in words
    assert "scripts/verify_cohorts.py" in words

    done = run_study(complete)
    assert re.search(r"none-n20-s2-3/runs.parquet is damaged: it has [\d,]+ bytes, [\d,]+ were written", done.stdout)
    assert "ridge-n20-s2-3/predictions.parquet is damaged" in done.stdout
    before, damaged = finished_cohorts(reference), ("none-n20-s2-3", "ridge-n20-s2-3")
    intact = {name: digest for name, digest in before.items() if name not in (*damaged, other)}
    check_resumed(complete, reference, intact, done)
    for name in damaged:
        assert f"results/set_aside/linear_regression/{name}.1; this cohort is trained again" in done.stdout
        assert finished_cohorts(complete)[name] != before[name]
        aside = complete.folder / "results" / "set_aside" / "linear_regression" / f"{name}.1"
        assert {path.stem for path in aside.glob("*.parquet")} == set(COHORT_FILES)


def test_data_damaged(project: Project, finished: Project) -> None:
    """Fashion-MNIST as it was fetched. (A download that is damaged is refused: bad_inputs/test_data_files.py.)"""
    flip_a_bit(project.folder / "results" / "data" / "train_images.npy")
    trained = finished_cohorts(project)
    done = run_study(project, "results/tables/labels.parquet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results/data/train_images.npy is damaged" in done.stdout
    assert "nothing is trained for that" in done.stdout
    for name in ("data/train_images.npy", "tables/labels.parquet", "tables/runs.parquet"):
        assert (project.folder / "results" / name).read_bytes() == (finished.folder / "results" / name).read_bytes()
    assert finished_cohorts(project) == trained
    assert (project.folder / "results" / "set_aside" / "data.1" / "train_images.npy").exists()


@pytest.fixture(scope="session")
def more_seeds() -> tuple[dict, Project]:
    """A changed configuration, and its study run without any fault."""
    config = copy.deepcopy(LINEAR)
    config["study"][0]["seeds"] = 6
    return config, finished_once("more_seeds", finish, config)


def test_clock_jumps_also_back_while_a_change_is_trained(complete: Project, reference: Project, more_seeds) -> None:
    """Files bear random times, ten years back to ten ahead; later what is new looks older than what it belongs to."""
    draw, files = random.Random(0), sorted((complete.folder / "results").rglob("*"))
    for path in files:
        moment = time.time() + draw.uniform(-10, 10) * 365 * 86400
        os.utime(path, (moment, moment))
    assert complete.training_jobs() == set()
    check_resumed(complete, reference, finished_cohorts(reference), run_study(complete))
    for path in files:
        os.utime(path)
    config, changed = more_seeds
    complete.configure(config)
    cohorts = [f"results/cohorts/linear_regression/{method}-n20-s4-5/runs.parquet" for method in ("none", "ridge")]
    complete.snakemake(*cohorts, "results/config.json")
    for path in (complete.folder / "results").rglob("*"):
        if "s4-5" in str(path) or path.name in ("config.json", "plan.parquet", "left_out.csv"):
            os.utime(path, (1e9, 1e9))
    check_resumed(complete, changed, finished_cohorts(reference), run_study(complete))


def test_two_at_once_and_the_configuration_edited_midway(fresh: Project, reference: Project, more_seeds) -> None:
    config, changed = more_seeds
    with running(fresh) as make:
        until(lambda: finished_cohorts(fresh), make)
        faults.kill_group(make, signal.SIGSTOP)  # at work however slow the second one is
        second = run_study(fresh)
        fresh.configure(config)
        faults.kill_group(make, signal.SIGCONT)
        assert second.returncode == 1
        words = r"Another `make` is at work in this folder \(process \d+ on .+, since .+\): wait until it has ended, .+"
        assert re.fullmatch(f"run_study.py: {words}", second.stderr.strip())
        assert make.wait(timeout=600) == 0, said(fresh)
    assert tables(fresh) == tables(reference), "a run ends with the configuration that it began with"
    check_resumed(fresh, changed, finished_cohorts(fresh), run_study(fresh))


def fault_table() -> list[list[str]]:
    """The rows of the table of faults: fault, what is seen, what to do, test."""
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("| fault | what you see | what to do | test |\n|---|---|---|---|\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rest.split("\n\n")[0].splitlines()]


def test_every_fault_of_the_table_has_a_test_and_every_test_a_row() -> None:
    rows = fault_table()
    assert rows
    assert all(len(row) == 4 and all(row) for row in rows)
    named = [re.fullmatch(r"`(?:(test_\w+\.py)::)?(test_\w+)`", row[3]) for row in rows]
    assert all(named), "the last column names a test"
    here = {name for name in globals() if name.startswith("test_") and "the_table" not in name}
    assert {match[2] for match in named if match[1] is None} == here
    for match in named:
        if match[1] is not None:
            [file] = (ROOT / "tests").rglob(match[1])
            assert f"def {match[2]}(" in file.read_text(encoding="utf-8")


def test_what_the_table_says_is_seen_is_what_is_said() -> None:
    """The words in quotation marks stand in the programs."""
    sources = [path for path in (ROOT / "scripts").rglob("*") if path.suffix in (".py", ".sh")]
    programs = "".join(path.read_text(encoding="utf-8") for path in sources)
    programs = re.sub(r'"\s*\n\s*f?"', "", programs) + "".join(map(os.strerror, NOT_WRITTEN))
    for _, seen, _, _ in fault_table():
        for words in re.findall(r"“([^”]+)”", seen):
            for part in words.split("…"):
                assert part.strip() in programs, part
