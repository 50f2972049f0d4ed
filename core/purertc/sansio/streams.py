"""TCP connections of the core: what it asks of its owner, as a value."""

from dataclasses import dataclass

from purertc.sansio.types import Address

__all__ = ["Stream"]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A TCP connection that the core asked for, or that its owner accepted for the core.

    It is an identity: the owner keeps the connection itself under it. ``local_host`` is the
    numeric host to connect from, None for any. With ``server_name`` the connection is TLS, and
    the certificate of the other side must be for that name.
    """

    remote: Address
    local_host: str | None = None
    server_name: str | None = None
