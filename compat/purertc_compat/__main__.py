"""Run a program written for aiortc on purertc, unchanged.

usage: python -m purertc_compat PROGRAM [ARGUMENT ...]
       python -m purertc_compat -m MODULE [ARGUMENT ...]
"""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from purertc_compat import install

__all__ = ["run"]


def run(arguments: Sequence[str]) -> None:
    """Run ``arguments`` as Python would run ``python ARGUMENTS``, with ``aiortc`` aliased."""
    if not arguments or arguments[0] in {"-h", "--help"} or list(arguments) == ["-m"]:
        print(__doc__, file=sys.stdout if arguments[:1] != ["-m"] and arguments else sys.stderr)
        sys.exit(0 if arguments and arguments[0] != "-m" else 2)
    install()
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    program = Path(arguments[0])
    if not program.exists():
        sys.exit(f"purertc_compat: there is no program {str(program)!r}")
    sys.argv = list(arguments)
    sys.path[0] = str(program.resolve().parent)
    runpy.run_path(str(program), run_name="__main__")


if __name__ == "__main__":
    run(sys.argv[1:])
