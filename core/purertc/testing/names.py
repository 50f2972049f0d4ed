"""The resolver of simulated hosts."""

import socket

from purertc.errors import ArgumentError
from purertc.testing.host import is_v6
from purertc.testing.network import SimulatedNetwork

__all__ = ["look_up"]


def look_up(network: SimulatedNetwork, name: str) -> list[str]:
    """Return the addresses of a name, IPv4 first. Raises socket.gaierror."""
    try:
        hosts = network.resolve(name)
    except ArgumentError:
        raise socket.gaierror(socket.EAI_NONAME, f"no simulated host {name!r}") from None
    return sorted(dict.fromkeys(hosts), key=is_v6)
