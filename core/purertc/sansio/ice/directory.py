"""All candidates of one generation, its own and the other side's, within bounds."""

from collections.abc import Callable, Sequence

from purertc.sansio.entropy import Entropy, ice_string
from purertc.sansio.ice.candidates import ACTIVE_PORT, LocalBase, RemoteCandidate, check_host
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.types import Address, IceParameters, Transport
from purertc.wire.address import split_scope
from purertc.wire.candidate import Candidate

__all__ = ["CandidateDirectory"]

_FOUNDATION_LENGTH = 8

_Key = tuple[Address, Transport]


class CandidateDirectory:
    """Bases by address and transport, and remote candidates by their address without scope.

    Remote candidates that are signalled and that are learned are bounded separately, so that
    neither can keep the other out. ``local_ended`` and ``remote_ended`` say that no more come.
    """

    __slots__ = (
        "_added",
        "_config",
        "_entropy",
        "_locals",
        "_peer_reflexive",
        "_pending",
        "_reflexive_count",
        "_remotes",
        "_server_reflexive",
        "_signalled_count",
        "_tcp_sources",
        "_username_fragment",
        "local_ended",
        "remote_ended",
    )

    def __init__(self, config: IceConfig, username_fragment: str, entropy: Entropy) -> None:
        self._config = config
        self._entropy = entropy
        self._username_fragment = username_fragment
        self._added = 0
        self._locals: dict[_Key, LocalBase] = {}
        self._server_reflexive: dict[_Key, Candidate] = {}
        self._peer_reflexive: dict[_Key, Candidate] = {}
        self._remotes: dict[_Key, RemoteCandidate] = {}
        self._pending: list[Candidate] = []
        self._tcp_sources: list[str] = []
        self._signalled_count = 0
        self._reflexive_count = 0
        self.local_ended = False
        self.remote_ended = False

    @property
    def complete(self) -> bool:
        """Whether neither side has more candidates to come."""
        return self.local_ended and self.remote_ended

    # Our side

    def add_udp(self, address: Address, external_host: str | None) -> LocalBase:
        """Note a socket, or return what is known of it; raises ArgumentError."""
        return self._add(
            (address, Transport.UDP),
            lambda number, name: LocalBase.udp(address, number, name, external_host),
        )

    def add_relayed(self, address: Address, mapped: Address | None, preference: int) -> LocalBase:
        """Note an address on a relay, or return what is known of it; raises ArgumentError."""
        return self._add(
            (address, Transport.UDP),
            lambda number, name: LocalBase.relayed(address, mapped, number, name, preference),
        )

    def add_tcp_active(self, host: str, *, signalled: bool) -> LocalBase:
        """Note where TCP connections may start; raises ArgumentError."""
        address = (host, ACTIVE_PORT)
        return self._add(
            (address, Transport.TCP),
            lambda number, name: LocalBase.tcp(
                address, number, name, tcp_type="active", signalled=signalled
            ),
        )

    def keep_tcp_source(self, host: str) -> None:
        """Note where TCP connections may start, for when the other side shows that it listens.

        It seldom does, so that most connections have no use for a base. Raises ArgumentError.
        """
        check_host((host, ACTIVE_PORT))
        if host not in self._tcp_sources:
            self._tcp_sources.append(host)

    def use_tcp_sources(self) -> None:
        """Make bases of what was kept: the other side listens."""
        sources, self._tcp_sources = self._tcp_sources, []
        for host in sources:
            self.add_tcp_active(host, signalled=False)

    def add_tcp_passive(self, listener: Address) -> LocalBase:
        """Note a TCP listener, or return what is known of it; raises ArgumentError."""
        return self._add(
            (listener, Transport.TCP),
            lambda number, name: LocalBase.tcp(listener, number, name, tcp_type="passive"),
        )

    def _add(self, key: _Key, describe: Callable[[int, str], LocalBase]) -> LocalBase:
        base = self._locals.get(key)
        if base is None:
            base = describe(self._added, self._username_fragment)
            self._added += 1
            self._locals[key] = base
        return base

    def add_reflexive(self, mapped: Address, base: Address, server: Address) -> Candidate | None:
        """Note how a STUN server sees a socket; None when that says nothing new.

        Redundant candidates are left out (RFC 8445 section 5.1.3).
        """
        local = self._locals.get((base, Transport.UDP))
        bare = _bare(mapped)
        if local is None or (bare, Transport.UDP) in self._server_reflexive:
            return None
        if self._base_shown_as(bare, Transport.UDP) is not None:
            return None
        self._peer_reflexive.pop((bare, Transport.UDP), None)
        candidate = local.server_reflexive(bare, server)
        self._server_reflexive[bare, Transport.UDP] = candidate
        return candidate

    def remove_local(self, address: Address, transport: Transport) -> bool:
        """Forget a base; return whether it was known."""
        if transport is Transport.TCP and address[0] in self._tcp_sources:
            self._tcp_sources.remove(address[0])
        base = self._locals.pop((address, transport), None)
        if base is None:
            return False
        related = (base.candidate.host, base.candidate.port)
        for known in (self._server_reflexive, self._peer_reflexive):
            for key, candidate in list(known.items()):
                if key[1] is transport and (candidate.related_host, candidate.related_port) == (
                    related
                ):
                    del known[key]
        return True

    def has_local(self, address: Address, transport: Transport) -> bool:
        """Whether this is one of our bases."""
        return (address, transport) in self._locals

    def local(self, address: Address, transport: Transport) -> LocalBase | None:
        """Return the base of that address."""
        return self._locals.get((address, transport))

    def bases(self) -> tuple[_Key, ...]:
        """Return what there is to send from, also where TCP connections may only start later."""
        sources = (((host, ACTIVE_PORT), Transport.TCP) for host in self._tcp_sources)
        return (*self._locals, *sources)

    def locals(self) -> Sequence[LocalBase]:
        """Return all bases."""
        return tuple(self._locals.values())

    def local_candidates(self) -> tuple[Candidate, ...]:
        """Return our candidates, also those only others could show us."""
        return (
            *(base.candidate for base in self._locals.values() if base.signalled),
            *self._server_reflexive.values(),
            *self._peer_reflexive.values(),
        )

    def local_seen_as(self, base: LocalBase, mapped: Address) -> Candidate:
        """Return our candidate that the other side sees (RFC 8445 section 7.2.5.3.1)."""
        bare = _bare(mapped)
        if base.candidate.tcp_type == "active" and bare[0] == base.candidate.host:
            return base.candidate
        key = (bare, base.transport)
        known = self._base_shown_as(*key) or self._server_reflexive.get(key)
        if known is not None:
            return known
        candidate = self._peer_reflexive.get(key)
        if candidate is None:
            candidate = base.peer_reflexive(bare)
            if len(self._peer_reflexive) < self._config.max_peer_reflexive:
                self._peer_reflexive[key] = candidate
        return candidate

    def _base_shown_as(self, bare: Address, transport: Transport) -> Candidate | None:
        for base in self._locals.values():
            candidate = base.candidate
            if base.transport is transport and (candidate.host, candidate.port) == bare:
                return candidate
        return None

    # The other side

    def remotes(self) -> Sequence[RemoteCandidate]:
        """Return all remote candidates."""
        return tuple(self._remotes.values())

    @property
    def knows_listener(self) -> bool:
        """Whether a remote candidate takes TCP connections."""
        return any(transport is Transport.TCP for _, transport in self._remotes)

    def remote_known(self) -> bool:
        """Whether the other side has shown a candidate, or that it has none."""
        return bool(self._remotes) or self.remote_ended

    def keep_pending(self, candidate: Candidate) -> bool:
        """Keep a candidate until the other side's parameters are known; False when too many."""
        if len(self._pending) >= self._config.max_remote_candidates:
            return False
        self._pending.append(candidate)
        return True

    def take_pending(self) -> list[Candidate]:
        """Return what was kept, and forget it."""
        pending, self._pending = self._pending, []
        return pending

    def add_remote(
        self, candidate: Candidate, parameters: IceParameters | None
    ) -> tuple[RemoteCandidate | None, bool]:
        """Note a signalled candidate; return it, and whether it says anything new.

        A peer-reflexive candidate of that address becomes the signalled one. None when it
        cannot be used, or belongs to other parameters than these (RFC 8838 section 11).
        """
        generation = candidate.username_fragment
        foreign = (
            generation is not None
            and parameters is not None
            and generation != parameters.username_fragment
        )
        if foreign or self._signalled_count >= self._config.max_remote_candidates:
            return None, False
        fresh = RemoteCandidate.signalled(candidate)
        if fresh is None:
            return None, False
        known = self._remotes.get(fresh.key)
        if known is None:
            self._remotes[fresh.key] = fresh
            self._signalled_count += 1
            return fresh, True
        if known.candidate.type != "prflx":
            return known, False
        known.candidate = candidate
        self._signalled_count += 1
        self._reflexive_count -= 1
        return known, True

    def can_learn(self, source: Address, transport: Transport) -> bool:
        """Whether the source of a check is known, or may still become known."""
        return (
            self._reflexive_count < self._config.max_peer_reflexive
            or (_bare(source), transport) in self._remotes
        )

    def learn_remote(
        self, source: Address, transport: Transport, priority: int
    ) -> RemoteCandidate | None:
        """Return the candidate with this source address, a peer-reflexive one if it is new."""
        known = self._remotes.get((_bare(source), transport))
        if known is not None or self._reflexive_count >= self._config.max_peer_reflexive:
            return known
        remote = RemoteCandidate.reflexive(
            source, transport, priority, ice_string(self._entropy, _FOUNDATION_LENGTH)
        )
        if remote is None or remote.key in self._remotes:
            return None
        self._reflexive_count += 1
        self._remotes[remote.key] = remote
        return remote

    def unlearn_remote(self, remote: RemoteCandidate) -> None:
        """Forget a peer-reflexive candidate that can come back only from another address."""
        if remote.candidate.type == "prflx" and self._remotes.pop(remote.key, None) is not None:
            self._reflexive_count -= 1


def _bare(address: Address) -> Address:
    """Return an address without its scope."""
    return split_scope(address[0])[0], address[1]
