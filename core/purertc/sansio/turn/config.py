"""What a TURN client is told once: who it is, and its limits."""

from dataclasses import dataclass, field

from purertc.errors import ArgumentError

__all__ = ["RetransmissionConfig", "TurnConfig", "TurnCredentials"]


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    """Long-term credentials (RFC 8489 section 9.2).

    The time-limited ones that a web service hands out are of this kind too: the username is
    then ``"<expiry as Unix time>:<user>"``. Raises ArgumentError for text that has no UTF-8 form.
    """

    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        try:
            (self.username + self.password).encode()
        except UnicodeEncodeError as error:
            raise ArgumentError("TURN credentials must be valid Unicode") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class RetransmissionConfig:
    """When a request is sent again, and given up (RFC 8489 section 6.2). Times in seconds.

    ``rto``
        The wait before the first repetition over UDP; it doubles with each.
    ``max_sends``
        How often a request is sent over UDP.
    ``last_wait``
        The wait after the last time, in units of ``rto``.
    ``reliable_timeout``
        How long an answer may take over TCP and TLS.
    """

    rto: float = 0.25
    max_sends: int = 7
    last_wait: int = 16
    reliable_timeout: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnConfig:
    """Limits of one allocation. Raises ArgumentError for a lifetime that cannot be asked for.

    ``lifetime``
        Seconds to ask for; None leaves it to the server, usually 600.
    ``max_permissions``
        Peer IP addresses that may be in use at once; packets to more of them are dropped.
    ``max_channels``
        Peers that get a channel during the life of the allocation; more go without.
    ``waiting_per_peer``, ``waiting_bytes``
        Datagrams for one IP address, and bytes for all together, that are kept while the server
        is asked for a permission; more are dropped.
    """

    retransmission: RetransmissionConfig = field(default_factory=RetransmissionConfig)
    lifetime: int | None = None
    max_permissions: int = 128
    max_channels: int = 512
    waiting_per_peer: int = 32
    waiting_bytes: int = 262144

    def __post_init__(self) -> None:
        if self.lifetime is not None and not 0 < self.lifetime < 2**32:
            raise ArgumentError("lifetime must be positive and fit into 32 bits, or None")
