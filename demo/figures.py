"""The leak and throughput figures, each measured in processes of their own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LeakFigure", "ThroughputFigure", "measure_leaks", "measure_throughput"]

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class LeakFigure:
    """What one closed connection leaves behind on average."""

    library: str
    connections: int
    kib: float
    objects: float
    tasks: int


@dataclass(frozen=True)
class ThroughputFigure:
    """Megabits a second, and CPU milliseconds of both ends for a megabyte."""

    library: str
    megabits: float
    cpu_per_megabyte: float


def measure_leaks(library: str, connections: int, *, timeout: float = 120.0) -> LeakFigure:
    """Run ``demo.leaks``."""
    module = ["demo.leaks", library, "--connections", str(connections)]
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(module)} failed:\n{done.stdout}{done.stderr}")
    return LeakFigure(library, connections, **json.loads(done.stdout))


def measure_throughput(directory: Path, *, timeout: float = 120.0) -> list[ThroughputFigure]:
    """Run ``benchmarks.throughput`` shortly, with its files in ``directory``."""
    report = directory / "throughput.json"
    module = ["benchmarks.throughput", "--quick", "--json", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(module)} failed:\n{done.stdout}{done.stderr}")
    medians = json.loads(report.read_text())["medians"]
    return [ThroughputFigure(library, **figures) for library, figures in medians.items()]
