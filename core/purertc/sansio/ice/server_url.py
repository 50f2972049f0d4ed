"""URLs of STUN and TURN servers (RFC 7064, RFC 7065)."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from typing import Final, Self

from purertc.errors import ArgumentError
from purertc.sansio.types import Address, Transport
from purertc.wire.address import parse_host, split_scope

__all__ = ["ServerUrl"]

_MAX_LENGTH: Final = 1024
_URL: Final = re.compile(
    r"""(?P<scheme>stuns?|turns?):
        (?:\[(?P<literal>[^\[\]\s]+)\]|(?P<name>[^\[\]\s:/?\#@%]+))
        (?::(?P<port>[0-9]{1,5}))?
        (?:\?transport=(?P<transport>udp|tcp))?""",
    re.IGNORECASE | re.VERBOSE,
)
_DOTTED: Final = re.compile(r"[0-9.]+")
_PORT: Final = 3478
_TLS_PORT: Final = 5349


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """What a URL says.

    ``text`` is the URL as it was written, ``scheme`` is in lower case, ``host`` a name or a
    numeric address without brackets.
    """

    text: str
    scheme: str
    host: str
    port: int
    transport: Transport

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``stun:host``, ``turn:host:3478?transport=tcp``, ``turns:[2001:db8::1]`` and so on.

        Without a port it is 3478, with TLS 5349; without a transport UDP, with TLS TCP. A
        transport is also understood in STUN URLs, though RFC 7064 has none there. Raises
        ArgumentError that says what is wrong.
        """
        match = _URL.fullmatch(text) if len(text) <= _MAX_LENGTH else None
        if match is None:
            raise ArgumentError(
                f"{text[:100]!r} is no STUN or TURN URL; write 'stun:host:port' or "
                "'turn:host:port?transport=tcp', and an IPv6 address in brackets"
            )
        scheme = match["scheme"].lower()
        secure = scheme in {"stuns", "turns"}
        port = int(match["port"] or (_TLS_PORT if secure else _PORT))
        if not 1 <= port <= 65535:
            raise ArgumentError(f"the port in {text!r} must be from 1 to 65535")
        transport = Transport.TCP if secure else Transport.UDP
        if match["transport"] is not None:
            transport = Transport(match["transport"].lower())
        host = match["name"]
        host = _ipv6_host(match["literal"], text) if host is None else _named_host(host, text)
        return cls(text, scheme, host, port, transport)

    @property
    def secure(self) -> bool:
        """Whether TLS protects the way to the server."""
        return self.scheme in {"stuns", "turns"}

    @property
    def relays(self) -> bool:
        """Whether it is a TURN server."""
        return self.scheme in {"turn", "turns"}

    @property
    def numeric(self) -> Address | None:
        """The server's address when ``host`` is no name."""
        try:
            return str(parse_host(self.host)), self.port
        except ArgumentError:
            return None


def _ipv6_host(literal: str, text: str) -> str:
    # RFC 6874 section 2 writes the scope of a link-local address after "%25".
    host, scope = split_scope(literal.replace("%25", "%", 1))
    try:
        return str(IPv6Address(host)) + scope
    except AddressValueError as error:
        raise ArgumentError(f"{literal!r} in {text!r} is no IPv6 address") from error


def _named_host(host: str, text: str) -> str:
    """Return a name or an IPv4 address; what looks like the latter must be one."""
    if _DOTTED.fullmatch(host):
        try:
            return str(parse_host(host))
        except ArgumentError as error:
            raise ArgumentError(f"{host!r} in {text!r} is no IPv4 address") from error
    return host
