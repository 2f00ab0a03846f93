"""The container's definitions agree with the environment that everything is tested in, as far as reading can tell."""

import json
import re
import shlex

import pytest
from test_versions import supported_pythons

from studies import ROOT

FOLDER = ROOT / "workflow" / "container"
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
APPTAINER = (FOLDER / "apptainer.def").read_text(encoding="utf-8")


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Instruction and argument of every line of a Dockerfile, continued lines joined."""
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in joined.splitlines()]


def given(dockerfile: str, instruction: str) -> list[str]:
    return [argument for name, argument in instructions(dockerfile) if name == instruction]


def sections(definition: str) -> dict[str, str]:
    """The parts of an Apptainer definition; the header has the name ""."""
    text = re.sub(r"^#.*\n", "", definition, flags=re.MULTILINE)
    header, *rest = re.split(r"^%", text, flags=re.MULTILINE)
    return {"": header, **{part.partition("\n")[0].strip(): part.partition("\n")[2] for part in rest}}


@pytest.mark.parametrize(
    "base", [given(DOCKERFILE, "FROM")[0], re.findall(r"^From: (.*)$", APPTAINER, re.MULTILINE)[0]]
)
def test_the_base_image_has_a_python_that_the_project_supports(base: str) -> None:
    match = re.fullmatch(r"python:(\d+)\.(\d+)-slim-bookworm(@sha256:[0-9a-f]{64})?", base)
    assert match, base
    lowest, highest = supported_pythons()
    assert lowest <= (int(match[1]), int(match[2])) <= highest


def test_both_definitions_install_the_same_and_start_the_study_with_arguments_that_it_takes() -> None:
    assert given(DOCKERFILE, "FROM") == re.findall(r"^From: (.*)$", APPTAINER, re.MULTILINE)
    docker = " ".join(given(DOCKERFILE, "RUN")).replace("&&", "")
    apptainer = sections(APPTAINER)["post"]
    assert shlex.split(docker) == shlex.split(apptainer)
    [entry], [arguments] = given(DOCKERFILE, "ENTRYPOINT"), given(DOCKERFILE, "CMD")
    python, script = json.loads(entry)
    assert python == "python"
    assert (ROOT / script).is_file()
    assert sections(APPTAINER)["runscript"].split() == ["exec", python, script, '"$@"']
    assert json.loads(arguments)[0] in (ROOT / script).read_text(encoding="utf-8")


def copied(dockerfile: str) -> list[tuple[str, str]]:
    """What goes into the image: (path in the project, folder there)."""
    return [(source, parts[-1]) for parts in map(str.split, given(dockerfile, "COPY")) for source in parts[:-1]]


def test_what_is_installed_is_what_set_up_installs_here_with_its_hashes_and_is_not_ignored() -> None:
    assert copied(DOCKERFILE) == [
        ("requirements.txt", "/opt/study/"),
        ("requirements.lock", "/opt/study/"),
        ("scripts/set_up.sh", "/opt/study/scripts/"),
    ]
    assert [tuple(line.split()) for line in sections(APPTAINER)["files"].strip().splitlines()] == copied(DOCKERFILE)
    assert all((ROOT / source).is_file() for source, _ in copied(DOCKERFILE))
    assert [words[-1] for words in map(str.split, given(DOCKERFILE, "RUN")) if "sh" in words] == [
        "/opt/study/scripts/set_up.sh"
    ]
    assert "/opt/study/.venv/bin:" in " ".join(given(DOCKERFILE, "ENV"))
    assert "/opt/study/.venv/bin:" in sections(APPTAINER)["environment"]
    assert not re.findall(r"==|>=", DOCKERFILE + APPTAINER), "versions belong in requirements.txt"
    kept = re.findall(r"^!(.*)$", (FOLDER / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert kept == [source for source, _ in copied(DOCKERFILE)]
