"""Whether this machine has multicast, and names that nobody else uses."""

import uuid

import pytest

from purertc.mdns.sockets import GROUPS, MDNS_PORT, open_socket, open_sockets

__all__ = ["needs_multicast", "new_name"]


def _multicast_works() -> bool:
    """Send a packet to the group that nobody takes for a message, and wait for it."""
    for link, sock in open_sockets((), open_socket):
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


needs_multicast = pytest.mark.skipif(
    not _multicast_works(), reason="this machine has no interface that takes multicast"
)


def new_name() -> str:
    return f"{uuid.uuid4()}.local"
