"""What is compared: libraries on event loops, and whether they are here."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ifaddr

from benchmarks.environments import EnvironmentMissing, compiled_python, environment_python

__all__ = ["BASELINES", "COMPILED", "OWN", "PEERS", "Peer", "PeerMissing", "ready"]


class PeerMissing(Exception):
    """A peer cannot be measured here, and why."""


@dataclass(frozen=True)
class Peer:
    """A library on an event loop; ``own`` is what this project makes."""

    name: str
    library: str
    loop: str = "asyncio"
    own: bool = False
    environment: str | None = None
    """The name of its own virtual environment."""
    compiled: bool = False
    """Whether that environment has the compiled build of this project."""


@dataclass(frozen=True)
class Ready:
    """A peer that can be started: its Python, and what its processes find in their environment."""

    peer: Peer
    python: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def command(self, module: str, *arguments: str) -> list[str]:
        """Return the command of one of its processes."""
        return [
            str(self.python),
            "-m",
            module,
            *arguments,
            "--library",
            self.peer.library,
            "--loop",
            self.peer.loop,
        ]


PEERS = {
    peer.name: peer
    for peer in (
        Peer("purertc", "purertc", own=True),
        Peer(
            "purertc-compiled", "purertc", own=True, environment="purertc-compiled", compiled=True
        ),
        Peer("purertc-uvloop", "purertc", "uvloop", own=True),
        Peer("purertc-trio", "purertc", "trio", own=True),
        Peer("compat", "purertc_compat", own=True),
        Peer("aiortc", "aiortc"),
        Peer("wrtc", "wrtc", environment="wrtc"),
        Peer("aiolibdatachannel", "aiolibdatachannel", environment="aiolibdatachannel"),
    )
}
OWN = "purertc"
COMPILED = "purertc-compiled"
BASELINES = ("wrtc", "aiortc", "aiolibdatachannel")
"""What the first peer is compared with, where it was measured."""


def ready(peer: Peer) -> Ready:
    """Return how to start a peer. Raises PeerMissing."""
    for module in (peer.loop, *(() if peer.environment else (peer.library,))):
        if importlib.util.find_spec(module) is None:
            raise PeerMissing(f"{module} is not installed")
    if peer.environment is None:
        return Ready(peer, Path(sys.executable), {"PURERTC_COMPAT_WARNINGS": "off"})
    try:
        python_of = compiled_python if peer.compiled else environment_python
        python = python_of(peer.environment)
    except EnvironmentMissing as error:
        raise PeerMissing(str(error)) from None
    return Ready(peer, python, {} if outward_host() else {"WRTC_ALLOW_LOOPBACK": "1"})


def outward_host() -> str | None:
    """Return an IPv4 address of this machine that is not the loopback's."""
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            if isinstance(address.ip, str) and not address.ip.startswith("127."):
                return address.ip
    return None
