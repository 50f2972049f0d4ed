"""An address of a network interface."""

from dataclasses import dataclass

from purertc.runtime.resolving import address_of
from purertc.wire.address import read_host

__all__ = ["InterfaceAddress"]


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """A numeric address of a network interface.

    ``interface`` is what the system calls that, such as ``"eth0"``. ``scope`` is the interface's
    number for link-local IPv6 addresses (RFC 4007), 0 for all others.
    """

    host: str
    interface: str = ""
    scope: int = 0

    @property
    def is_v6(self) -> bool:
        """Whether it is an IPv6 address."""
        return ":" in self.host

    @property
    def is_loopback(self) -> bool:
        """Whether it leads back to this machine."""
        return read_host(self.host).is_loopback

    @property
    def scoped_host(self) -> str:
        """The host as sockets that are bound to it have it, such as ``fe80::1%eth0``."""
        return address_of((self.host, 0, 0, self.scope))[0]
