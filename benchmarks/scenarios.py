"""All scenarios of the benchmark program."""

from functools import partial

from benchmarks.in_memory_cost import cost
from benchmarks.pairs import half_silent_servers, idle, setup
from benchmarks.peers import COMPILED, OWN, Peer, Ready
from benchmarks.results import Figures
from benchmarks.scenario import Better, Effort, Figure, Goal, Scenario
from benchmarks.two_ends import Load, flood, round_trips

__all__ = ["FULL", "QUICK", "SCENARIOS"]

FULL = Effort(
    runs=5,
    seconds=3.0,
    pairs=20,
    pairs_with_servers=3,
    idle_pairs=500,
    idle_seconds=10.0,
    memory_messages=1000,
    counted=("instructions", "allocations", "copied"),
)
QUICK = Effort(
    runs=1,
    seconds=1.0,
    pairs=10,
    pairs_with_servers=1,
    idle_pairs=25,
    idle_seconds=6.0,
    memory_messages=100,
    counted=("instructions",),
)

KIB = 1024
MEGABITS = Figure("megabits", "Mbit/s", Better.MORE)
CPU = Figure("cpu", "CPU ms per MB, both ends", Better.LESS, 1)


def _flood(
    size: int,
    ready: Ready,
    effort: Effort,
    number: int,
    *,
    plain: bool = False,
    path_mtu: int | None = None,
    loss: float | None = None,
    channels: int = 1,
) -> Figures:
    if ready.peer.library != "purertc":
        plain, path_mtu = False, None
    load = Load(size, effort.seconds, channels, plain, path_mtu, loss, seed=number + 1)
    return flood(ready, load)


def _round_trips(ready: Ready, effort: Effort, _number: int) -> Figures:
    return round_trips(ready, Load(100, effort.seconds))


def _setup(ready: Ready, effort: Effort, _number: int) -> Figures:
    return setup(ready, effort.pairs)


def _setup_with_servers(ready: Ready, effort: Effort, _number: int) -> Figures:
    with half_silent_servers() as servers:
        return setup(ready, effort.pairs_with_servers, servers)


def _idle(ready: Ready, effort: Effort, _number: int) -> Figures:
    return idle(ready, effort.idle_pairs, effort.idle_seconds)


def _cost(ready: Ready, effort: Effort, _number: int) -> Figures:
    return cost(ready, effort.memory_messages, effort.counted)


def _can_be_bounded(peer: Peer) -> bool:
    return peer.library != "purertc_compat"


def _is_measured_in_memory(peer: Peer) -> bool:
    return peer.name in {OWN, COMPILED}


LOSSY = (
    MEGABITS,
    CPU,
    Figure("lost", "lost, %", digits=1),
    Figure("forwarder_busy", "forwarder busy, %"),
    Figure("forwarder_limit", "it could carry at least, Mbit/s"),
)
SET_UP = (
    Figure("p50", "ms, p50", Better.LESS, 1),
    Figure("p95", "p95", Better.LESS, 1),
    Figure("cpu", "CPU ms, p50, both ends", Better.LESS, 1),
)

SCENARIOS = (
    Scenario(
        "throughput",
        "Throughput, messages of 16 KiB",
        partial(_flood, 16 * KIB),
        (MEGABITS, CPU),
        (
            Goal("megabits", "wrtc", 1.0, 1.8),
            Goal("megabits", "aiortc", 8, 14),
            Goal("megabits", "wrtc", None, 2.3, peer=COMPILED),
        ),
    ),
    Scenario(
        "throughput-large",
        "Throughput, messages of 256 KiB",
        partial(_flood, 256 * KIB),
        (MEGABITS, CPU),
        (Goal("megabits", "wrtc", 1.0, 1.8), Goal("megabits", "aiortc", 8, 14)),
    ),
    Scenario(
        "throughput-ethernet",
        "Throughput in packets that Ethernet carries, messages of 16 KiB",
        partial(_flood, 16 * KIB, path_mtu=1500),
        (MEGABITS, CPU),
        (Goal("megabits", "wrtc", 1.0, 1.8), Goal("megabits", "aiortc", 8, 14)),
        _can_be_bounded,
    ),
    Scenario(
        "no-offload",
        "Throughput without GSO and GRO, in packets that Ethernet carries, messages of 16 KiB",
        partial(_flood, 16 * KIB, plain=True, path_mtu=1500),
        (MEGABITS, CPU),
        (Goal("megabits", "wrtc", 0.5, 1.0),),
        _can_be_bounded,
    ),
    Scenario(
        "small-messages",
        "Messages of 100 bytes",
        partial(_flood, 100),
        (Figure("messages", "messages a second", Better.MORE), MEGABITS, CPU),
        (Goal("messages", "wrtc", 2, 4), Goal("messages", "aiortc", 40, 40)),
    ),
    Scenario(
        "round-trip",
        "Round trip of 100 bytes",
        _round_trips,
        (Figure("p50", "µs, p50", Better.LESS), Figure("p99", "p99", Better.LESS)),
        (Goal("p50", "wrtc", 1.0, 0.7), Goal("p99", "wrtc", 1.0, 1.0)),
    ),
    Scenario(
        "loss-1",
        "Throughput with 1 % loss in both directions, messages of 16 KiB",
        partial(_flood, 16 * KIB, loss=0.01),
        LOSSY,
        (Goal("megabits", "wrtc", 0.4, 0.9), Goal("megabits", "aiortc", 3, 3)),
    ),
    Scenario(
        "loss-5",
        "Throughput with 5 % loss in both directions, messages of 16 KiB",
        partial(_flood, 16 * KIB, loss=0.05),
        LOSSY,
    ),
    Scenario(
        "setup",
        "Set-up of a connection, both ends in one process",
        _setup,
        SET_UP,
        (Goal("p50", None, 10, 10), Goal("p50", "wrtc", None, 1.0)),
    ),
    Scenario(
        "setup-with-servers",
        "Set-up with a STUN server and a TURN server that is silent",
        _setup_with_servers,
        SET_UP,
    ),
    Scenario(
        "idle",
        "An idle connection",
        _idle,
        (
            Figure("memory", "KiB", Better.LESS),
            Figure("cpu", "CPU µs a second", Better.LESS),
        ),
        (Goal("memory", "aiortc", 0.45, 0.45), Goal("cpu", "aiortc", 0.5, 0.5)),
    ),
    Scenario(
        "fairness",
        "Ten channels at once, messages of 16 KiB",
        partial(_flood, 16 * KIB, channels=10),
        (Figure("fairness", "Jain's index", Better.MORE, 3), MEGABITS),
        (Goal("fairness", None, 0.9, 0.99),),
    ),
    Scenario(
        "cost",
        "Work per message, both ends in memory",
        _cost,
        (
            Figure("instructions_16384", "instructions, 16 KiB", Better.LESS),
            Figure("allocations_16384", "allocations, 16 KiB", Better.LESS, 1),
            Figure("copied_16384", "bytes copied per byte, 16 KiB", Better.LESS, 2),
            Figure("instructions_100", "instructions, 100 bytes", Better.LESS),
            Figure("allocations_100", "allocations, 100 bytes", Better.LESS, 1),
            Figure("copied_100", "bytes copied per byte, 100 bytes", Better.LESS, 2),
        ),
        takes=_is_measured_in_memory,
        once=True,
    ),
)
