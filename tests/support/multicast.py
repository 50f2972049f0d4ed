"""Whether this machine has multicast, and names that nobody else uses."""

import socket
import uuid

import pytest

from purertc.mdns.sockets import GROUPS, MDNS_PORT, multicast_links, open_socket, open_sockets

__all__ = ["needs_multicast", "needs_multicast_route", "new_name"]


def _multicast_works() -> bool:
    """Send a packet to the group that nobody takes for a message, and wait for it."""
    for link, sock in open_sockets(multicast_links(), (), open_socket):
        with sock:
            sock.settimeout(0.5)
            probe = uuid.uuid4().bytes[:11]
            try:
                sock.sendto(probe, (GROUPS[link.v6], MDNS_PORT))
                while sock.recv(9000) != probe:
                    pass
            except OSError:
                continue
            return True
    return False


def _has_route() -> bool:
    """Whether the system knows an interface for the group when none is named."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(b"", (GROUPS[False], MDNS_PORT))
        except OSError:
            return False
    return True


needs_multicast = pytest.mark.skipif(
    not _multicast_works(), reason="this machine has no interface that takes multicast"
)


needs_multicast_route = pytest.mark.skipif(
    not _has_route(), reason="this machine has no route to multicast groups"
)


def new_name() -> str:
    return f"{uuid.uuid4()}.local"
