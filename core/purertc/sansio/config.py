"""What a user may set for one connection, checked when it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from purertc.errors import ArgumentError
from purertc.sansio.dtls import Certificate
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.types import IceTransportPolicy

__all__ = ["Configuration", "IceServer"]


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server (W3C webrtc-pc section 4.2.2).

    ``urls`` is one URL or several (RFC 7064, RFC 7065). TURN URLs need ``username`` and
    ``credential``. Raises ArgumentError for anything else.
    """

    urls: str | Sequence[str]
    username: str | None = None
    credential: str | None = None

    def __post_init__(self) -> None:
        urls = self.url_list
        if not urls:
            raise ArgumentError("an IceServer needs at least one URL, such as 'stun:host:3478'")
        for url in urls:
            if ServerUrl.parse(url).relays and (self.username is None or self.credential is None):
                raise ArgumentError(f"{url!r} needs a username and a credential")

    @property
    def url_list(self) -> tuple[str, ...]:
        """The URLs, also when only one was given."""
        return (self.urls,) if isinstance(self.urls, str) else tuple(self.urls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Settings of one connection. Times are in seconds, sizes in bytes.

    ``ice_servers``
        STUN and TURN servers; all of them are used, at the same time.
    ``ice_transport_policy``
        RELAY signals and uses relayed candidates only.
    ``ice_candidate_pool_size``
        More than 0 lets gathering begin with the first negotiation call, before a local
        description is set.
    ``server_timeout``
        The longest a STUN or TURN server may take for a candidate.
    ``certificate``
        The identity to use; by default every connection makes its own.
    ``include_loopback``
        Whether loopback addresses become candidates; None means only when the machine has no
        other address.
    ``max_message_size``
        The longest message to accept, announced in the description (RFC 8841 section 6).
    ``receive_window``
        Bytes the other side may send ahead of what was read, all channels together.
    ``send_high_water``
        Bytes a channel may have buffered before ``send`` waits; None lets it grow without bound.
    ``disconnected_timeout``, ``failed_timeout``
        Silence after which ICE becomes "disconnected" and "failed" (RFC 7675).
    ``checking_timeout``
        The longest ICE may look for a working pair before it fails.
    ``network``
        How the connection uses this machine: ports, addresses, TCP, names, TLS.
    """

    ice_servers: Sequence[IceServer] = ()
    ice_transport_policy: IceTransportPolicy = IceTransportPolicy.ALL
    ice_candidate_pool_size: int = 0
    server_timeout: float = 5.0
    certificate: Certificate | None = None
    include_loopback: bool | None = None
    max_message_size: int = 262144
    receive_window: int = 4 * 1024 * 1024
    send_high_water: int | None = 1024 * 1024
    disconnected_timeout: float = 5.0
    failed_timeout: float = 30.0
    checking_timeout: float = 30.0
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def __post_init__(self) -> None:
        self._check_ice()
        if not 1200 <= self.max_message_size <= 2**30:
            raise ArgumentError("max_message_size must be between 1200 and 2**30 bytes")
        if self.receive_window < max(self.max_message_size, 65536):
            raise ArgumentError(
                "receive_window must be at least 64 KiB and hold one message of max_message_size"
            )
        if self.send_high_water is not None and self.send_high_water < 1:
            raise ArgumentError("send_high_water must be positive, or None for no bound")
        if not 0 < self.disconnected_timeout < self.failed_timeout:
            raise ArgumentError("disconnected_timeout must be positive and below failed_timeout")

    def _check_ice(self) -> None:
        if not all(isinstance(server, IceServer) for server in self.ice_servers):
            raise ArgumentError("ice_servers takes IceServer objects")
        if self.ice_transport_policy not in tuple(IceTransportPolicy):
            raise ArgumentError("ice_transport_policy is 'all' or 'relay'")
        if not 0 <= self.ice_candidate_pool_size <= 255:
            raise ArgumentError("ice_candidate_pool_size must be from 0 to 255")
        if not isinstance(self.network, NetworkSettings):
            raise ArgumentError("network takes a NetworkSettings object")
        for name in ("checking_timeout", "server_timeout"):
            if getattr(self, name) <= 0:
                raise ArgumentError(f"{name} must be positive")
