#!/bin/sh
# What must hold before a commit; every check runs, and the last line says which failed.
# Usage: make check, or, in the environment: sh scripts/check.sh
set -u
# What a shell may have exported for other purposes must not lead out of the project's folder.
unset CDPATH GREP_OPTIONS PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONWARNINGS PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN
command cd -- "$(dirname -- "$0")/.." || exit 1
if [ ! -f scripts/set_up.sh ]; then
    echo "$PWD is not the project's folder: start this script by its path, as a file of its own." >&2
    exit 1
fi

failed=
check() { # a name, then a command
    name=$1
    shift
    if "$@"; then :; else failed="$failed, $name"; fi
}

check style ruff check --quiet .
check format ruff format --quiet --check .
check types mypy
check "the workflow's format" snakefmt --check workflow
check "import contracts" env PYTHONPATH=scripts lint-imports --no-cache
check "GitHub workflows" check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
if command -v actionlint >/dev/null; then check actionlint actionlint .github/workflows/*.yml; fi # looks deeper
check "unit tests" python -m pytest --quiet --numprocesses auto --dist loadfile --no-loadscope-reorder -m "not slow and not workflow and not browser"

[ -z "$failed" ] || {
    echo "Not as it should be: ${failed#, }. The messages above say what and where." >&2
    exit 1
}
