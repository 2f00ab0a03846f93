#!/bin/sh
# Create or complete the Python environment in .venv; does nothing where it is complete.
# Installs requirements.lock, the versions of requirements.txt with all they need and the hashes of their files. Where the
# lock does not fit the system or requirements.txt, and with LOCK=no, installs requirements.txt, and says so.
# Usage: sh scripts/set_up.sh        (PYTHON=/path/to/python chooses the interpreter)
set -eu
# What a shell may have exported for other purposes must not lead out of the project's folder.
unset CDPATH GREP_OPTIONS PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONWARNINGS PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN
command cd -- "$(dirname -- "$0")/.." || exit 1
if [ ! -f scripts/set_up.sh ]; then
    echo "$PWD is not the project's folder: start this script by its path, as a file of its own." >&2
    exit 1
fi

case "$PWD" in
    *:*)
        echo "No environment can be made in a folder with a colon in its name: $PWD. Rename it, and start again." >&2
        exit 1
        ;;
esac

lock=requirements.lock
installed=.venv/installed-requirements.txt # written last: an interrupted installation has none
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

say() { printf '%s\n' "$@"; }
trap 'say "" "Set-up was interrupted; what is installed is kept: the same command goes on from there." >&2; exit 130' INT TERM HUP

pins() { # name==version, one a line, as both files write it
    sed -n 's/^\([A-Za-z0-9_.-]*==[^ ;]*\).*/\1/p' "$1" | tr 'A-Z_' 'a-z-'
}

unfit() { # says why the lock cannot be used, or nothing
    if [ "${LOCK:-}" = no ]; then
        echo "LOCK=no was given"
    elif [ ! -f "$lock" ]; then
        echo "it is not there"
    else
        case "$(uname -s) $(uname -m)" in
            "Linux x86_64" | "Linux aarch64" | "Darwin arm64") ;;
            *) echo "it was not made for $(uname -s) on $(uname -m)" ;;
        esac
        locked=$(pins "$lock")
        pins requirements.txt | while read -r pin; do
            printf '%s\n' "$locked" | grep -qxF -e "$pin" || echo "it lacks $pin, renew it with: sh scripts/lock.sh"
        done
    fi
}

lacking() { # names what of requirements.txt the environment does not have, or nothing
    pins requirements.txt | .venv/bin/python -c '
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
from importlib.metadata import distribution
for pin in sys.stdin.read().split():
    try:
        distribution(pin.partition("==")[0])
    except ModuleNotFoundError:
        print(pin)
' | tr '\n' ' '
}

wanted=$lock
why=$(unfit | head -n 1)
[ -z "$why" ] || wanted=requirements.txt

# What was installed from requirements.txt on purpose stays, even without LOCK=no.
if { cmp -s "$wanted" "$installed" || cmp -s requirements.txt "$installed"; } &&
    .venv/bin/python -c "$supported" 2>/dev/null && [ -z "$(lacking)" ]; then
    exit 0
fi
if [ -L .venv ]; then
    echo ".venv is a link, and what it leads to is not complete: delete the link, or complete what is there by hand." >&2
    exit 1
fi

if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.11 python3.12 python3.13 python; fi
python=
for candidate in "$@"; do
    if "$candidate" -c "$supported" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    for candidate in "$@"; do
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
[ -z "$why" ] || say "$lock is not used, $why: installing requirements.txt without checking hashes."
if ! .venv/bin/python -c "$supported" 2>/dev/null || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    said=$("$python" -m venv --clear .venv 2>&1) || { say "$said" >&2 && exit 1; }
fi
rm -f "$installed"
# A package that an interrupted pip left in pieces would pass for installed: this is the file that it writes after all.
for package in .venv/lib/python*/site-packages/*.dist-info; do
    [ -f "$package/INSTALLER" ] || rm -rf "$package"
done
log=.venv/installation.log # what pip says: hundreds of lines
: >"$log"

install() { .venv/bin/python -m pip install --disable-pip-version-check "$@" >>"$log" 2>&1; }

install_locked() { # first what installs and builds the others, as pip checks no hashes of what it would fetch for that
    awk '/^[^ #]/ { wanted = /^(pip|setuptools)==/ } wanted' "$lock" >.venv/first-requirements.txt
    if [ -s .venv/first-requirements.txt ]; then
        install --require-hashes --no-deps --only-binary :all: -r .venv/first-requirements.txt || return
    fi
    install --require-hashes --no-build-isolation -r "$lock"
}

install_library() { # in place, for notebooks; a container's image is made without it
    [ ! -f pyproject.toml ] || install --no-deps --no-build-isolation --editable .
}

{ if [ "$wanted" = "$lock" ]; then install_locked; else install -r requirements.txt; fi && install_library; } || {
    tail -n 20 "$log" >&2
    say "The installation did not finish; above is the end of $log. The same command goes on where it stopped." >&2
    exit 1
}
missing=$(lacking)
if [ -n "$missing" ]; then
    say "pip put packages elsewhere than into .venv, which lacks: $missing" \
        "Look for target, prefix, root, user or dry-run in: .venv/bin/python -m pip config list" >&2
    exit 1
fi
cp "$wanted" "$installed"
say "The environment is complete."
