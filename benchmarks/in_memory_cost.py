"""What a message costs, counted by valgrind: the same on a noisy machine as on a quiet one.

callgrind counts instructions, DHAT the bytes that memcpy and memmove move, memcheck the calls of
malloc (Python's own allocator is off then, so that each is seen). What start-up and handshake cost
is measured without a message and taken off.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.peers import Ready
from benchmarks.processes import ROOT, MeasurementError
from benchmarks.results import Figures

__all__ = ["Tool", "cost", "counted"]

PATIENCE = 900.0
SIZES = (16_384, 100)
SMALLER = 16
"""Of small messages so many times more are sent, as each costs little."""


@dataclass(frozen=True)
class Tool:
    """A tool of valgrind, and where in its last words the count stands."""

    figure: str
    options: tuple[str, ...]
    pattern: str
    variables: Mapping[str, str] = field(default_factory=dict)


TOOLS = (
    Tool(
        "instructions",
        ("--tool=callgrind", "--callgrind-out-file={directory}/out"),
        r"Collected : (\d+)",
    ),
    Tool(
        "copied",
        ("--tool=dhat", "--mode=copy", "--dhat-out-file={directory}/out"),
        r"Total: +([\d,]+) bytes",
    ),
    Tool(
        "allocations",
        ("--tool=memcheck", "--undef-value-errors=no"),
        r"total heap usage: ([\d,]+) allocs",
        {"PYTHONMALLOC": "malloc"},
    ),
)


def cost(ready: Ready, messages: int, wanted: Sequence[str]) -> Figures:
    """Return the wanted counts of one message of each size.

    Raises MeasurementError without valgrind.
    """
    if shutil.which("valgrind") is None:
        raise MeasurementError("valgrind is not installed")
    tools = [tool for tool in TOOLS if tool.figure in wanted]
    loads = [(0, 0), *((size, count_of(size, messages)) for size in SIZES)]
    jobs = [(tool, size, count) for tool in tools for size, count in loads]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(lambda job: counted(ready, *job), jobs))
    found = {
        (tool.figure, size): count for (tool, size, _), count in zip(jobs, counts, strict=True)
    }
    figures: Figures = {}
    for tool in tools:
        for size, count in loads[1:]:
            each = (found[tool.figure, size] - found[tool.figure, 0]) / count
            figures[f"{tool.figure}_{size}"] = each / size if tool.figure == "copied" else each
    return figures


def count_of(size: int, messages: int) -> int:
    """Return how many messages of a size to send."""
    return messages if size == SIZES[0] else messages * SMALLER


def counted(ready: Ready, tool: Tool, size: int, messages: int) -> int:
    """Run the work below one tool. Raises MeasurementError when that says no count."""
    with tempfile.TemporaryDirectory() as directory:
        output = [each.format(directory=directory) for each in tool.options]
        work = ["-m", "benchmarks.in_memory", "--size", str(size), "--messages", str(messages)]
        try:
            done = subprocess.run(
                ["valgrind", *output, str(ready.python), *work],
                cwd=ROOT,
                env=os.environ | {"PYTHONHASHSEED": "0"} | dict(tool.variables),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MeasurementError(f"valgrind took more than {PATIENCE:.0f} s") from None
    found = re.search(tool.pattern, done.stderr)
    if done.returncode or found is None:
        last = done.stderr.strip().splitlines()[-1:]
        raise MeasurementError(f"valgrind {tool.options[0]} failed: {' '.join(last)}")
    return int(found[1].replace(",", ""))
