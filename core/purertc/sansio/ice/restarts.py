"""The generations of an agent: the current one, and what a restart keeps of those before."""

from collections.abc import Iterator
from typing import Final

from purertc.errors import InvalidStateError
from purertc.sansio.ice.checklist import CandidatePair, PairKey
from purertc.sansio.ice.events import IceEvent, IceStateChanged, SelectedPairChanged
from purertc.sansio.ice.generation import Generation
from purertc.sansio.types import IceConnectionState
from purertc.wire.stun import Attribute, StunMessage

__all__ = ["Generations", "state_during_restart"]

_CONNECTED: Final = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)
_SEARCHING: Final = (
    IceConnectionState.NEW,
    IceConnectionState.CHECKING,
    IceConnectionState.FAILED,
)


def state_during_restart(
    current: IceConnectionState, previous: IceConnectionState
) -> IceConnectionState:
    """Return the state of the whole (W3C webrtc-pc section 5.6.4).

    ``previous`` is of the generation that carries the data until the current one has a pair.
    """
    if current not in _SEARCHING:
        return current
    if previous in _CONNECTED:
        # A restart takes completed back to connected.
        return IceConnectionState.CONNECTED
    if current is IceConnectionState.FAILED:
        disconnected = previous is IceConnectionState.DISCONNECTED
        return IceConnectionState.DISCONNECTED if disconnected else current
    if previous is IceConnectionState.DISCONNECTED:
        return IceConnectionState.CHECKING
    if current is IceConnectionState.CHECKING:
        return current
    return previous


class Generations:
    """Routes messages to the generation they belong to, and shows all as one.

    ``current`` is the latest; the others live until it has a pair, and a moment longer. There
    are never more than two of those: the one that carries the data, and the one that a rollback
    would return to.
    """

    __slots__ = ("_linger", "_others", "current", "deadline", "events", "selected", "state")

    def __init__(self, first: Generation, linger: float) -> None:
        self.current = first
        self.state = first.state
        self.selected: CandidatePair | None = None
        self.events: list[IceEvent] = []
        self.deadline: float | None = None
        """When :meth:`handle_timeout` is due, as of the last :meth:`settle`."""
        self._linger = linger
        self._others: tuple[Generation, ...] = ()

    def __iter__(self) -> Iterator[Generation]:
        """Iterate over all, the current one first."""
        yield self.current
        yield from self._others

    @property
    def restarting(self) -> bool:
        """Whether a restart has not led to a pair yet."""
        return bool(self._living())

    @property
    def carrier(self) -> Generation | None:
        """The earlier generation that data still goes over, if any."""
        return next((other for other in self._living() if other.selected is not None), None)

    def begin(self, generation: Generation, now: float) -> None:
        """Restart: the given generation becomes the current one."""
        living = self._living()
        if not living or self.current.remote is not None:
            living = (self.current, *living)
        kept, rest = living[:1], living[1:]
        if kept[0].selected is None:
            kept += tuple(other for other in rest if other.selected is not None)[:1]
        self._others = kept
        self.current = generation
        self.settle(now)

    def roll_back(self, now: float) -> None:
        """Return to the generation before; raises InvalidStateError when there is none."""
        living = self._living()
        if not living:
            raise InvalidStateError("there is no ICE restart to roll back")
        self.current, self._others = living[0], living[1:]
        self.settle(now)

    def named_in(self, request: StunMessage) -> Generation | None:
        """Return the generation whose user name a request bears (RFC 8445 section 7.2.2)."""
        name = request.attributes.get(Attribute.USERNAME, b"").partition(b":")[0]
        for generation in self:
            if name == generation.name:
                return generation
        return None

    def that_asked(self, transaction_id: bytes) -> Generation | None:
        """Return the generation that waits for an answer."""
        for generation in self:
            if generation.checks.asked(transaction_id):
                return generation
        return None

    def validated_before(self, key: PairKey) -> CandidatePair | None:
        """Return the pair of an earlier generation, if that has validated it."""
        for other in self._others:
            pair = other.validated.get(key)
            if pair is not None:
                return pair
        return None

    def _next_deadline(self) -> float | None:
        if not self._others:
            return self.current.next_deadline()
        deadlines = [generation.next_deadline() for generation in self]
        deadlines += [other.retired_until for other in self._others]
        return min((at for at in deadlines if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        for generation in self:
            generation.handle_timeout(now)
        if self._others:
            self._others = tuple(
                other
                for other in self._others
                if other.retired_until is None or other.retired_until > now
            )
        self.settle(now)

    def stop(self) -> None:
        """End all for good."""
        self._others = ()
        self.current.stop(IceConnectionState.CLOSED)
        self.selected = None
        self.deadline = None
        self._show(IceConnectionState.CLOSED, None)

    def settle(self, now: float) -> None:
        """Turn what happened in the generations into the events of the whole."""
        selection = self.current.selection
        events = selection.events
        if not events and not self._others and selection.state is self.state:
            self._use(selection.selected)
            self.deadline = self.current.next_deadline()
            return
        while events:
            event = events.pop(0)
            if isinstance(event, SelectedPairChanged):
                self._use(event.pair)
            else:
                self._show(self._combined(event.state), event.reason)
        reason = self._settle_others(now) if self._others else None
        carrier = self.carrier if self.current.selected is None else self.current
        self._use(None if carrier is None else carrier.selected)
        self._show(self._combined(self.current.state), reason)
        self.deadline = self._next_deadline()

    def _settle_others(self, now: float) -> str | None:
        """Retire what is of no use any more; return why the data's way was lost, if it was."""
        reason = None
        for other in self._living():
            while other.events:
                event = other.events.pop(0)
                if isinstance(event, IceStateChanged):
                    reason = event.reason
            if self.current.connected:
                other.retire(now + self._linger)
        return reason

    def _combined(self, current: IceConnectionState) -> IceConnectionState:
        living = self._living()
        if not living:
            return current
        return state_during_restart(current, (self.carrier or living[0]).state)

    def _living(self) -> tuple[Generation, ...]:
        if not self._others:
            return ()
        return tuple(other for other in self._others if other.retired_until is None)

    def _use(self, pair: CandidatePair | None) -> None:
        if pair is not self.selected:
            self.selected = pair
            if pair is not None:
                self.events.append(SelectedPairChanged(pair))

    def _show(self, state: IceConnectionState, reason: str | None) -> None:
        if state is not self.state:
            self.state = state
            self.events.append(IceStateChanged(state, reason))
