"""What code finds around it while it runs on virtual time.

A program asks more of its machine than its event loop: what time it is, random numbers, the
addresses of its network interfaces. While a simulation runs these answers come from the
simulation, in its own thread and nowhere else.
"""

import math
import os
import random
import time
from collections.abc import Callable
from typing import Self
from weakref import WeakKeyDictionary

import ifaddr
from OpenSSL import SSL

from purertc.testing.network import SimulatedNetwork
from purertc.testing.thread_patches import Answer, ThreadPatches

__all__ = ["EPOCH", "Ambient"]

EPOCH = 1_767_225_600
"""What ``time.time()`` says when a simulation starts: 2026-01-01, 00:00 UTC."""

_NANOSECONDS = 1_000_000_000

_real_sleep = time.sleep


class Ambient:
    """The surroundings of one simulation, in effect inside ``with``; it may be entered again.

    Covered are ``time.time``, ``monotonic`` and ``perf_counter``, also in nanoseconds, and
    ``time.sleep``; the ``random``, ``secrets`` and ``uuid`` modules with ``os.urandom``;
    ``ifaddr.get_adapters``, which aioice and aiortc ask for addresses; and the retransmission
    timer of pyOpenSSL's DTLS. Names that a program imported from these modules (``from time
    import monotonic``) are not.
    """

    def __init__(self, network: SimulatedNetwork, seed: int) -> None:
        self.network = network
        self.clock = network.clock
        self.system_random = random.Random(f"{seed} system")
        self._module_state = random.Random(f"{seed} module").getstate()
        self._dtls_deadlines: WeakKeyDictionary[SSL.Connection, float] = WeakKeyDictionary()

    def __enter__(self) -> Self:
        _patches.enter(self)
        self._swap_random_state()
        return self

    def __exit__(self, *_: object) -> None:
        self._swap_random_state()
        _patches.leave()

    def _swap_random_state(self) -> None:
        other = random.getstate()
        random.setstate(self._module_state)
        self._module_state = other

    def adapters(self) -> list[ifaddr.Adapter]:
        """Return the interfaces of the host on which the caller runs."""
        host = self.network.current_host()
        adapters = [_adapter("lo", ["127.0.0.1", "::1"])]
        adapters += [_adapter(f"eth{n}", [address]) for n, address in enumerate(host.addresses)]
        return adapters

    def announce_dtls_timeout(
        self, connection: SSL.Connection, remaining: float | None
    ) -> float | None:
        """Return OpenSSL's timeout in whole seconds: the rest depends on this machine's speed."""
        if remaining is None:
            self._dtls_deadlines.pop(connection, None)
            return None
        seconds = max(1.0, float(math.ceil(remaining)))
        self._dtls_deadlines[connection] = self.clock.now + seconds
        return seconds

    def has_dtls_timeout_passed(self, connection: SSL.Connection) -> bool:
        """Whether a timeout that the program was told of has passed in virtual time."""
        deadline = self._dtls_deadlines.pop(connection, None)
        return deadline is not None and self.clock.now >= deadline


def _adapter(name: str, addresses: list[str]) -> ifaddr.Adapter:
    ips = [
        ifaddr.IP((address, 0, 0), 64, name) if ":" in address else ifaddr.IP(address, 24, name)
        for address in addresses
    ]
    return ifaddr.Adapter(name, name, ips)


def _clock_answers() -> list[Answer]:
    def seconds(start: int) -> Callable[..., float]:
        return lambda ambient, _: start + ambient.clock.now

    def nanoseconds(start: int) -> Callable[..., int]:
        return lambda ambient, _: start * _NANOSECONDS + round(ambient.clock.now * _NANOSECONDS)

    starts = {"time": EPOCH, "monotonic": 0, "perf_counter": 0}
    answers: list[Answer] = [(time, name, seconds(start)) for name, start in starts.items()]
    answers += [(time, f"{name}_ns", nanoseconds(start)) for name, start in starts.items()]
    return [*answers, (time, "sleep", lambda ambient, _, duration: ambient.clock.skip(duration))]


def _random_answers() -> list[Answer]:
    system = random.SystemRandom
    return [
        (os, "urandom", lambda ambient, _, size: ambient.system_random.randbytes(size)),
        (system, "randbytes", lambda ambient, _, __, n: ambient.system_random.randbytes(n)),
        (system, "getrandbits", lambda ambient, _, __, k: ambient.system_random.getrandbits(k)),
        (system, "random", lambda ambient, _, __: ambient.system_random.random()),
    ]


def _dtls_answers() -> list[Answer]:
    def get_timeout(
        ambient: Ambient, original: Callable[..., float | None], connection: SSL.Connection
    ) -> float | None:
        return ambient.announce_dtls_timeout(connection, original(connection))

    def handle_timeout(
        ambient: Ambient, original: Callable[..., bool], connection: SSL.Connection
    ) -> bool:
        """Wait until OpenSSL's clock, which nothing can replace, has come as far as ours."""
        if ambient.has_dtls_timeout_passed(connection):
            remaining = real_timeout(connection)
            if remaining:
                _real_sleep(remaining)
        return original(connection)

    real_timeout = SSL.Connection.DTLSv1_get_timeout
    return [
        (SSL.Connection, "DTLSv1_get_timeout", get_timeout),
        (SSL.Connection, "DTLSv1_handle_timeout", handle_timeout),
    ]


def _interface_answers() -> list[Answer]:
    def adapters(ambient: Ambient, *_: object, **__: object) -> list[ifaddr.Adapter]:
        return ambient.adapters()

    return [(ifaddr, "get_adapters", adapters)]


_patches: ThreadPatches[Ambient] = ThreadPatches(
    [*_clock_answers(), *_random_answers(), *_dtls_answers(), *_interface_answers()]
)
