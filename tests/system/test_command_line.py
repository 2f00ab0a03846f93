"""Programs speak, read and write UTF-8, whatever the locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared import ASCII, latin_1
from studies import ROOT

PROGRAM = '''"""λ…"""
import sys
from pathlib import Path
from regularization.system.command_line import answered

def main():
    print("λ…", sys.stdin.read())
    print("x²", Path("größe λ").write_text("λ"), file=sys.stderr)  # no encoding is named

answered(main)
'''


@pytest.mark.parametrize("kind", ["ASCII", "ISO 8859-1", "of the terminal alone"])
def test_text_is_utf_8_whatever_the_locale(kind: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    variables = {"ASCII": ASCII, "ISO 8859-1": latin_1(tmp_path)}.get(kind, {"PYTHONIOENCODING": "latin-1"})
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), **variables}
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, input="ö".encode(), capture_output=True)
    assert (done.stdout.decode(), done.stderr.decode()) == ("λ… ö\n", "x² 1\n")
    assert (tmp_path / "größe λ").read_text(encoding="utf-8") == "λ"


def test_every_program_starts_that_way() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "scripts").glob("*.py")}
    assert [name for name, text in texts.items() if "answered(main" not in text] == [] != list(texts)
