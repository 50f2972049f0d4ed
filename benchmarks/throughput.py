"""Throughput of one reliable ordered data channel, alternating with aiortc in the same run.

    python -m benchmarks.throughput --peer purertc --runs 5

Sender and receiver are two processes, each pinned to a core. The sender sends messages of 16 KiB
for a fixed time; the receiver counts bytes from the first to the last. Never fails on a timing.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.report import table, write_json

ROOT = Path(__file__).resolve().parent.parent
BASELINE = "aiortc"
ENDPOINTS = {
    "aiortc": ["benchmarks.legacy_endpoint", "--module", "aiortc"],
    "compat": ["benchmarks.legacy_endpoint", "--module", "purertc_compat"],
    "purertc": ["benchmarks.purertc_endpoint"],
}


@dataclass(frozen=True)
class Measurement:
    """One run: megabits a second, CPU milliseconds of both ends for a megabyte, messages."""

    peer: str
    megabits: float
    cpu_per_megabyte: float
    messages: int


def start(peer: str, role: str, core: int, options: argparse.Namespace) -> subprocess.Popen[str]:
    """Start one endpoint."""
    module, *arguments = ENDPOINTS[peer]
    command = [sys.executable, "-m", module, role, *arguments]
    command += ["--seconds", str(options.seconds), "--message-size", str(options.message_size)]
    command += ["--core", str(core)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PURERTC_COMPAT_WARNINGS": "off"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def measure(peer: str, options: argparse.Namespace) -> Measurement:
    """Run a pair of processes and carry offer and answer between them.

    Raises RuntimeError when one of them ends without a result, subprocess.TimeoutExpired when they
    do not end.
    """
    with (
        start(peer, "sender", 0, options) as sender,
        start(peer, "receiver", 1, options) as receiver,
    ):
        try:
            carry(sender, receiver)
            carry(receiver, sender)
            patience = 30 + 10 * options.seconds
            sent = read_count(sender.communicate(timeout=patience)[0], f"{peer} sender")
            received = read_count(receiver.communicate(timeout=patience)[0], f"{peer} receiver")
        finally:
            sender.kill()
            receiver.kill()
    megabytes = received["size"] / 1e6
    return Measurement(
        peer=peer,
        megabits=8 * megabytes / max(received["last"] - received["first"], 1e-9),
        cpu_per_megabyte=1000 * (sent["cpu"] + received["cpu"]) / max(megabytes, 1e-9),
        messages=int(received["messages"]),
    )


def carry(source: subprocess.Popen[str], target: subprocess.Popen[str]) -> None:
    """Take one line from a process to the other."""
    if source.stdout is None or target.stdin is None:
        raise RuntimeError("the processes were started without pipes")
    target.stdin.write(source.stdout.readline())
    target.stdin.flush()


def read_count(output: str, who: str) -> dict[str, float]:
    """The last line of an endpoint: what it counted."""
    lines = output.splitlines()
    if not lines:
        raise RuntimeError(f"the {who} ended without a result; its error output is above")
    count: dict[str, float] = json.loads(lines[-1])
    return count


def summarize(measurements: list[Measurement]) -> dict[str, dict[str, float]]:
    """Medians by library."""
    peers = dict.fromkeys(measurement.peer for measurement in measurements)
    return {
        peer: {
            "megabits": statistics.median(m.megabits for m in measurements if m.peer == peer),
            "cpu_per_megabyte": statistics.median(
                m.cpu_per_megabyte for m in measurements if m.peer == peer
            ),
        }
        for peer in peers
    }


def markdown(measurements: list[Measurement]) -> str:
    """The table that ``make bench`` prints."""
    summary = summarize(measurements)
    baseline = summary[BASELINE]["megabits"]
    rows = [
        [
            peer,
            f"{figures['megabits']:.0f}",
            ", ".join(f"{m.megabits:.0f}" for m in measurements if m.peer == peer),
            f"{figures['cpu_per_megabyte']:.1f}",
            f"{figures['megabits'] / baseline:.1f}",
        ]
        for peer, figures in summary.items()
    ]
    return table(
        [
            "library",
            "Mbit/s, median",
            "runs:",
            "CPU ms per MB, both ends",
            "times aiortc",
        ],
        rows,
    )


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peer", choices=sorted(ENDPOINTS), default="purertc")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of sending, for each run")
    parser.add_argument("--message-size", type=int, default=16384)
    parser.add_argument("--quick", action="store_true", help="one run of two seconds each")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    if options.quick:
        options.runs, options.seconds = 1, 2.0
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, and write the file if one was asked for."""
    options = read_options(arguments)
    peers = list(dict.fromkeys([BASELINE, options.peer]))
    plan = [peer for _ in range(options.runs) for peer in peers]
    console = Console(stderr=True)
    measurements = [
        measure(peer, options) for peer in track(plan, "Measuring", console=console, transient=True)
    ]
    print(f"Python {platform.python_version()}, messages of {options.message_size} bytes\n")
    print(markdown(measurements))
    report = {
        "message_size": options.message_size,
        "seconds": options.seconds,
        "medians": summarize(measurements),
        "runs": [asdict(measurement) for measurement in measurements],
    }
    write_json(options.json, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
