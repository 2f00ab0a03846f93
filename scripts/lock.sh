#!/bin/sh
# Resolve requirements.txt for every system and Python that set_up.sh knows, and write requirements.lock: all versions,
# with the SHA-256 of their files. Versions that are locked stay as they are where they can. Needs a network.
# Usage: sh scripts/lock.sh [--upgrade]        (PYTHON=/path/to/python chooses the interpreter)
set -eu
# What a shell may have exported for other purposes must not lead out of the project's folder.
unset CDPATH GREP_OPTIONS PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONWARNINGS PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN
command cd -- "$(dirname -- "$0")/.." || exit 1
if [ ! -f scripts/set_up.sh ]; then
    echo "$PWD is not the project's folder: start this script by its path, as a file of its own." >&2
    exit 1
fi

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --target "$tool" uv==0.13.9
UV_CUSTOM_COMPILE_COMMAND="sh scripts/lock.sh" "$tool/bin/uv" pip compile --quiet --system-certs "$@" \
    --universal --python-version 3.11 --generate-hashes requirements.txt --output-file requirements.lock
# Conda's environment repeats the list: Snakemake hands the file on without the one that it would name.
sed -n '1,/- pip:/p' environment.yml >"$tool/environment.yml"
sed -n 's/^[^# ].*==.*/      - &/p' requirements.txt >>"$tool/environment.yml"
cp "$tool/environment.yml" environment.yml
echo "requirements.lock holds $(grep -c == requirements.lock) packages."
