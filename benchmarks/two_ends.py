"""Measurements between two processes, each pinned to a core: floods and round trips."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.candidates import through
from benchmarks.peers import Ready, outward_host
from benchmarks.processes import Process
from benchmarks.results import Figures, percentile

__all__ = ["Load", "Samples", "flood", "profile", "round_trips"]

MODULE = "benchmarks.actors.two_processes"
TO_CONNECT = 30.0
"""Seconds that two processes may take from their start to the first message."""

Samples = dict[str, int]


@dataclass(frozen=True)
class Load:
    """What to send: messages of ``size`` bytes for ``seconds`` on so many channels.

    ``plain`` does without segmentation offload, ``path_mtu`` bounds the packets.
    ``loss`` is the share of datagrams that get lost in each direction, by a forwarder seeded with
    ``seed``; None connects directly.
    """

    size: int
    seconds: float
    channels: int = 1
    plain: bool = False
    path_mtu: int | None = None
    loss: float | None = None
    seed: int = 1

    def arguments(self, role: str, task: str) -> list[str]:
        """Return the command line of one end."""
        sizes = ["--size", str(self.size), "--channels", str(self.channels)]
        flags = ["--plain"] if self.plain else []
        if self.path_mtu is not None:
            flags += ["--path-mtu", str(self.path_mtu)]
        return [role, task, *sizes, "--seconds", str(self.seconds), *flags]


@dataclass(frozen=True)
class Ends:
    """Two connected processes, and what carries their datagrams."""

    sender: Process
    receiver: Process
    forwarder: Process | None


@contextmanager
def connected(ready: Ready, load: Load, task: str, *, sample: bool = False) -> Iterator[Ends]:
    """Start both ends and carry their descriptions. Raises MeasurementError."""
    flags = ["--sample"] if sample else []
    with ExitStack() as stack:
        sender, receiver = (
            stack.enter_context(
                Process(
                    ready.command(MODULE, *load.arguments(role, task), *flags),
                    environment=ready.variables,
                )
            )
            for role in ("sender", "receiver")
        )
        forwarder = None
        if load.loss is None:
            receiver.tell(sdp=sender.expect("offer", TO_CONNECT)["sdp"])
            sender.tell(sdp=receiver.expect("answer", TO_CONNECT)["sdp"])
        else:
            forwarder = stack.enter_context(Process(forwarder_command(load)))
            carry_through(sender, receiver, forwarder)
        yield Ends(sender, receiver, forwarder)


def forwarder_command(load: Load) -> list[str]:
    """Return the command of the process that loses datagrams."""
    host = outward_host() or "127.0.0.1"
    options = ["--host", host, "--loss", str(load.loss), "--seed", str(load.seed)]
    return [sys.executable, "-m", "benchmarks.forwarder", *options]


def carry_through(sender: Process, receiver: Process, forwarder: Process) -> None:
    """Let each end see the forwarder in place of the other."""
    host = outward_host() or "127.0.0.1"
    in_place_of_sender, in_place_of_receiver = forwarder.expect("ports", TO_CONNECT)["ports"]
    offer = through(sender.expect("offer", TO_CONNECT)["sdp"], (host, in_place_of_sender))
    receiver.tell(sdp=offer.sdp)
    answer = through(receiver.expect("answer", TO_CONNECT)["sdp"], (host, in_place_of_receiver))
    forwarder.tell(peers=[answer.host, offer.host])
    sender.tell(sdp=answer.sdp)


def flood(ready: Ready, load: Load) -> Figures:
    """Send as fast as it goes; return what arrived. Raises MeasurementError."""
    with connected(ready, load, "flood") as ends:
        count, sent, carried = run_flood(ends, load)
    size = sum(count["bytes"].values())
    figures = {
        "megabits": 8 * size / count["seconds"] / 1e6,
        "messages": count["messages"] / count["seconds"],
        "cpu": 1e9 * (count["cpu"] + sent["cpu"]) / max(size, 1),
        "fairness": jain_index(list(count["bytes"].values()), load.channels),
    }
    if carried:
        datagrams = max(carried["passed"] + carried["lost"], 1)
        figures["forwarder_busy"] = 100 * carried["cpu"] / carried["wall"]
        figures["forwarder_limit"] = 8 * carried["bytes"] / carried["cpu"] / 1e6
        figures["lost"] = 100 * carried["lost"] / datagrams
    return figures


def run_flood(ends: Ends, load: Load) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return what the receiver, the sender and the forwarder say."""
    ends.receiver.expect("started", TO_CONNECT)
    if ends.forwarder is not None:
        ends.forwarder.tell(type="lose")
    count = ends.receiver.expect("count", TO_CONNECT + 2 * load.seconds)
    ends.sender.tell(type="stop")
    sent = ends.sender.expect("sent", TO_CONNECT)
    if ends.forwarder is None:
        return count, sent, {}
    ends.forwarder.tell(type="report")
    return count, sent, ends.forwarder.expect("report", TO_CONNECT)


def profile(ready: Ready, load: Load) -> dict[str, Samples]:
    """Return what each end was doing during a flood. Raises MeasurementError."""
    with connected(ready, load, "flood", sample=True) as ends:
        count, sent, _ = run_flood(ends, load)
    return {"sender": sent["samples"], "receiver": count["samples"]}


def round_trips(ready: Ready, load: Load) -> Figures:
    """Send a message and wait for it to come back, again and again. Raises MeasurementError."""
    with connected(ready, load, "ping") as ends:
        times = ends.sender.expect("trips", TO_CONNECT + 2 * load.seconds)["seconds"]
    return {
        "p50": 1e6 * percentile(times, 0.50),
        "p99": 1e6 * percentile(times, 0.99),
        "trips": float(len(times)),
    }


def jain_index(shares: list[int], count: int) -> float:
    """Return Jain's fairness index: 1 when all shares are equal, ``1 / count`` at the worst."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (count * squares) if squares else 0.0
