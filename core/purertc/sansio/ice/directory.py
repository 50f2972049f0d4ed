"""All candidates an agent knows, its own and the other side's, within bounds."""

from collections.abc import Sequence

from purertc.sansio.entropy import Entropy, ice_string
from purertc.sansio.ice.candidates import LocalAddress, RemoteCandidate
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.types import Address, IceParameters
from purertc.wire.address import split_scope
from purertc.wire.candidate import Candidate

__all__ = ["CandidateDirectory"]

_FOUNDATION_LENGTH = 8


class CandidateDirectory:
    """Sockets by address, and remote candidates by their address without scope.

    Remote candidates that are signalled and that are learned are bounded separately, so that
    neither can keep the other out. ``local_ended`` and ``remote_ended`` say that no more come.
    """

    __slots__ = (
        "_bound",
        "_config",
        "_entropy",
        "_local_parameters",
        "_local_reflexive",
        "_locals",
        "_pending",
        "_reflexive_count",
        "_remotes",
        "_signalled_count",
        "local_ended",
        "remote_ended",
    )

    def __init__(
        self, config: IceConfig, local_parameters: IceParameters, entropy: Entropy
    ) -> None:
        self._config = config
        self._entropy = entropy
        self._local_parameters = local_parameters
        self._bound = 0
        self._locals: dict[Address, LocalAddress] = {}
        self._local_reflexive: dict[Address, Candidate] = {}
        self._remotes: dict[Address, RemoteCandidate] = {}
        self._pending: list[Candidate] = []
        self._signalled_count = 0
        self._reflexive_count = 0
        self.local_ended = False
        self.remote_ended = False

    @property
    def complete(self) -> bool:
        """Whether neither side has more candidates to come."""
        return self.local_ended and self.remote_ended

    def add_local(self, address: Address) -> LocalAddress:
        """Note a socket, or return what is known of it; raises ArgumentError."""
        local = self._locals.get(address)
        if local is None:
            local = LocalAddress.bound(
                address, self._bound, self._local_parameters.username_fragment
            )
            self._bound += 1
            self._locals[address] = local
        return local

    def remove_local(self, address: Address) -> bool:
        """Forget a socket; return whether it was known."""
        return self._locals.pop(address, None) is not None

    def has_local(self, address: Address) -> bool:
        """Whether this is one of our sockets."""
        return address in self._locals

    def local(self, address: Address) -> LocalAddress | None:
        """Return the socket bound to ``address``."""
        return self._locals.get(address)

    def locals(self) -> Sequence[LocalAddress]:
        """Return all sockets."""
        return tuple(self._locals.values())

    def local_candidates(self) -> tuple[Candidate, ...]:
        """Return our candidates, also those only the other side could show us."""
        hosts = (local.candidate for local in self._locals.values())
        return (*hosts, *self._local_reflexive.values())

    def local_seen_as(self, local: LocalAddress, mapped: Address) -> Candidate:
        """Return our candidate that the other side sees (RFC 8445 section 7.2.5.3.1)."""
        bare = (split_scope(mapped[0])[0], mapped[1])
        for known in self._locals.values():
            if (known.candidate.host, known.candidate.port) == bare:
                return known.candidate
        candidate = self._local_reflexive.get(bare)
        if candidate is None:
            candidate = local.reflexive(bare)
            if len(self._local_reflexive) < self._config.max_peer_reflexive:
                self._local_reflexive[bare] = candidate
        return candidate

    def remotes(self) -> Sequence[RemoteCandidate]:
        """Return all remote candidates."""
        return tuple(self._remotes.values())

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
        known = self._remotes.get(fresh.address)
        if known is None:
            self._remotes[fresh.address] = fresh
            self._signalled_count += 1
            return fresh, True
        if known.candidate.type != "prflx":
            return known, False
        known.candidate = candidate
        self._signalled_count += 1
        self._reflexive_count -= 1
        return known, True

    def learn_remote(self, source: Address, priority: int) -> RemoteCandidate | None:
        """Return the candidate with this source address, a peer-reflexive one if it is new."""
        address = (split_scope(source[0])[0], source[1])
        known = self._remotes.get(address)
        if known is not None or self._reflexive_count >= self._config.max_peer_reflexive:
            return known
        remote = RemoteCandidate.reflexive(
            source, priority, ice_string(self._entropy, _FOUNDATION_LENGTH)
        )
        if remote is None or remote.address in self._remotes:
            return None
        self._reflexive_count += 1
        self._remotes[remote.address] = remote
        return remote
