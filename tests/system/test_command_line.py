"""Programs speak, read and write UTF-8, whatever the locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from locales import ASCII, latin_1
from studies import ROOT

PROGRAM = '''"""λ…"""
import sys
from pathlib import Path
from regularization.system.command_line import answered

def main() -> int:
    print("λ…", sys.stdin.read())
    Path("größe λ").write_text("λ")  # no encoding is named
    print("x²", file=sys.stderr)
    return 3

if __name__ == "__main__":
    answered(main)
'''


@pytest.mark.parametrize("kind", ["ASCII", "ISO 8859-1", "of the terminal alone"])
def test_text_is_utf_8_whatever_the_locale(kind: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    terminal = {"PYTHONIOENCODING": "latin-1"}
    variables = {"ASCII": ASCII, "ISO 8859-1": latin_1(tmp_path)}.get(kind, terminal)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts"), **variables},
        input="ö".encode(),
        capture_output=True,
    )
    assert (done.stdout.decode(), done.stderr.decode(), done.returncode) == ("λ… ö\n", "x²\n", 3)
    assert (tmp_path / "größe λ").read_text(encoding="utf-8") == "λ"


def test_every_program_starts_that_way() -> None:
    programs = sorted((ROOT / "scripts").glob("*.py"))
    assert len(programs) > 15
    assert [path.name for path in programs if "answered(main" not in path.read_text(encoding="utf-8")] == []
