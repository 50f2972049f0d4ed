"""The ICE agent (RFC 8445): one component, full implementation, regular nomination, restarts."""

from collections.abc import Sequence
from typing import Final

from purertc.errors import ArgumentError, BadPacket, InvalidStateError
from purertc.sansio.entropy import Entropy, ice_string
from purertc.sansio.ice.candidates import LocalBase
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.events import IceEvent
from purertc.sansio.ice.generation import Generation
from purertc.sansio.ice.report import Counters, describe_counters
from purertc.sansio.ice.restarts import Generations
from purertc.sansio.ice.role import Role
from purertc.sansio.types import (
    Address,
    IceConnectionState,
    IceParameters,
    Transmit,
    Transport,
)
from purertc.wire.candidate import Candidate
from purertc.wire.stun import BINDING, MessageClass, StunMessage

__all__ = ["IceAgent", "new_parameters"]

# RFC 8839 section 5.4 asks for 24 bits of name and 128 bits of password at least.
_UFRAG_LENGTH: Final = 8
_PASSWORD_LENGTH: Final = 24

_BEST_RELAY: Final = 2


def new_parameters(entropy: Entropy) -> IceParameters:
    """Return fresh credentials, such as an ICE restart needs (RFC 8839 section 5.4)."""
    return IceParameters(
        username_fragment=ice_string(entropy, _UFRAG_LENGTH),
        password=ice_string(entropy, _PASSWORD_LENGTH),
    )


class IceAgent:
    """Finds a pair of addresses over which both sides reach each other, and watches over it.

    After every call that takes ``now`` the owner drains :meth:`transmits`, :meth:`next_event`
    and :meth:`next_deadline`. Checks start once the other side's parameters are known and a pair
    exists. Nothing that comes from the network raises.

    :meth:`restart` begins a new generation of candidates; the pair selected before carries the
    data until the new generation has one. Unless said otherwise, commands and properties are
    about the latest generation.
    """

    def __init__(self, config: IceConfig, entropy: Entropy) -> None:
        self.counters = Counters()
        self._config = config
        self._entropy = entropy
        self._out: list[Transmit] = []
        first = self._new_generation(new_parameters(entropy), Role(entropy))
        self._generations = Generations(first, config.restart_linger)
        self._validated = first.validated

    # What the agent is and was told

    @property
    def state(self) -> IceConnectionState:
        """W3C webrtc-pc section 5.6.4, RTCIceTransportState; of all generations together."""
        return self._generations.state

    @property
    def selected(self) -> CandidatePair | None:
        """The pair to send on; None before one is found and after it failed.

        During a restart that is the earlier generation's until there is a new one.
        """
        return self._generations.selected

    @property
    def restarting(self) -> bool:
        """Whether an ICE restart has not led to a pair yet."""
        return self._generations.restarting

    @property
    def controlling(self) -> bool:
        """Whether this side nominates (RFC 8445 section 6.1.1)."""
        return self._current.role.controlling

    @property
    def local_parameters(self) -> IceParameters:
        """Our credentials."""
        return self._current.parameters

    @property
    def local_username_fragments(self) -> frozenset[str]:
        """What requests of the other side may begin their user name with, in any generation."""
        return frozenset(
            generation.parameters.username_fragment for generation in self._generations
        )

    @property
    def remote_parameters(self) -> IceParameters | None:
        """The other side's credentials, or None while they are not known."""
        return self._current.remote

    @property
    def local_candidates(self) -> tuple[Candidate, ...]:
        """Our candidates to signal, and peer-reflexive ones that checks brought to light."""
        return self._current.directory.local_candidates()

    @property
    def bases(self) -> tuple[tuple[Address, Transport], ...]:
        """What there is to send from, by address and transport."""
        return self._current.directory.bases()

    @property
    def remote_candidates(self) -> tuple[Candidate, ...]:
        """The other side's candidates that can be used, also those learned from its checks."""
        return tuple(remote.candidate for remote in self._current.directory.remotes())

    @property
    def pairs(self) -> tuple[CandidatePair, ...]:
        """All candidate pairs, the best first."""
        return self._current.pairs

    @property
    def bad_packets(self) -> int:
        """How many datagrams were no STUN messages."""
        return self.counters.bad_packets

    @property
    def dropped(self) -> int:
        """How many STUN messages were dropped: not authentic, or of no use."""
        counters = self.counters
        return counters.unauthentic + counters.unexpected + counters.stray + counters.replayed

    @property
    def _current(self) -> Generation:
        return self._generations.current

    def set_role(self, controlling: bool) -> None:
        """Say which side nominates; a later conflict may still change it.

        A restart keeps the role (RFC 8445 section 9).
        """
        self._current.set_role(controlling=controlling)

    # Our side

    def add_local_address(
        self, address: Address, now: float, *, external_host: str | None = None
    ) -> Candidate:
        """Use a bound UDP socket; return the host candidate to signal.

        ``external_host`` is the public address that a router translates the socket's to, one to
        one; the candidate then says that. Raises ArgumentError when an address is not numeric,
        has no port, or is link-local without a scope; InvalidStateError when the agent is closed.
        """
        self._require_open()
        return self._added(self._current.directory.add_udp(address, external_host), now)

    def add_reflexive(
        self, mapped: Address, base: Address, server: Address, now: float
    ) -> Candidate | None:
        """Note how a STUN or TURN server sees a socket; return the candidate to signal.

        It makes no pairs of its own, as its packets leave from the socket (RFC 8445 section
        6.1.2.4). None when it is redundant, or the socket is not known. Raises
        InvalidStateError when the agent is closed.
        """
        self._require_open()
        candidate = self._current.add_reflexive(mapped, base, server)
        self._generations.settle(now)
        return candidate

    def add_relayed(
        self,
        relayed: Address,
        mapped: Address | None,
        now: float,
        *,
        preference: int = _BEST_RELAY,
    ) -> Candidate:
        """Use an address that a TURN server gave; return the candidate to signal.

        Packets from it have it as ``Transmit.local``. ``mapped`` is our address as the server
        sees it, for the candidate's ``raddr``. ``preference`` is 0, 1 or 2, the higher the better:
        2 for a server reached over UDP, 1 over TCP, 0 over TLS. Raises ArgumentError or
        InvalidStateError.
        """
        self._require_open()
        if not 0 <= preference <= _BEST_RELAY:
            raise ArgumentError("the preference of a relayed candidate is 0, 1 or 2")
        return self._added(self._current.directory.add_relayed(relayed, mapped, preference), now)

    def add_tcp_active(self, host: str, now: float) -> Candidate:
        """Let TCP connections start from a host; return the candidate to signal (RFC 6544).

        Checks have the host and port 9 as ``Transmit.local``, and TCP as ``Transmit.transport``.
        Raises ArgumentError or InvalidStateError.
        """
        self._require_open()
        return self._added(self._current.directory.add_tcp_active(host, signalled=True), now)

    def use_active_tcp(self, host: str, now: float) -> None:
        """Let TCP connections start from a host, without a candidate that says so.

        The other side learns the address from the checks. Raises like :meth:`add_tcp_active`.
        """
        self._require_open()
        self._current.use_active_tcp(host, now)
        self._generations.settle(now)

    def add_tcp_passive(self, listener: Address, now: float) -> Candidate:
        """Use a listening TCP socket; return the candidate to signal (RFC 6544).

        Raises ArgumentError or InvalidStateError.
        """
        self._require_open()
        return self._added(self._current.directory.add_tcp_passive(listener), now)

    def remove_local_address(
        self, address: Address, now: float, transport: Transport = Transport.UDP
    ) -> None:
        """Forget a base that is gone, in all generations; unknown addresses are ignored."""
        for generation in self._generations:
            if generation.retired_until is None:
                generation.remove_base(address, transport, now)
        self._generations.settle(now)

    def lose_stream(self, remote: Address, local: Address, reason: str, now: float) -> None:
        """Note that a TCP connection ended or could not be opened; ``local`` names its base.

        An active pair is tried again later. Unknown addresses are ignored.
        """
        for generation in self._generations:
            if generation.retired_until is None:
                generation.lose_stream((remote, local, Transport.TCP), reason, now)
        self._generations.settle(now)

    def end_of_local_candidates(self, now: float) -> None:
        """Note that no more bases will come."""
        self._require_open()
        self._current.end_of_local(now)
        self._generations.settle(now)

    # The other side

    def set_remote_parameters(self, parameters: IceParameters, now: float) -> None:
        """Take the other side's credentials; checks may start.

        The same ones again change nothing. Raises InvalidStateError when the agent is closed or
        the parameters differ, which needs :meth:`restart` first.
        """
        self._require_open()
        self._current.set_remote(parameters, now)
        self._generations.settle(now)

    def add_remote_candidate(self, candidate: Candidate, now: float) -> None:
        """Pair a candidate with all bases.

        One that is known already changes nothing. What cannot be used (another component, TCP
        that is not passive, a name, no generation of these, one too many) is ignored and
        counted. One that bears the user name of an earlier generation goes there (RFC 8838
        section 11). Raises InvalidStateError when the agent is closed.
        """
        self._require_open()
        self._generation_of(candidate).add_remote(candidate, now)
        self._generations.settle(now)

    def end_of_remote_candidates(self, now: float) -> None:
        """Note that the other side has no more candidates (RFC 8838 section 14)."""
        self._require_open()
        self._current.end_of_remote(now)
        self._generations.settle(now)

    # Restart and end

    def restart(self, now: float, parameters: IceParameters | None = None) -> IceParameters:
        """Begin a new generation (RFC 8445 section 9); return our new credentials.

        ``parameters`` are credentials made with :meth:`new_parameters`, None makes some. The
        owner adds all bases again, and the other side's parameters and candidates as they come;
        the role stays. The pair selected before carries the data, and keeps its consent, until
        the new generation has one. A failed agent lives again. A second restart before the
        answer to the first one takes its place. Raises InvalidStateError when the agent is closed.
        """
        self._require_open()
        chosen = new_parameters(self._entropy) if parameters is None else parameters
        generation = self._new_generation(chosen, self._current.role.copy())
        self._generations.begin(generation, now)
        self._validated = self._current.validated
        return chosen

    def roll_back_restart(self, now: float) -> None:
        """Return to the generation before the latest restart: its offer was rolled back.

        Raises InvalidStateError when there was none, or it has led to a pair already.
        """
        self._require_open()
        self._generations.roll_back(now)
        self._validated = self._current.validated

    def new_parameters(self) -> IceParameters:
        """Return credentials for a restart that is not applied yet."""
        return new_parameters(self._entropy)

    def close(self) -> None:
        """Stop everything at once; what waits to be sent is discarded."""
        if self.state is not IceConnectionState.CLOSED:
            self._generations.stop()
            self._out.clear()

    # The five verbs

    def receive(
        self,
        data: bytes,
        source: Address,
        local: Address,
        now: float,
        transport: Transport = Transport.UDP,
    ) -> None:
        """Take in one packet whose first byte says STUN."""
        if not self.uses(local, transport):
            self.counters.unexpected += 1
            return
        key = (source, local, transport)
        try:
            message = StunMessage.parse(data)
            if message.method != BINDING or message.message_class is MessageClass.INDICATION:
                # Indications only keep NAT bindings alive (RFC 8445 section 11).
                self.counters.unexpected += 1
                return
            if message.message_class is MessageClass.REQUEST:
                generation = self._generations.named_in(message)
                if generation is None:
                    self.counters.unauthentic += 1
                    return
                generation.handle_request(message, key, now)
            else:
                generation = self._generations.that_asked(message.transaction_id)
                if generation is None:
                    self.counters.stray += 1
                    return
                generation.handle_response(message, key, now)
        except BadPacket:
            self.counters.bad_packets += 1
            return
        self._generations.settle(now)

    def is_validated(
        self, source: Address, local: Address, transport: Transport = Transport.UDP
    ) -> bool:
        """Whether packets other than STUN from ``source`` to the base may be accepted.

        That is so once a check on the pair was answered, or an authentic one came from there.
        """
        key = (source, local, transport)
        return key in self._validated or self._generations.validated_before(key) is not None

    def validated_pair(
        self, source: Address, local: Address, transport: Transport = Transport.UDP
    ) -> CandidatePair | None:
        """Return the pair that packets other than STUN belong to, or None to drop them.

        The owner counts packets and bytes there. See :meth:`is_validated`.
        """
        key = (source, local, transport)
        return self._validated.get(key) or self._generations.validated_before(key)

    def uses(self, local: Address, transport: Transport = Transport.UDP) -> bool:
        """Whether this is a base of a generation that lives: what comes there may matter."""
        for generation in self._generations:
            if generation.directory.has_local(local, transport) and not generation.over:
                return True
        return False

    def handle_timeout(self, now: float) -> None:
        """Run what is due at ``now``."""
        self._generations.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        return self._generations.deadline

    @property
    def has_output(self) -> bool:
        """Whether :meth:`transmits` gives something."""
        return bool(self._out)

    def transmits(self) -> list[Transmit]:
        """Return what is to be sent, and forget it."""
        if not self._out:
            return []
        out = self._out.copy()
        self._out.clear()
        return out

    @property
    def events(self) -> Sequence[IceEvent]:
        """What :meth:`next_event` will give; it is the same object always."""
        return self._generations.events

    def next_event(self) -> IceEvent | None:
        """Return the next event in order, or None."""
        events = self._generations.events
        return events.pop(0) if events else None

    def describe(self) -> str:
        """Return the state, each pair with what was sent and received, and what was dropped."""
        sections = [self._current.describe(f"ICE {self.state}")]
        carrier = self._generations.carrier
        if carrier is not None:
            sections.append(carrier.describe(f"before the ICE restart: {carrier.state}"))
        sections.extend(describe_counters(self.counters))
        return "\n".join(sections)

    def _new_generation(self, parameters: IceParameters, role: Role) -> Generation:
        return Generation(
            self._config, self._entropy, parameters, role, out=self._out, counters=self.counters
        )

    def _added(self, base: LocalBase, now: float) -> Candidate:
        self._current.base_added(base, now)
        self._generations.settle(now)
        return base.candidate

    def _generation_of(self, candidate: Candidate) -> Generation:
        name = candidate.username_fragment
        for generation in self._generations:
            remote = generation.remote
            if (
                name is not None
                and remote is not None
                and generation.retired_until is None
                and remote.username_fragment == name
            ):
                return generation
        return self._current

    def _require_open(self) -> None:
        if self.state is IceConnectionState.CLOSED:
            raise InvalidStateError("the ICE agent is closed")
