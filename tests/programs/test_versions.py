"""One list of versions: requirements.txt, and everything else agrees with it: the lock, the environment, conda."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker

from studies import ROOT

# Used as programs or through another package, never imported by name.
TOOLS = {
    "snakemake-executor-plugin-slurm", "pip", "setuptools", "snakefmt", "mypy", "ruff", "pytest-xdist", "brotli",
    "check-jsonschema", "coverage", "import-linter", "pygments",
}  # fmt: skip


def pins() -> dict[str, str]:
    """Versions by normalised distribution name."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", line) for line in pinned), "one exact version a line"
    return dict(line.split("==") for line in map(str.lower, (line.replace("_", "-") for line in pinned)))


def locked() -> list[tuple[str, str, str, int]]:
    """Name, version, marker and number of hashes of every package of the lock."""
    text = (ROOT / "requirements.lock").read_text()
    entries = re.findall(r"^([a-z0-9-]+)==([\w.+!]+)(?: ; ([^\\\n]+?))? \\\n((?:    --hash=.*\n)+)", text, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^\S+==", text, re.MULTILINE)), "every package has hashes"
    return [(name, version, marker, hashes.count("--hash=sha256:")) for name, version, marker, hashes in entries]


def imported(*folders: str) -> set[str]:
    """Top-level modules that the Python files of some folders of the project import."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules.add(node.module.split(".")[0])
    return modules


def own_modules() -> set[str]:
    return {
        path.stem
        for folder in ("scripts", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in ("", ".py")
    }


def test_the_environment_has_the_pinned_versions_and_the_lock_each_with_hashes() -> None:
    """A wheel for CPUs alone, such as 2.14.1+cpu, is the same version."""
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in pins()}
    assert installed == pins()
    versions = {name: version for name, version, _, _ in locked()}
    assert {name: versions.get(name) for name in pins()} == pins(), "renew it: sh scripts/lock.sh"
    assert all(hashes > 0 for *_, hashes in locked())
    assert "://" not in (ROOT / "requirements.lock").read_text(), "where files come from is the user's choice"


@pytest.mark.parametrize("system", ["linux x86_64", "linux aarch64", "darwin arm64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_has_one_version_of_a_package_on_every_system(system: str, python: str) -> None:
    platform, machine = system.split()
    here = {
        **{"sys_platform": platform, "platform_machine": machine, "python_version": python},
        **{"python_full_version": f"{python}.0", "platform_python_implementation": "CPython"},
        "implementation_name": "cpython",
    }
    chosen = [name for name, _, marker, _ in locked() if not marker or Marker(marker).evaluate(here)]
    assert len(set(chosen)) == len(chosen)
    assert set(pins()) <= set(chosen)


def test_the_environment_is_the_locks() -> None:
    """Every package that the lock has for this system is installed in its version."""
    here = {name: version for name, version, marker, _ in locked() if not marker or Marker(marker).evaluate()}
    found = {
        re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each.version.split("+")[0]
        for each in importlib.metadata.distributions(path=[str(Path(pytest.__file__).parents[1])])
    }
    stamp = ROOT / ".venv" / "installed-requirements.txt"
    if not stamp.is_file() or stamp.read_bytes() != (ROOT / "requirements.lock").read_bytes():
        pytest.skip("this environment was not installed from requirements.lock")
    assert {name: found.get(name) for name in here} == here


def test_every_import_is_pinned_and_every_pin_is_used() -> None:
    distributions = importlib.metadata.packages_distributions()
    third_party = imported("scripts", "tests", "workflow", "report") - set(sys.stdlib_module_names) - own_modules()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    third_party -= {requirement.split("==")[0] for extra in extras.values() for requirement in extra}
    unknown = {module for module in third_party if module not in distributions}
    assert not unknown, "imported but not installed"
    used = {name.lower().replace("_", "-") for module in third_party for name in distributions[module]}
    providers = {module: {name.lower().replace("_", "-") for name in distributions[module]} for module in third_party}
    assert not {module for module, names in providers.items() if not names & set(pins())}, "imported but not pinned"
    assert set(pins()) - used - TOOLS == set(), "pinned but not used"


def test_conda_users_get_the_same_list_and_python_versions_agree() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    [pip] = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert dict(pin.lower().replace("_", "-").split("==") for pin in pip) == pins(), "renew it: sh scripts/lock.sh"
    others = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    assert [entry.split("=")[0] for entry in others] == ["python", "pip"]
    # The set-up's range holds this Python and conda's, and the tools are told its lowest.
    lowest, highest = supported_pythons()
    assert lowest <= sys.version_info[:2] <= highest
    conda = re.search(r"python=(\d+)\.(\d+)", (ROOT / "environment.yml").read_text())
    assert conda
    assert lowest <= tuple(int(number) for number in conda.groups()) <= highest
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f">={lowest[0]}.{lowest[1]},<{highest[0]}.{highest[1] + 1}"
    tools = project["tool"]
    assert tools["ruff"]["target-version"] == f"py{lowest[0]}{lowest[1]}"
    assert tools["mypy"]["python_version"] == f"{lowest[0]}.{lowest[1]}"


def supported_pythons() -> tuple[tuple[int, int], tuple[int, int]]:
    """The lowest and the highest version that the set-up accepts."""
    match = re.search(
        r"\((\d+), (\d+)\) <= sys.version_info\[:2\] <= \((\d+), (\d+)\)", (ROOT / "scripts/set_up.sh").read_text()
    )
    assert match
    numbers = [int(number) for number in match.groups()]
    return (numbers[0], numbers[1]), (numbers[2], numbers[3])
