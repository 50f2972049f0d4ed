"""The offer/answer state machine of data-only sessions (W3C webrtc-pc section 4.4, RFC 8829).

Every call either succeeds or raises and changes nothing. Descriptions of the other side are
read completely before anything moves; our own are applied only as they were created.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from purertc.errors import ArgumentError, InvalidStateError, SdpError
from purertc.sansio.applied import Applied
from purertc.sansio.candidate_exchange import CandidateExchange
from purertc.sansio.description import SessionDescription
from purertc.sansio.entropy import Entropy
from purertc.sansio.exchange import Agreement
from purertc.sansio.ice_generation import Generation
from purertc.sansio.link import Link
from purertc.sansio.local_description import DescriptionWriter, LocalDescription
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
from purertc.wire.sdp_grammar import Setup

__all__ = ["Negotiator"]


class Negotiator(CandidateExchange):
    """Offers, answers and the signaling state of one connection.

    ``fingerprints`` are those of our certificate, ``max_message_size`` (bytes) and ``sctp_port``
    are announced to the other side. After :meth:`close` commands raise InvalidStateError.
    """

    __slots__ = ("_last_answer", "_last_offer", "_link", "_writer")

    def __init__(
        self,
        *,
        entropy: Entropy,
        fingerprints: Sequence[Fingerprint],
        max_message_size: int,
        sctp_port: int = 5000,
    ) -> None:
        super().__init__()
        self._writer = DescriptionWriter(entropy, fingerprints, sctp_port, max_message_size)
        self._link: Link | None = None
        self._last_offer: LocalDescription | None = None
        self._last_answer: LocalDescription | None = None

    # Creating descriptions

    def create_offer(self, ice: IceParameters, *, data: bool) -> SessionDescription:
        """Return an offer (W3C webrtc-pc section 4.4.1.3); the state stays.

        New credentials in ``ice`` make it restart ICE. ``data`` says whether a data channel
        exists; a section once negotiated stays in any case. Raises InvalidStateError while an
        offer of the other side is open.
        """
        self._check_state("create_offer", SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER)
        return self._make_offer(ice, data=data).description

    def create_answer(self, ice: IceParameters) -> SessionDescription:
        """Return an answer to the remote offer (W3C webrtc-pc section 4.4.1.4); the state stays.

        Raises InvalidStateError when there is no remote offer to answer, and when ``ice`` is new
        without :attr:`remote_wants_restart` or old with it.
        """
        self._check_state(
            "create_answer", SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER
        )
        return self._make_answer(ice).description

    def _make_offer(self, ice: IceParameters, *, data: bool) -> LocalDescription:
        if self._generation is not None:
            self._generation.check_offer(ice)
        sections, data_index = offer_sections(self._agreed_sections(), data=data)
        self._last_offer = self._writer.write(
            SdpType.OFFER,
            sections,
            data_index,
            self._candidates.for_credentials(ice),
            ice=ice,
            setup=self._offered_setup(ice),
            bundled=True,
        )
        return self._last_offer

    def _offered_setup(self, ice: IceParameters) -> Setup:
        """Leave the DTLS roles to the answer; when ICE restarts, say which one we have.

        RFC 8842 section 5.2 allows both while the association goes on. Firefox answers a restart
        that leaves it the choice with "active", whatever its role is.
        """
        link, generation = self._link, self._generation
        if link is None or generation is None or not generation.restarted_by_local(ice):
            return Setup.ACTPASS
        return Setup.ACTIVE if link.dtls_client else Setup.PASSIVE

    def _make_answer(self, ice: IceParameters) -> LocalDescription:
        remote = self._remote
        if remote is None:
            raise InvalidStateError("there is no remote offer to answer")
        data = remote.data
        if data is not None and self._generation is not None:
            self._generation.check_our_answer(ice, data)
        accepted = None if data is None else data.m_line_index
        self._last_answer = self._writer.write(
            SdpType.ANSWER,
            answer_sections(remote.sections, accepted, self._writer.sctp_port),
            accepted,
            self._candidates.for_credentials(ice),
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
        restart = self._offered_restart()
        self._state = state
        self._local = created
        self._describe_candidates(created)
        if kind is SdpType.ANSWER or kind is SdpType.PRANSWER:
            return self._answered(created.plan.sections)
        return self._unfinished(
            created.plan.data_index is not None,
            self._link_remote(),
            restart_rolled_back=restart is not None and restart != created.plan.ice,
        )

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
        offer = self._local if kind is not SdpType.OFFER else None
        remote = self._read(description, offer, check)
        restart = self._offered_restart()
        rolled_back = self._state is SignalingState.HAVE_LOCAL_OFFER and offer is None
        self._state = state
        self._retired.retire(self._remote)
        self._remote = remote
        if offer is not None:
            answered = self._answered(settle_sections(offer.plan.sections, remote.sections))
            refused = restart is not None and not answered.data_accepted
            return replace(answered, restart_rolled_back=refused)
        self._local = self._last_answer = None
        if rolled_back:
            self._last_offer = None
            self._describe_candidates(None)
        return self._unfinished(
            remote.data is not None,
            remote.data,
            rolled_back=rolled_back,
            restart_rolled_back=restart is not None,
        )

    def _read(
        self,
        description: SessionDescription,
        offer: LocalDescription | None,
        check: Callable[[RemoteSession], None] | None,
    ) -> RemoteDescription:
        """Read a description and check it against what was negotiated. Raises SdpError.

        ``offer`` is ours when it is an answer to it.
        """
        index = None if self._link is None else self._link.remote.m_line_index
        remote = read_remote(description, None if offer is None else offer.plan.sections, index)
        if offer is None:
            check_order(self._agreed_sections(), remote.sections)
        if remote.data is None:
            return remote
        if self._link is not None:
            self._link.check_kept_by(remote.data)
        if self._generation is not None and offer is not None:
            self._generation.check_their_answer(remote.data, offer.plan.ice)
        if check is not None:
            check(remote.data)
        return remote

    # Completing an exchange

    def _answered(self, sections: tuple[Section, ...]) -> Applied:
        """An answer or pranswer was applied on either side; ``sections`` is what it settles."""
        local, remote = self._local, self._remote
        if local is None or remote is None:
            raise InvalidStateError("an answer needs an offer first")
        restarted = False
        index = local.plan.data_index
        if remote.data is None or index is None or sections[index].rejected:
            self._link = None
        else:
            self._link = self._make_link(local, remote.data)
            before, self._generation = self._generation, Generation(local.plan.ice, remote.data.ice)
            restarted = before is not None and before.restarted_by_remote(remote.data)
        if self._state is SignalingState.STABLE:
            self._retired.retire(None if self._agreed is None else self._agreed.remote)
            self._agreed = Agreement(local, remote, sections)
            self._forget_exchange()
            self._describe_candidates(local)
        return self._settled(ice_restarted=restarted)

    def _settled(
        self,
        *,
        ice_restarted: bool = False,
        restart_rolled_back: bool = False,
        rolled_back: bool = False,
    ) -> Applied:
        link = self._link
        return Applied(
            data_accepted=link is not None,
            transport_ready=link is not None,
            remote=self._link_remote(),
            dtls_client=None if link is None else link.dtls_client,
            controlling=link is not None and link.controlling,
            ice_restarted=ice_restarted,
            restart_rolled_back=restart_rolled_back,
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
        self,
        data_accepted: bool,
        remote: RemoteSession | None,
        *,
        restart_rolled_back: bool,
        rolled_back: bool = False,
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
            restart_rolled_back=restart_rolled_back,
            rolled_back=rolled_back,
        )

    def _roll_back(self) -> Applied:
        """RFC 8829 section 4.1.10.2: as if the open offer had never been applied."""
        restart = self._offered_restart()
        self._state = SignalingState.STABLE
        self._retired.retire(self._remote)
        self._forget_exchange()
        self._describe_candidates(None)
        return self._settled(restart_rolled_back=restart is not None, rolled_back=True)

    def _forget_exchange(self) -> None:
        self._local = self._remote = None
        self._last_offer = self._last_answer = None

    def _link_remote(self) -> RemoteSession | None:
        return None if self._link is None else self._link.remote

    # Closing and checks

    def close(self) -> None:
        """End negotiation for good; the descriptions stay readable. May be repeated."""
        self._state = SignalingState.CLOSED

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
