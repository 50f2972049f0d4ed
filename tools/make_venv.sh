#!/bin/sh
# make_venv.sh DIRECTORY: a virtual environment with pip in it, also on a Debian whose Python came
# without ensurepip (the package python3-venv).
set -eu

directory=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "purertc needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1)." >&2
    echo "Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
}

if [ -x "$directory/bin/python" ] && "$directory/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
    "$python" -m venv "$directory"
elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip "$directory"
    "$python" -m pip --quiet --python "$directory/bin/python" install pip
else
    echo "This Python has neither ensurepip nor pip. On Debian or Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
