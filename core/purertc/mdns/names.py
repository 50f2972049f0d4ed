"""The names of mDNS candidates: one label below ``.local`` (draft-ietf-mmusic-mdns-ice-candidates).

Multicast DNS itself allows more; what a remote candidate may make this machine ask its network
for is kept to that form.
"""

import re
import socket
from collections import Counter

__all__ = ["Labels", "check_local_name", "is_local_name"]

_SUFFIX = ".local"
_MAX_LOOKS = 256
_LABEL = re.compile("[a-z0-9-]{1,63}", re.ASCII)


def is_local_name(host: str) -> bool:
    """Whether ``host`` asks for multicast DNS (RFC 6762 section 3), in a good form or not."""
    return host.lower().removesuffix(".").endswith(_SUFFIX)


def check_local_name(name: str) -> str:
    """Return ``name`` in lower case. Raises socket.gaierror when it has another form."""
    lower = name.lower()
    if not lower.endswith(_SUFFIX) or not _LABEL.fullmatch(lower.removesuffix(_SUFFIX)):
        raise socket.gaierror(
            socket.EAI_NONAME,
            f"{name[:100]!r} is no name of an mDNS candidate: that is one label of 1 to 63 letters,"
            " digits and hyphens, and '.local'",
        )
    return lower


class Labels:
    """Finds out whether a packet can be about one of many names, without parsing it.

    Compression (RFC 1035 section 4.1.4) replaces the end of a name only; its first label is in
    the packet as it is.
    """

    __slots__ = ("_labels", "_lengths")

    def __init__(self) -> None:
        self._labels: set[bytes] = set()
        self._lengths: Counter[int] = Counter()

    def add(self, name: str) -> None:
        """Look for ``name``, which is in lower case, from now on."""
        label = _label_of(name)
        if label not in self._labels:
            self._labels.add(label)
            self._lengths[len(label)] += 1

    def discard(self, name: str) -> None:
        """Look for it no longer."""
        label = _label_of(name)
        if label in self._labels:
            self._labels.discard(label)
            self._lengths[len(label)] -= 1
            if not self._lengths[len(label)]:
                del self._lengths[len(label)]

    def are_in(self, payload: bytes) -> bool:
        """Whether one of the labels is in the packet, as far as a look at it may cost."""
        payload = payload.lower()
        looks = _MAX_LOOKS
        for length in self._lengths:
            mark = bytes((length,))
            at = payload.find(mark)
            while at >= 0 and looks:
                looks -= 1
                if payload[at + 1 : at + 1 + length] in self._labels:
                    return True
                at = payload.find(mark, at + 1)
        return False


def _label_of(name: str) -> bytes:
    return name.removesuffix(_SUFFIX).encode("ascii")
