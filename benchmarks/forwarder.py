"""A process that carries datagrams between two peers and loses a share of them.

    python -m benchmarks.forwarder --host 192.0.2.2 --loss 0.01 --seed 1

Each side sees one socket in place of the other side. Loss is for each datagram, in both directions,
seeded, and begins when the word comes. Runs of datagrams (GSO, GRO) stay together, less what was
lost, so that the process costs little.
"""

import argparse
import contextlib
import random
import selectors
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.actors.pipes import hear, say
from benchmarks.many_datagrams import SOL_UDP, UDP_GRO, Batch, Part

BUFFER = 4 * 1024 * 1024


@dataclass(eq=False)
class Side:
    """The socket that one peer talks to, connected to that peer."""

    socket: socket.socket
    chance: Callable[[], float]
    passed: int = 0
    lost: int = 0
    size: int = 0


def open_side(host: str, seed: int) -> Side:
    """Bind a socket."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    with contextlib.suppress(OSError):  # without it datagrams come one by one
        sock.setsockopt(SOL_UDP, UDP_GRO, 1)
    sock.bind((host, 0))
    return Side(sock, random.Random(seed).random)


class Forwarder:
    """Two sides, and the loss between them."""

    def __init__(self, host: str, loss: float, seed: int) -> None:
        self.sides = open_side(host, 2 * seed), open_side(host, 2 * seed + 1)
        self._batch = Batch()
        self._loss = loss
        self._losing = 0.0

    @property
    def ports(self) -> list[int]:
        """Where the sides are, both."""
        return [side.socket.getsockname()[1] for side in self.sides]

    def connect(self, peers: list[list[object]]) -> None:
        """Say where the peers are: that of the first side, that of the second."""
        for side, (host, port) in zip(self.sides, peers, strict=True):
            side.socket.connect((host, port))

    def begin_loss(self) -> None:
        """Lose from now on."""
        self._losing = self._loss

    def carry(self, source: Side, target: Side) -> None:
        """Pass on what has arrived at one side."""
        parts = self._batch.receive(source.socket)
        kept = [left for part in parts if (left := self._thin(part, source)) is not None]
        if kept:
            self._batch.send(target.socket, kept)

    def _thin(self, part: Part, source: Side) -> Part | None:
        """Return what is left of a datagram or a run of them."""
        chance, losing = source.chance, self._losing
        if not part.segment:
            if chance() < losing:
                source.lost += 1
                return None
            source.passed += 1
            source.size += part.length
            return part
        count = -(-part.length // part.segment)
        kept = [number for number in range(count) if chance() >= losing]
        source.lost += count - len(kept)
        source.passed += len(kept)
        if len(kept) < count:
            part = self._batch.keep(part, kept)
        source.size += part.length
        return part if kept else None

    def report(self) -> dict[str, object]:
        """Datagrams and bytes, both directions."""
        return {
            "passed": sum(side.passed for side in self.sides),
            "lost": sum(side.lost for side in self.sides),
            "bytes": sum(side.size for side in self.sides),
        }


def serve(forwarder: Forwarder) -> None:
    """Carry until the program that started this one is gone."""
    first, second = forwarder.sides
    selector = selectors.DefaultSelector()
    selector.register(first.socket, selectors.EVENT_READ, partial(forwarder.carry, first, second))
    selector.register(second.socket, selectors.EVENT_READ, partial(forwarder.carry, second, first))
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    begun = time.perf_counter(), time.process_time()
    while True:
        for key, _ in selector.select():
            if key.data is not None:
                key.data()
                continue
            word = hear().get("type")
            if word == "lose":
                forwarder.begin_loss()
                begun = time.perf_counter(), time.process_time()
            elif word == "report":
                wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
                say("report", cpu=cpu, wall=wall, **forwarder.report())
            else:
                return


def main() -> None:
    """Say the ports, hear where the peers are, and carry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--loss", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    forwarder = Forwarder(options.host, options.loss, options.seed)
    say("ports", ports=forwarder.ports)
    peers = hear()
    if peers:
        forwarder.connect(peers["peers"])
        serve(forwarder)


if __name__ == "__main__":
    main()
