#!/bin/sh
# Create or complete the Python environment in .venv from requirements.txt; does nothing where it is complete.
# Usage: sh scripts/set_up.sh        (PYTHON=/path/to/python chooses the interpreter)
set -eu
cd "$(dirname "$0")/.."

installed=.venv/installed-requirements.txt # written last: an interrupted installation has none
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if cmp -s requirements.txt "$installed" && .venv/bin/python -c "$supported" 2>/dev/null; then
    exit 0
fi

say() { printf '%s\n' "$@"; }

python=
for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python}; do
    if "$candidate" -c "$supported" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    for candidate in ${PYTHON:-python3 python}; do
        found=$("$candidate" --version 2>&1) && say "Found $candidate: $found"
    done
    say "Python 3.11, 3.12 or 3.13 is needed and was not found${PYTHON:+ at $PYTHON}." \
        "  Debian 12, Ubuntu 24.04:  sudo apt install python3 python3-venv" \
        "  Fedora:                   sudo dnf install python3.12" \
        "  macOS:                    brew install python@3.12" \
        "  elsewhere, with conda:    conda env create --file environment.yml" \
        "If it is there under another name: make PYTHON=/path/to/python" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "$python (Python $version) lacks the venv module, which makes the environment." \
        "  Debian, Ubuntu:  sudo apt install python$version-venv" >&2
    exit 1
fi

say "Setting up the Python environment in .venv with $("$python" --version): once, a few minutes, up to 7 GB of disk."
if ! .venv/bin/python -c "$supported" 2>/dev/null || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear .venv
fi
rm -f "$installed"
if ! .venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt; then
    say "The installation did not finish; pip's messages above say why. The same command goes on where it stopped." >&2
    exit 1
fi
cp requirements.txt "$installed"
say "The environment is complete."
