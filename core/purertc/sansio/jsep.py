"""The offer/answer state machine of data-only sessions (W3C webrtc-pc section 4.4, RFC 8829).

Every call either succeeds or raises and changes nothing. Descriptions of the other side are
read completely before anything moves; our own are applied only as they were created.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from purertc.errors import ArgumentError, InvalidStateError, SdpError
from purertc.sansio.applied import Applied
from purertc.sansio.description import SessionDescription
from purertc.sansio.entropy import Entropy
from purertc.sansio.link import Link
from purertc.sansio.local_description import (
    DescriptionWriter,
    LocalCandidates,
    LocalDescription,
)
from purertc.sansio.sections import (
    Section,
    answer_sections,
    check_order,
    offer_sections,
    settle_sections,
)
from purertc.sansio.session import RemoteDescription, RemoteSession, read_remote
from purertc.sansio.signaling import SET_LOCAL, SET_REMOTE, next_state
from purertc.sansio.types import Fingerprint, IceParameters, SdpType, SignalingState
from purertc.wire.candidate import Candidate
from purertc.wire.sdp_grammar import Setup

__all__ = ["Negotiator"]


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The last exchange that was completed by an answer."""

    local: LocalDescription
    remote: RemoteDescription
    sections: tuple[Section, ...]


class Negotiator:
    """Offers, answers and the signaling state of one connection.

    ``fingerprints`` are those of our certificate, ``max_message_size`` (bytes) and ``sctp_port``
    are announced to the other side. After :meth:`close` commands raise InvalidStateError.
    """

    __slots__ = (
        "_agreed",
        "_candidates",
        "_last_answer",
        "_last_offer",
        "_link",
        "_local",
        "_remote",
        "_state",
        "_writer",
    )

    def __init__(
        self,
        *,
        entropy: Entropy,
        fingerprints: Sequence[Fingerprint],
        max_message_size: int,
        sctp_port: int = 5000,
    ) -> None:
        self._writer = DescriptionWriter(entropy, fingerprints, sctp_port, max_message_size)
        self._state = SignalingState.STABLE
        self._agreed: _Agreement | None = None
        self._local: LocalDescription | None = None
        self._remote: RemoteDescription | None = None
        self._link: Link | None = None
        self._candidates = LocalCandidates()
        self._last_offer: LocalDescription | None = None
        self._last_answer: LocalDescription | None = None

    # State

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
        """The other half of the last completed exchange, as it was given."""
        return None if self._agreed is None else self._agreed.remote.description

    @property
    def pending_remote_description(self) -> SessionDescription | None:
        """The other half of the exchange under way, as it was given."""
        return None if self._remote is None else self._remote.description

    @property
    def remote_description(self) -> SessionDescription | None:
        """The pending one, else the current one."""
        return self.pending_remote_description or self.current_remote_description

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

    def negotiation_needed(self, data: bool) -> bool:
        """Whether an offer is due (W3C webrtc-pc section 4.7.3).

        ``data`` says whether a data channel exists. Only the stable state asks for an offer. A
        data section that was rejected counts as negotiated: offering it again would not end.
        """
        if not data or self._state is not SignalingState.STABLE:
            return False
        return all(section.kind != "application" for section in self._agreed_sections())

    # Creating descriptions

    def create_offer(self, ice: IceParameters, *, data: bool) -> SessionDescription:
        """Return an offer (W3C webrtc-pc section 4.4.1.3); the state stays.

        ``data`` says whether a data channel exists; a section once negotiated stays in any
        case. Raises InvalidStateError while an offer of the other side is open.
        """
        self._check_state("create_offer", SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER)
        return self._make_offer(ice, data=data).description

    def create_answer(self, ice: IceParameters) -> SessionDescription:
        """Return an answer to the remote offer (W3C webrtc-pc section 4.4.1.4); the state stays.

        Raises InvalidStateError when there is no remote offer to answer.
        """
        self._check_state(
            "create_answer", SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER
        )
        return self._make_answer(ice).description

    def _make_offer(self, ice: IceParameters, *, data: bool) -> LocalDescription:
        sections, data_index = offer_sections(self._agreed_sections(), data=data)
        self._last_offer = self._writer.write(
            SdpType.OFFER,
            sections,
            data_index,
            self._candidates_for(ice),
            ice=ice,
            setup=Setup.ACTPASS,
            bundled=True,
        )
        return self._last_offer

    def _make_answer(self, ice: IceParameters) -> LocalDescription:
        remote = self._remote
        if remote is None:
            raise InvalidStateError("there is no remote offer to answer")
        data = remote.data
        accepted = None if data is None else data.m_line_index
        self._last_answer = self._writer.write(
            SdpType.ANSWER,
            answer_sections(remote.sections, accepted, self._writer.sctp_port),
            accepted,
            self._candidates_for(ice),
            ice=ice,
            setup=Setup.ACTIVE if data is None or self._answers_active(data) else Setup.PASSIVE,
            bundled=data is not None and data.bundled,
        )
        return self._last_answer

    def _answers_active(self, offered: RemoteSession) -> bool:
        """RFC 8842 section 5.3: keep the role of a running association, else prefer active."""
        if self._link is not None:
            return self._link.dtls_client
        return offered.setup is not Setup.ACTIVE

    def _agreed_sections(self) -> tuple[Section, ...]:
        return () if self._agreed is None else self._agreed.sections

    # Applying our descriptions

    def set_local_description(
        self, description: SessionDescription | None, ice: IceParameters, *, data: bool
    ) -> Applied:
        """Apply an offer or answer of ours, or roll an offer back (W3C section 4.4.1.5).

        None applies the offer or answer that the state calls for, creating it; so does a
        description without text. Otherwise it must be what create_offer() or create_answer()
        returned last; candidate lines in it are ignored.

        Raises InvalidStateError when the type does not fit the state, SdpError when the text
        was changed or is out of date (W3C: InvalidModificationError).
        """
        kind = self._implicit_type() if description is None else _type_of(description)
        state = next_state(SET_LOCAL, self._state, kind, "set_local_description")
        if kind is SdpType.ROLLBACK:
            return self._roll_back()
        sdp = "" if description is None else description.sdp
        created = self._created(kind, sdp, ice, data).applied_as(kind)
        self._candidates = created.candidates
        self._state = state
        self._local = created
        if kind is SdpType.OFFER:
            return self._unfinished(created.plan.data_index is not None, self._link_remote())
        return self._answered(created.plan.sections)

    def _implicit_type(self) -> SdpType:
        if self._state in (SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER):
            return SdpType.ANSWER
        return SdpType.OFFER

    def _created(self, kind: SdpType, sdp: str, ice: IceParameters, data: bool) -> LocalDescription:
        offer = kind is SdpType.OFFER
        if not sdp:
            return self._make_offer(ice, data=data) if offer else self._make_answer(ice)
        last = self._last_offer if offer else self._last_answer
        call = "create_offer()" if offer else "create_answer()"
        if last is None or last.plan.ice != ice:
            raise SdpError(f"the {kind} is out of date; call {call} again and apply its result")
        if not last.is_text_of(sdp):
            raise SdpError(
                f"the {kind} is not the one that {call} returned last; a local description must"
                " be applied unchanged"
            )
        return last

    # Applying the other side's descriptions

    def set_remote_description(
        self,
        description: SessionDescription,
        check: Callable[[RemoteSession], None] | None = None,
    ) -> Applied:
        """Apply an offer or answer of the other side, or roll its offer back (W3C 4.4.1.6).

        An offer replaces an earlier one that was not answered, and rolls back an open offer of
        ours. ``check`` may refuse the data section with SdpError before anything changes. Raises
        InvalidStateError when the type does not fit the state, SdpError when the text is
        malformed or does not fit what was negotiated.
        """
        kind = _type_of(description)
        state = next_state(SET_REMOTE, self._state, kind, "set_remote_description")
        if kind is SdpType.ROLLBACK:
            return self._roll_back()
        ours = self._local if kind is not SdpType.OFFER else None
        offered = None if ours is None else ours.plan.sections
        index = None if self._link is None else self._link.remote.m_line_index
        remote = read_remote(description, offered, index)
        if offered is None:
            check_order(self._agreed_sections(), remote.sections)
        if self._link is not None and remote.data is not None:
            self._link.check_kept_by(remote.data)
        if check is not None and remote.data is not None:
            check(remote.data)
        rolled_back = self._state is SignalingState.HAVE_LOCAL_OFFER and offered is None
        self._state = state
        self._remote = remote
        if offered is not None:
            return self._answered(settle_sections(offered, remote.sections))
        self._local = self._last_answer = None
        if rolled_back:
            self._last_offer = None
        return self._unfinished(remote.data is not None, remote.data, rolled_back=rolled_back)

    # Completing an exchange

    def _answered(self, sections: tuple[Section, ...]) -> Applied:
        """An answer or pranswer was applied on either side; ``sections`` is what it settles."""
        local, remote = self._local, self._remote
        if local is None or remote is None:
            raise InvalidStateError("an answer needs an offer first")
        restarted = self._restarts_ice(remote.data)
        index = local.plan.data_index
        if remote.data is None or index is None or sections[index].rejected:
            self._link = None
        else:
            self._link = self._make_link(local, remote.data)
        if self._state is SignalingState.STABLE:
            self._agreed = _Agreement(local, remote, sections)
            self._forget_exchange()
        return self._settled(ice_restarted=restarted)

    def _settled(self, *, ice_restarted: bool = False, rolled_back: bool = False) -> Applied:
        link = self._link
        return Applied(
            data_accepted=link is not None,
            transport_ready=link is not None,
            remote=self._link_remote(),
            dtls_client=None if link is None else link.dtls_client,
            controlling=link is not None and link.controlling,
            ice_restarted=ice_restarted,
            rolled_back=rolled_back,
        )

    def _make_link(self, local: LocalDescription, data: RemoteSession) -> Link:
        offered = local.type is SdpType.OFFER
        client = data.setup is Setup.PASSIVE if offered else local.plan.setup is Setup.ACTIVE
        return Link(data, client, self._controlling(data, offered=offered))

    def _controlling(self, data: RemoteSession | None, *, offered: bool) -> bool:
        """RFC 8445 section 6.1.1: the first offerer controls, and always the peer of a lite one."""
        if self._link is not None:
            return self._link.controlling
        return offered or (data is not None and data.ice.lite)

    def _unfinished(
        self, data_accepted: bool, remote: RemoteSession | None, *, rolled_back: bool = False
    ) -> Applied:
        """An offer was applied; the answer is still to come."""
        ours = self._state is SignalingState.HAVE_LOCAL_OFFER
        client: bool | None = None
        if self._link is not None:
            client = self._link.dtls_client
        elif not ours and remote is not None:
            client = self._answers_active(remote)
        return Applied(
            data_accepted=data_accepted,
            transport_ready=False,
            remote=remote,
            dtls_client=client,
            controlling=self._controlling(remote, offered=ours),
            ice_restarted=not ours and self._restarts_ice(remote),
            rolled_back=rolled_back,
        )

    def _roll_back(self) -> Applied:
        """RFC 8829 section 4.1.10.2: as if the open offer had never been applied."""
        self._state = SignalingState.STABLE
        self._forget_exchange()
        return self._settled(rolled_back=True)

    def _forget_exchange(self) -> None:
        self._local = self._remote = None
        self._last_offer = self._last_answer = None

    def _restarts_ice(self, data: RemoteSession | None) -> bool:
        """RFC 8839 section 4.4.1.1.1: new credentials mean a restart."""
        return self._link is not None and data is not None and self._link.restarted_by(data)

    def _link_remote(self) -> RemoteSession | None:
        return None if self._link is None else self._link.remote

    # Candidates

    def add_local_candidate(self, candidate: str) -> None:
        """Add a gathered candidate (``candidate:…``) to the local description; once each.

        Raises SdpError when it is none.
        """
        candidate = str(Candidate.parse(candidate))
        if candidate not in self._candidates.lines:
            self._candidates.lines.append(candidate)

    def end_of_local_candidates(self) -> None:
        """Say in the local description that gathering is complete (RFC 8840 section 4.1)."""
        self._candidates.ended = True

    def candidate_section(
        self,
        *,
        sdp_mid: str | None,
        sdp_m_line_index: int | None,
        username_fragment: str | None,
    ) -> bool:
        """Check where a signalled candidate belongs (W3C webrtc-pc section 4.4.1.9).

        Returns whether it is for our transport; one for a rejected section is not. Raises
        InvalidStateError without a remote description, and ArgumentError when the section is
        not named, does not exist, or has other ICE credentials.
        """
        self._check_open()
        applied = [remote for remote in (self._remote, self._agreed_remote()) if remote]
        if not applied:
            raise InvalidStateError(
                "candidates come after the remote description; call set_remote_description first"
            )
        latest = applied[0]
        index = latest.find_section(sdp_mid, sdp_m_line_index)
        if username_fragment is not None and not any(
            username_fragment in remote.username_fragments[index : index + 1] for remote in applied
        ):
            raise ArgumentError(
                f"no remote description has the username fragment {username_fragment!r} in m="
                f" section {index}; the candidate is of another ICE generation"
            )
        return latest.data is not None and index in latest.data.candidate_sections

    def _agreed_remote(self) -> RemoteDescription | None:
        return None if self._agreed is None else self._agreed.remote

    def _candidates_for(self, ice: IceParameters) -> LocalCandidates:
        """Candidates belong to credentials; new credentials begin with none."""
        candidates = self._candidates
        if candidates.username_fragment is None:
            candidates.username_fragment = ice.username_fragment
        if candidates.username_fragment == ice.username_fragment:
            return candidates
        return LocalCandidates(ice.username_fragment)

    # Closing and checks

    def close(self) -> None:
        """End negotiation for good; the descriptions stay readable. May be repeated."""
        self._state = SignalingState.CLOSED

    def _check_open(self) -> None:
        if self._state is SignalingState.CLOSED:
            raise InvalidStateError("the connection is closed")

    def _check_state(self, call: str, *allowed: SignalingState) -> None:
        self._check_open()
        if self._state not in allowed:
            raise InvalidStateError(
                f"{call} needs the signaling state {' or '.join(allowed)}, not {self._state}"
            )


def _type_of(description: object) -> SdpType:
    if not isinstance(description, SessionDescription):
        raise ArgumentError(
            f"expected a SessionDescription, not {type(description).__name__}; dictionaries and"
            " JSON go through SessionDescription.from_json()"
        )
    return description.type
