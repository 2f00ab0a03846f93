"""Locales whose text is not UTF-8."""

import shutil
import subprocess
from pathlib import Path

ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def latin_1(folder: Path) -> dict[str, str]:
    """The variables of a German locale in ISO 8859-1, made in `folder`; where none can be made, those of `ASCII`."""
    name = "de_DE.ISO-8859-1"
    if shutil.which("localedef"):
        subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(folder / name)], capture_output=True)
    return {"LC_ALL": name, "LOCPATH": str(folder)} if (folder / name).is_dir() else ASCII
