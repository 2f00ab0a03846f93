"""`make`, the environment's set-up and CI's script, in a small copy of the project that installs nothing."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("make") is None, reason="needs make")]


SCRIPTS = ("scripts/set_up.sh", "scripts/lock.sh", "scripts/check.sh", ".ci/run")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's Makefile and scripts, with nothing to install and a study that only says that it runs."""
    folder = tmp_path / "a project"  # with a space in its path
    for name in (*SCRIPTS, "Makefile"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in ("results", "tests", "report", "workflow"):
        (folder / name).mkdir()
    (folder / "results" / "README.md").write_text("the tables")
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "config.yaml").write_text("results: results\n")
    (folder / "scripts" / "run_study.py").write_text("import sys; print('study', sys.prefix, sys.argv[1:])")
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    """An executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    """It failed, and said these parts of its reason."""
    assert done.returncode != 0
    for part in says:
        assert part in done.stderr


def run(project: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # `make test` hands its own flags down; the make under test starts without them.
    inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    variables = {**inherited, "PYTHON": sys.executable, "PIP_NO_INDEX": "1", **environment}
    return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True)


def test_make_sets_up_once_runs_the_study_in_the_environment_and_completes_an_outdated_one(project: Path) -> None:
    first = run(project, "make")
    assert first.returncode == 0, first.stderr
    set_up, without_lock, complete, _ = first.stdout.splitlines()
    assert "requirements.lock is not used" in without_lock
    assert set_up.startswith("Setting up the Python environment")
    assert complete == "The environment is complete."
    assert f"study {project}/.venv ['--cores', 'all']" in first.stdout
    second = run(project, "make", "smoke", "CORES=2")
    assert second.stdout.splitlines() == [
        f"study {project}/.venv ['--cores', '2', '--preset', 'workflow/presets/smoke.yaml']"
    ]
    assert run(project, "make", "environment").returncode == 0
    stamp = project / ".venv" / "installed-requirements.txt"
    for damage in (
        lambda: (project / "requirements.txt").write_text("# changed\n"),
        stamp.unlink,  # an interrupted installation
        (project / ".venv" / "bin" / "python").unlink,  # the interpreter is gone
    ):
        damage()
        done = run(project, "make", "environment")
        assert "The environment is complete." in done.stdout, done.stderr
        assert stamp.read_text() == (project / "requirements.txt").read_text()
        assert run(project, "make", "environment").stdout == ""


def test_the_library_is_installed_in_place_and_a_copys_programs_find_their_own(project: Path, tmp_path: Path) -> None:
    """Its build needs setuptools, which the environment of these tests lends."""
    assert run(project, "make", "environment").returncode == 0
    (packages,) = project.glob(".venv/lib/python*/site-packages")
    shutil.rmtree(packages / "setuptools", ignore_errors=True)
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, project)
    (project / "requirements.txt").write_text("# nothing, and a library\n")
    (project / "scripts" / "regularization").mkdir()
    (project / "scripts" / "regularization" / "__init__.py").touch()
    (project / "scripts" / "where.py").write_text("import regularization; print(regularization.__file__)")
    done = run(project, "make", "environment")
    assert done.returncode == 0, done.stderr
    python = str(project / ".venv" / "bin" / "python")
    (tmp_path / "notebook.py").write_text((project / "scripts" / "where.py").read_text())
    copy = shutil.copytree(project / "scripts", tmp_path / "copy" / "scripts")
    for program, library in ((tmp_path / "notebook.py", project / "scripts"), (copy / "where.py", copy)):
        said = subprocess.run([python, program], cwd=tmp_path, capture_output=True, text=True).stdout
        assert said == f"{library}/regularization/__init__.py\n"


def test_a_failing_installation_says_so_and_is_redone_and_the_real_lock_fits_the_real_list(project: Path) -> None:
    (project / "requirements.txt").write_text("no-such-package==1.0\n")
    for _ in range(2):
        done = run(project, "make")
        refused(done, "no-such-package", "The installation did not finish; above is the end of .venv/installation.log")
        assert len((done.stdout + done.stderr).splitlines()) <= 30
        assert "no-such-package" in (project / ".venv" / "installation.log").read_text()
        assert "study" not in done.stdout
        assert not (project / ".venv" / "installed-requirements.txt").exists()
    # The set-up gets as far as asking for the first package of the lock.
    for name in ("requirements.txt", "requirements.lock"):
        shutil.copy(ROOT / name, project / name)
    done = run(project, "sh", "scripts/set_up.sh", PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="")
    assert "is not used" not in done.stdout
    assert "pip==" in done.stderr


@pytest.fixture
def with_lock(project: Path) -> Path:
    """The project with one package to install, its wheel on this machine, and a lock that has its hash."""
    wheel = project / "wheels" / "tiny-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        file.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("tiny-1.0.dist-info/RECORD", "")
    (project / "requirements.txt").write_text("# one package\nTiny==1.0\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "requirements.lock").write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    return project


def set_up(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(project, "sh", "scripts/set_up.sh", PIP_FIND_LINKS="wheels", **environment)


def stamp(project: Path) -> str | None:
    """What is written down as installed."""
    path = project / ".venv" / "installed-requirements.txt"
    return path.read_text() if path.exists() else None


def test_the_lock_is_installed_and_its_hashes_are_checked(with_lock: Path) -> None:
    lock = with_lock / "requirements.lock"
    whole = lock.read_text()
    lock.write_text(whole[:-2] + ("0" if whole[-2] != "0" else "1") + "\n")
    refused(set_up(with_lock), "DO NOT MATCH THE HASHES", "The installation did not finish")
    assert stamp(with_lock) is None
    lock.write_text(whole)
    done = set_up(with_lock)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2, "what pip says is in its log"
    assert "Successfully installed tiny-1.0" in (with_lock / ".venv" / "installation.log").read_text()
    assert stamp(with_lock) == whole
    assert set_up(with_lock).stdout == ""


def test_without_a_fitting_lock_the_list_is_installed_and_it_is_said_why(with_lock: Path) -> None:
    lock = with_lock / "requirements.lock"
    program(with_lock / "bin", "uname", '[ "$1" = -s ] && echo Plan9 || echo pdp11')
    elsewhere = {"PATH": f"bin:{os.environ['PATH']}"}

    def said(**environment: str) -> str:
        (with_lock / ".venv" / "installed-requirements.txt").unlink(missing_ok=True)
        done = set_up(with_lock, **environment)
        assert done.returncode == 0, done.stderr
        assert stamp(with_lock) == (with_lock / "requirements.txt").read_text()
        assert set_up(with_lock).stdout == "", "what was installed so on purpose stays"
        [line] = [line for line in done.stdout.splitlines() if "requirements.lock is not used, " in line]
        assert line.endswith(": installing requirements.txt without checking hashes.")
        return line

    assert "LOCK=no was given" in said(LOCK="no")
    assert "it was not made for Plan9 on pdp11" in said(**elsewhere)
    lock.write_text("other==2.0 \\\n    --hash=sha256:0\n")
    assert "it lacks tiny==1.0, renew it with: sh scripts/lock.sh" in said()
    lock.unlink()
    assert "it is not there" in said()


def test_folders_of_any_name_are_set_up_but_one_with_a_colon_which_is_named(project: Path) -> None:
    there = project.rename(project.with_name("""it's "a;b" & $(touch executed) `touch executed` größe λ"""))
    done = run(there, "make")
    assert done.returncode == 0, done.stderr
    assert f"study {there}/.venv ['--cores', 'all']" in done.stdout
    assert not list(there.rglob("executed"))
    there = there.rename(there.with_name("a:b"))
    refused(run(there, "make"), "a colon in its name")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another project, with folders of the same names and an environment of its own."""
    for folder in ("scripts", ".ci", ".venv/lib", "a project/scripts"):
        (tmp_path / "other" / folder).mkdir(parents=True)
    (tmp_path / "other" / ".venv" / "precious").write_text("")
    return tmp_path / "other"


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_every_script_of_the_shell_begins_alike() -> None:
    found = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("scripts/**/*.sh")] + [".ci/run"]
    assert sorted(found) == sorted(SCRIPTS)
    texts = [(ROOT / name).read_text() for name in SCRIPTS]
    beginnings = {found for text in texts for found in re.findall(r"\nset -e?u.*\n((?:.*\n)*?fi\n)", text)[:1]}
    [beginning] = beginnings
    assert "unset CDPATH" in beginning
    assert all(text.count(beginning) == 1 for text in texts)
    assert not re.search(r"\bcd\b", "".join(texts).replace(beginning, "") + (ROOT / "Makefile").read_text())


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_cdpath_leads_to_no_other_project(project: Path, other: Path, tmp_path: Path, shell: str) -> None:
    before = files(other)
    python = (
        'mkdir "$7/bin"; printf "#!/bin/sh\necho tiny==1.0 >requirements.lock\n" >"$7/bin/uv"; chmod +x "$7/bin/uv"'
    )
    shutil.copy(ROOT / "environment.yml", project)  # lock.sh repeats the list there
    program(tmp_path / "bin", "make", 'echo "in $PWD"')
    program(tmp_path / "bin", "apt-get", "exit 0")
    exported = {"CDPATH": f"{other}:{other / 'a project'}", "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    assert run(project, shell, "scripts/set_up.sh", **exported).returncode == 0
    assert stamp(project) is not None
    done = run(project, shell, "scripts/lock.sh", PYTHON=str(program(tmp_path / "bin", "solver", python)), **exported)
    assert done.stdout == "requirements.lock holds 1 packages.\n", done.stderr
    assert run(project, "bash", ".ci/run", **exported).stdout.splitlines()[-1] == f"in {project}"
    assert files(other) == before


def test_what_is_exported_for_other_purposes_changes_nothing(with_lock: Path, other: Path, tmp_path: Path) -> None:
    (other / "sitecustomize.py").write_text("raise SystemExit('another project')")
    before = files(other)
    exported = dict.fromkeys(("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH"), str(other))
    exported |= dict.fromkeys(("PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX", "PWD", "OLDPWD", "CDPATH"), str(other))
    exported |= dict.fromkeys(("PIP_USER", "PIP_NO_DEPS", "PIP_DRY_RUN", "PYTHONSAFEPATH", "POSIXLY_CORRECT"), "1")
    exported |= {"IFS": "e/", "GREP_OPTIONS": "-v", "PIP_PYTHON": "/nowhere", "PYTHONOPTIMIZE": "2"}
    exported |= {"PYTHONINSPECT": "1", "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "latin-1", "LC_ALL": "C"}
    exported |= {"BASH_ENV": str(other / "profile"), "ENV": str(other / "profile"), "SNAKEMAKE_PROFILE": "mine"}
    exported |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "BASH_FUNC_cd%%": "() { echo went; }"}
    (with_lock / "scripts" / "run_study.py").write_text("import os, tiny; print(tiny.__file__, sorted(os.environ))")
    done = run(with_lock, "make", PIP_FIND_LINKS="wheels", **exported)
    assert done.returncode == 0, done.stderr
    place, variables = done.stdout.splitlines()[-1].split(" ['")
    assert Path(place).is_relative_to(with_lock / ".venv")
    kept_out = "PYTHONHOME PYTHONSAFEPATH PYTHONOPTIMIZE MPLBACKEND SNAKEMAKE_PROFILE BASH_ENV CDPATH"
    kept_out += " PYTHONINSPECT PYTHONWARNINGS PYTHONIOENCODING"
    assert "'PYTHONUTF8'" in variables
    assert not re.search(f"'({kept_out.replace(' ', '|')})'", variables)
    assert set_up(with_lock, **exported).stdout == ""
    (with_lock / ".venv" / "installed-requirements.txt").unlink()
    for shell in ("sh", "bash"):
        shutil.rmtree(with_lock / ".venv")
        assert run(with_lock, shell, "scripts/set_up.sh", PIP_FIND_LINKS="wheels", **exported).returncode == 0
        assert list((with_lock / ".venv").rglob("site-packages/tiny.py"))
    assert files(other) == before


def test_packages_that_pip_puts_elsewhere_are_missed(with_lock: Path, tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    refused(
        set_up(with_lock, PIP_CONFIG_FILE=str(tmp_path / "pip.conf")),
        "into .venv, which lacks: tiny==1.0",
        "pip config list",
    )
    assert stamp(with_lock) is None
    assert "The environment is complete." in set_up(with_lock).stdout
    [installed] = (with_lock / ".venv").rglob("site-packages/tiny-1.0.dist-info")
    shutil.rmtree(installed)
    assert "The environment is complete." in set_up(with_lock).stdout, "what went missing later is put back"
    (with_lock / ".venv" / "installed-requirements.txt").unlink()
    for half_done in (installed / "INSTALLER", installed.parent / "tiny.py"):  # by a pip that was interrupted
        half_done.unlink()
    set_up(with_lock)
    assert (installed.parent / "tiny.py").exists()
    [library] = (with_lock / ".venv" / "lib").glob("python3.*")
    library.rename(library.with_name("python3.0"))  # of the version that the system's Python had when it was made
    assert "The environment is complete." in set_up(with_lock).stdout


def test_an_environment_that_is_a_link_is_left_as_it_is(project: Path, other: Path) -> None:
    (project / ".venv").symlink_to(other / ".venv")
    before = files(other)
    refused(run(project, "make", "environment"), ".venv is a link")
    assert files(other) == before


@pytest.mark.parametrize(
    "command", [". scripts/set_up.sh", "sh <scripts/set_up.sh", 'sh -c "$(cat scripts/set_up.sh)"']
)
def test_a_script_that_cannot_know_its_folder_does_nothing(project: Path, command: str) -> None:
    before = files(project.parent)
    done = run(project, "sh", "-c", command)
    assert done.returncode != 0
    words = "is not the project's folder: start this script by its path, as a file of its own."
    assert done.stderr == f"{project.parent} {words}\n"
    assert files(project.parent) == before


def test_make_takes_a_profile_presets_and_a_python_whose_path_has_spaces(project: Path, tmp_path: Path) -> None:
    python = program(tmp_path / "my programs", "python 3", f'exec "{sys.executable}" "$@"')
    done = run(project, "make", f"PYTHON={python}")
    assert done.returncode == 0, done.stderr
    assert f"study {project}/.venv" in done.stdout
    done = run(project, "make", "PROFILE=slurm", "PRESET=one.yaml two.yaml")
    assert done.stdout.splitlines()[-1] == (
        f"study {project}/.venv ['--profile', 'slurm', '--preset', 'one.yaml', 'two.yaml']"
    )
    inherited = run(project, "make", PROFILE="of the shell")
    assert inherited.stdout.splitlines()[-1] == f"study {project}/.venv ['--cores', 'all']"


def test_what_is_missing_is_named_with_the_remedy(project: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "bin", "python3.9", '[ "$1" = --version ] && echo Python 3.9.2 && exit 0; exit 1')
    done = run(project, "make", PYTHON=str(old))
    assert done.returncode != 0
    assert f"Found {old}: Python 3.9.2" in done.stdout
    assert f"Python 3.11, 3.12 or 3.13 is needed and was not found at {old}" in done.stderr
    assert "sudo apt install python3 python3-venv" in done.stderr
    assert not (project / ".venv").exists()
    # As on a fresh Debian or Ubuntu.
    bare = program(
        tmp_path / "bin", "python3", f'case "$2" in *ensurepip*) exit 1;; esac; exec "{sys.executable}" "$@"'
    )
    refused(
        run(project, "make", PYTHON=str(bare)),
        "lacks the venv module",
        f"sudo apt install python3.{sys.version_info.minor}-venv",
    )


def test_help_lists_every_target_and_clean_deletes_what_was_generated_and_nothing_else(project: Path) -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    said = run(project, "make", "help").stdout
    assert re.findall(r"^make (\S+)", said, re.MULTILINE) == targets.group(1).split()
    assert re.findall(r" ([A-Z]+)=", said)[:4] == ["CORES", "PRESET", "PROFILE", "PYTHON"]
    for name in ("results/tables", "results/smoke", ".snakemake", ".pytest_cache", "scripts/__pycache__", ".venv/bin"):
        (project / name).mkdir(parents=True)
    (project / "results" / "report.html").write_text("")
    before = {path.name for path in project.iterdir()}
    assert run(project, "make", "clean").returncode == 0
    assert [path.name for path in (project / "results").iterdir()] == ["README.md"]
    assert before - {path.name for path in project.iterdir()} == {".snakemake", ".pytest_cache"}
    assert not (project / "scripts" / "__pycache__").exists()
    assert run(project, "make", "distclean").returncode == 0
    assert not (project / ".venv").exists()


def test_clean_follows_a_link_bears_a_missing_folder_and_names_another_one(project: Path, tmp_path: Path) -> None:
    disk = (project / "results").rename(tmp_path / "disk")
    (project / "results").symlink_to(disk)
    (disk / "tables").mkdir()
    assert "stays" not in run(project, "make", "clean").stdout
    assert [path.name for path in (project / "results").iterdir()] == ["README.md"]
    (project / "results").unlink()
    (project / "config.yaml").write_text("results: elsewhere # of long runs\n")
    done = run(project, "make", "clean")
    assert (done.returncode, done.stderr) == (0, "")
    assert "What config.yaml has under results: elsewhere stays; delete it by hand." in done.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_checkout_has_the_line_ends_of_a_shell_whatever_git_is_told(project: Path) -> None:
    for name in (".gitattributes", "requirements.lock", "report/page.html", "workflow/Snakefile"):
        shutil.copy(ROOT / name, project / name)
    for command in (["init", "--quiet"], ["add", "."], ["checkout-index", "--all", "--prefix=again/"]):
        done = run(project, "git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", *command)
        assert done.returncode == 0, done.stderr
    files = [path.read_bytes() for path in (project / "again").rglob("*") if path.is_file()]
    assert [b"\r" in content for content in files] == [False] * len(files) != []


@pytest.mark.parametrize(("status", "apt"), [(0, "exit 0"), (1, "exit 0"), (0, "echo E: no mirror; exit 100")])
def test_ci_ends_with_the_tests_summary_and_status_also_without_packages(project, tmp_path, status, apt) -> None:
    program(tmp_path / "bin", "apt-get", apt)
    program(tmp_path / "bin", "id", "echo 0")
    program(tmp_path / "bin", "make", f'echo "make $*"; echo "== 3 passed in 1.0s =="; exit {status}')
    done = run(project, "bash", ".ci/run", PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    assert done.returncode == status
    assert done.stdout.splitlines()[-2:] == ["make test", "== 3 passed in 1.0s =="]
    assert [words in done.stdout for words in ("E: no mirror", "are skipped and say so")] == ["mirror" in apt] * 2
