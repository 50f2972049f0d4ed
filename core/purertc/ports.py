"""The ports that sockets of a connection are bound to."""

import errno
import itertools
import random
from collections.abc import Iterable

from purertc.sansio.network_settings import NetworkSettings

__all__ = ["PORT_TAKEN", "ports_to_try"]

PORT_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})
"""What says that another port may do. EACCES: a port below 1024, or on Windows one that a program
has for itself."""


def ports_to_try(settings: NetworkSettings) -> Iterable[int]:
    """Return the ports of the range, in turn from a random one on; just 0 without a range.

    So connections that are made at the same time, also by other programs, look in different
    places, and a port is not used again at once.
    """
    if settings.port_range is None:
        return (0,)
    low, high = settings.port_range
    start = random.randint(low, high)
    return itertools.chain(range(start, high + 1), range(low, start))
