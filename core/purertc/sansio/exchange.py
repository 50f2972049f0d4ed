"""How far an exchange has come: the signaling state and the descriptions of both sides.

What is current was settled by an answer, what is pending waits for one (W3C webrtc-pc section
4.4.1.1).
"""

from dataclasses import dataclass

from purertc.errors import InvalidStateError
from purertc.sansio.description import SessionDescription
from purertc.sansio.ice_generation import Generation
from purertc.sansio.local_description import LocalDescription
from purertc.sansio.sections import Section
from purertc.sansio.session import RemoteDescription
from purertc.sansio.types import IceParameters, SdpType, SignalingState

__all__ = ["Agreement", "Exchange"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The last exchange that was completed by an answer."""

    local: LocalDescription
    remote: RemoteDescription
    sections: tuple[Section, ...]


class Exchange:
    """The descriptions of one connection. Reading them is all that is public here."""

    __slots__ = ("_agreed", "_generation", "_local", "_remote", "_state")

    def __init__(self) -> None:
        self._state = SignalingState.STABLE
        self._agreed: Agreement | None = None
        # It outlives an exchange that rejects the data, as the transport does.
        self._generation: Generation | None = None
        self._local: LocalDescription | None = None
        self._remote: RemoteDescription | None = None

    @property
    def signaling_state(self) -> SignalingState:
        """W3C webrtc-pc section 4.3.1."""
        return self._state

    @property
    def current_local_description(self) -> SessionDescription | None:
        """Our half of the last completed exchange, with the candidates gathered so far."""
        return None if self._agreed is None else self._agreed.local.description

    @property
    def pending_local_description(self) -> SessionDescription | None:
        """Our half of the exchange under way, with the candidates gathered so far."""
        return None if self._local is None else self._local.description

    @property
    def local_description(self) -> SessionDescription | None:
        """The pending one, else the current one."""
        return self.pending_local_description or self.current_local_description

    @property
    def current_remote_description(self) -> SessionDescription | None:
        """The other half of the last completed exchange, with the candidates that came later."""
        return None if self._agreed is None else self._agreed.remote.description

    @property
    def pending_remote_description(self) -> SessionDescription | None:
        """The other half of the exchange under way, with the candidates that came later."""
        return None if self._remote is None else self._remote.description

    @property
    def remote_description(self) -> SessionDescription | None:
        """The pending one, else the current one."""
        return self.pending_remote_description or self.current_remote_description

    @property
    def has_remote_description(self) -> bool:
        """Whether there is one; cheaper than its text, which grows with each candidate."""
        return self._remote is not None or self._agreed is not None

    @property
    def data_section(self) -> tuple[str | None, int] | None:
        """Mid and index of the data section, for signalling local candidates.

        While a remote offer waits for our answer, it is the section that the answer will accept.
        """
        if self._local is None and self._remote is not None:
            data = self._remote.data
            return None if data is None else (data.mid, data.m_line_index)
        local = self._local or (None if self._agreed is None else self._agreed.local)
        if local is None or local.plan.data_index is None:
            return None
        return local.plan.sections[local.plan.data_index].mid, local.plan.data_index

    def negotiation_needed(self, data: bool, *, ice_restart: bool = False) -> bool:
        """Whether an offer is due (W3C webrtc-pc section 4.7.3).

        ``data`` says whether a data channel exists, ``ice_restart`` whether new ICE credentials
        are wanted and not offered yet; before the first exchange there is nothing to restart.
        Only the stable state asks for an offer. A data section that was rejected counts as
        negotiated: offering it again would not end.
        """
        if self._state is not SignalingState.STABLE:
            return False
        sections = self._agreed_sections()
        if ice_restart and any(section.carries_data for section in sections):
            return True
        return data and all(section.kind != "application" for section in sections)

    @property
    def remote_wants_restart(self) -> bool:
        """Whether an offer waits whose answer must have new ICE credentials of ours.

        True from set_remote_description() on until the first pranswer or answer is applied.
        """
        return (
            self._state in (SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER)
            and self._remote is not None
            and self._generation is not None
            and self._generation.restarted_by_remote(self._remote.data)
        )

    @property
    def local_offer_restarts(self) -> bool:
        """Whether our open offer has other ICE credentials than the transport runs with."""
        return self._offered_restart() is not None

    def _offered_restart(self) -> IceParameters | None:
        offer = self._local
        if self._state is not SignalingState.HAVE_LOCAL_OFFER or offer is None:
            return None
        if self._generation is None or not self._generation.restarted_by_local(offer.plan.ice):
            return None
        return offer.plan.ice

    def _agreed_sections(self) -> tuple[Section, ...]:
        return () if self._agreed is None else self._agreed.sections

    def _remote_descriptions(self) -> tuple[RemoteDescription, ...]:
        """Those that are applied, the latest first."""
        current = None if self._agreed is None else self._agreed.remote
        return tuple(remote for remote in (self._remote, current) if remote is not None)

    def _implicit_type(self) -> SdpType:
        """The type that a local description without one has (W3C section 4.4.1.5)."""
        if self._state in (SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER):
            return SdpType.ANSWER
        return SdpType.OFFER

    def _check_open(self) -> None:
        if self._state is SignalingState.CLOSED:
            raise InvalidStateError("the connection is closed")
