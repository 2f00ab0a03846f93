"""The page is valid HTML, SVG, CSS and ARIA, as the validator of validator.w3.org judges (needs Java and npm)."""

import json
import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import pytest

import shared
from figures.example_tables import SMOKE
from figures.reports import report

CASES = shared.cases(__file__)

VERSION = "26.9.27"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "vnu-jar" / VERSION
SECONDS = 600
HARMLESS = {
    "Inline script violates Content Security Policy": "blocks of data are no scripts, and none is blocked",
    "Text run starts with a composing character": "the bar over a letter, as MathML has it",
}


@cache
def validator() -> Path | str:
    """The validator's jar, fetched once from npm's registry; or in words why there is none."""
    if shutil.which("java") is None:
        return "no Java on this machine; on Debian: apt-get install default-jre-headless"
    jar = CACHE / "package" / "build" / "dist" / "vnu.jar"
    if jar.is_file():
        return jar
    if shutil.which("npm") is None:
        return "the validator is fetched by npm, which this machine lacks; on Debian: apt-get install npm"
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        command = ["npm", "pack", f"vnu-jar@{VERSION}", "--silent"]
        subprocess.run(command, cwd=CACHE, check=True, timeout=SECONDS, capture_output=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        return f"npm could not fetch the validator: {error}"
    archive = CACHE / f"vnu-jar-{VERSION}.tgz"
    with tarfile.open(archive) as packed:
        packed.extractall(CACHE, filter="data")
    archive.unlink()
    return jar if jar.is_file() else f"the package has no {jar.name}"


def invalid(*pages: Path) -> list[str]:
    """What the validator finds: errors, warnings and remarks, without the harmless ones."""
    jar = validator()
    if isinstance(jar, str):
        pytest.skip(jar)
    options = ["--format", "json", "--stdout", "--exit-zero-always"]
    command = ["java", "-Xss4m", "-jar", jar, *options, *pages]
    found = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    return [
        f"{message['type']} at line {message.get('lastLine')}: {message['message']} {message.get('extract', '')[:200]}"
        for message in json.loads(found)["messages"]
        if not message["message"].startswith(tuple(HARMLESS))
    ]


@pytest.mark.slow
def test_the_page_is_valid() -> None:
    assert invalid(report().html, report(SMOKE).html) == []


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "fault"), CASES["the_validator_finds_what_is_broken"])
def test_the_validator_finds_what_is_broken(tmp_path: Path, old: str, new: str, fault: str) -> None:
    page = report(SMOKE).page
    assert old in page
    path = tmp_path / "broken.html"
    path.write_text(page.replace(old, new, 1), encoding="utf-8")
    assert any(fault in problem for problem in invalid(path))
