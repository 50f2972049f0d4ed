"""What a peer in another process is made with."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["PeerSettings", "Server"]


@dataclass(frozen=True, slots=True)
class Server:
    """A STUN or TURN server."""

    urls: Sequence[str]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSettings:
    """``loopback`` peers use the loopback addresses, too (aiortc: nothing else).

    ``timeouts`` are settings of purertc's Configuration, ``names`` the addresses of servers that
    it looks up; aiortc has none such.
    """

    servers: Sequence[Server] = ()
    relay_only: bool = False
    loopback: bool = False
    authority: str | None = None
    timeouts: Mapping[str, float] = dataclasses.field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` takes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        servers = [Server(**server) for server in written["servers"]]
        return cls(**{**written, "servers": servers})
