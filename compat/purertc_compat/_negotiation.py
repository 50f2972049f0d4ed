"""Offers and answers of a legacy connection: aiortc's checks and texts around purertc's."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import purertc
from purertc_compat._candidate import RTCIceCandidate, write_candidate
from purertc_compat._connection import Connection
from purertc_compat._sdp_view import (
    Section,
    add_candidates,
    plain_candidates,
    sections,
    to_new_sctp_form,
    to_old_sctp_form,
)
from purertc_compat.exceptions import InvalidStateError
from purertc_compat.rtcsessiondescription import RTCSessionDescription

__all__ = ["Negotiation"]

logger = logging.getLogger("aiortc.rtcpeerconnection")

_LOCAL_STATES: Final = {
    "offer": ("stable", "have-local-offer"),
    "answer": ("have-remote-offer", "have-local-pranswer"),
}
_REMOTE_STATES: Final = {
    "offer": ("stable", "have-remote-offer"),
    "answer": ("have-local-offer", "have-remote-pranswer"),
}
_MAX_EARLY_CANDIDATES: Final = 100


class Negotiation:
    """The offer/answer calls of one connection."""

    def __init__(self, connection: Connection, *, always_data: bool) -> None:
        self._always_data = always_data
        self._connection = connection
        self._local: RTCSessionDescription | None = None
        self._remote: RTCSessionDescription | None = None
        self.old_sctp_form = False
        """Whether offers describe SCTP as before RFC 8841, for peers that know nothing else."""
        self._rewritten: tuple[str, str] | None = None
        self._early_candidates: list[RTCIceCandidate | None] = []

    @property
    def local(self) -> RTCSessionDescription | None:
        """A copy of the local description that was applied last."""
        return _copy(self._local)

    @property
    def remote(self) -> RTCSessionDescription | None:
        """A copy of the remote description that was applied last, with the candidates since."""
        return _copy(self._remote)

    def require_not_closed(self) -> None:
        """Raise InvalidStateError after the close."""
        if self._connection.is_closed:
            raise InvalidStateError("RTCPeerConnection is closed")

    async def create_offer(self) -> RTCSessionDescription:
        """Make an offer. Raises InvalidStateError after the close."""
        self.require_not_closed()
        self._prepare_offer()
        with _legacy_errors():
            return self._created(await self._connection.core.create_offer())

    async def create_answer(self) -> RTCSessionDescription:
        """Make an answer. Raises InvalidStateError when there is no offer to answer."""
        self.require_not_closed()
        state = self._connection.signaling_state
        if state not in _LOCAL_STATES["answer"]:
            raise InvalidStateError(f'Cannot create answer in signaling state "{state}"')
        self._connection.channels.bind_loop()
        return self._created(await self._connection.core.create_answer())

    async def set_local(self, description: RTCSessionDescription | None) -> None:
        """Apply ``description``, gather, and return when all candidates are known.

        Raises InvalidStateError or ValueError, then nothing has changed.
        """
        self.require_not_closed()
        if description is not None:
            self._check(description, _LOCAL_STATES, self._remote)
        connection = self._connection
        self._prepare_offer()
        connection.hold()
        try:
            with _legacy_errors():
                await self._apply_local(description)
            connection.enter_signaling_state()
            self._note_local_data(connection.core.local_description)
            connection.deliver_gathering()
            await self._gathered()
            await _one_turn()
        finally:
            connection.release()
        self._local = self._legacy(connection.core.local_description)
        self._note_texts()

    async def set_remote(self, description: RTCSessionDescription) -> None:
        """Apply ``description``. Raises InvalidStateError or ValueError, then nothing changed."""
        self._check(description, _REMOTE_STATES, self._local)
        connection = self._connection
        connection.channels.bind_loop()
        connection.hold()
        try:
            with _legacy_errors():
                await connection.core.set_remote_description(self._for_core(description))
            self._note_remote_data(description.sdp)
            for candidate in self._take_early():
                await self._add_to_core(candidate, description.sdp)
            await _one_turn()
            connection.enter_signaling_state()
        finally:
            connection.release()
        if description.type == "rollback":
            self._remote = self._legacy(connection.core.remote_description)
        else:
            self._remote = _copy(description)
        self._note_texts()

    async def add_candidate(self, candidate: RTCIceCandidate | None) -> None:
        """Take a candidate of the other side; one for an unknown section is ignored.

        Raises ValueError when it names no section.
        """
        if candidate is not None and candidate.sdpMid is None and candidate.sdpMLineIndex is None:
            raise ValueError("Candidate must have either sdpMid or sdpMLineIndex")
        if self._connection.is_closed:
            return
        if self._remote is None:
            logger.warning("RTCPeerConnection addIceCandidate called without remote description")
            if len(self._early_candidates) < _MAX_EARLY_CANDIDATES:
                self._early_candidates.append(candidate)
            return
        self._connection.channels.bind_loop()
        await self._add_to_core(candidate, self._remote.sdp)
        self._add_to_text(candidate)

    def _prepare_offer(self) -> None:
        channels = self._connection.channels
        channels.bind_loop()
        if self._always_data and self._connection.signaling_state == "stable":
            channels.want_section()

    def _created(self, description: purertc.SessionDescription) -> RTCSessionDescription:
        self._connection.texts.created = description.sdp
        return RTCSessionDescription(
            sdp=self._shown(description.type, description.sdp), type=str(description.type)
        )

    def _shown(self, kind: str, sdp: str) -> str:
        """Return a description of purertc as the program sees it."""
        sdp = plain_candidates(sdp)
        if kind != "offer" or not self.old_sctp_form:
            self._rewritten = None
            return sdp
        shown = to_old_sctp_form(sdp)
        self._rewritten = (shown, sdp)
        return shown

    def _legacy(
        self, description: purertc.SessionDescription | None
    ) -> RTCSessionDescription | None:
        if description is None:
            return None
        return RTCSessionDescription(
            sdp=self._shown(description.type, description.sdp), type=str(description.type)
        )

    def _check(
        self,
        description: RTCSessionDescription,
        allowed: Mapping[str, tuple[str, ...]],
        other: RTCSessionDescription | None,
    ) -> None:
        state = self._connection.signaling_state
        if state not in allowed.get(description.type, (state,)):
            raise InvalidStateError(
                f'Cannot handle {description.type} in signaling state "{state}"'
            )
        _check_sections(description, sections(description.sdp))
        if description.type == "answer" and other is not None:
            answered = [(each.kind, each.mid) for each in sections(description.sdp)]
            if answered != [(each.kind, each.mid) for each in sections(other.sdp)]:
                raise ValueError("Media sections in answer do not match offer")

    async def _apply_local(self, description: RTCSessionDescription | None) -> None:
        core = self._connection.core
        if description is None:
            await core.set_local_description()
            return
        sdp = description.sdp
        if self._rewritten is not None and sdp == self._rewritten[0]:
            sdp = self._rewritten[1]
        try:
            await core.set_local_description(purertc.SessionDescription(description.type, sdp))
        except purertc.SdpError as error:
            logger.warning("The local description was changed; the changes are ignored: %s", error)
            await core.set_local_description(purertc.SessionDescription(description.type))

    async def _gathered(self) -> None:
        connection = self._connection
        if connection.core.ice_gathering_state == "gathering":
            await connection.core.gathering_complete()
            connection.deliver_gathering()

    def _for_core(self, description: RTCSessionDescription) -> purertc.SessionDescription:
        """Return a remote description as purertc is to read it."""
        sdp = description.sdp
        if description.type != "offer" and self._rewritten is not None:
            sdp = to_new_sctp_form(sdp)
        return purertc.SessionDescription(description.type, sdp)

    def _note_local_data(self, description: purertc.SessionDescription | None) -> None:
        texts = self._connection.texts
        texts.created = None if description is None else description.sdp
        if description is None:
            return
        if description.type == "offer" and self._remote is None:
            texts.offered_first = True
        self._note_data(description.sdp, description.type == "answer", local=True)

    def _note_remote_data(self, sdp: str) -> None:
        if any(each.kind in ("audio", "video") for each in sections(sdp)):
            logger.warning("Audio and video are rejected: purertc_compat has no media yet")
        remote = self._connection.core.remote_description
        is_answer = remote is not None and remote.type == "answer"
        data = self._note_data(sdp, is_answer, local=False)
        if data is not None:
            self._connection.channels.remote_max_message_size = _max_message_size(data)
            if not is_answer:
                self.old_sctp_form = data.protocol == "DTLS/SCTP"

    def _note_data(self, sdp: str, is_answer: bool, *, local: bool) -> Section | None:
        data = next((each for each in sections(sdp) if each.is_data), None)
        if data is None:
            return None
        sctp = self._connection.channels.ensure_sctp()
        if sctp.mid is None:
            sctp.mid = data.mid
        if is_answer:
            answerer_is_client = data.value("setup") == "active"
            texts = self._connection.texts
            texts.dtls_role = "client" if answerer_is_client == local else "server"
            self._connection.expect_checking()
        self._connection.keep_alive()
        return data

    def _note_texts(self) -> None:
        texts = self._connection.texts
        texts.local = None if self._local is None else self._local.sdp
        texts.remote = None if self._remote is None else self._remote.sdp

    def _take_early(self) -> list[RTCIceCandidate | None]:
        early, self._early_candidates = self._early_candidates, []
        return early

    async def _add_to_core(self, candidate: RTCIceCandidate | None, remote_sdp: str) -> None:
        core = self._connection.core
        if candidate is None:
            await core.add_ice_candidate(None)
            return
        index = _section_of(candidate, sections(remote_sdp))
        if index is None:
            return
        try:
            await core.add_ice_candidate(_core_candidate(candidate, index))
        except purertc.SdpError as error:
            # aiortc takes any number and never uses such a candidate.
            logger.warning("A candidate is ignored: %s", error)

    def _add_to_text(self, candidate: RTCIceCandidate | None) -> None:
        if self._remote is None:
            return
        found = sections(self._remote.sdp)
        if candidate is not None:
            index = _section_of(candidate, found)
            chosen = [] if index is None else [index]
            line = "a=candidate:" + write_candidate(candidate)
        else:
            chosen = [i for i, each in enumerate(found) if each.value("end-of-candidates") is None]
            line = "a=end-of-candidates"
        for index in chosen:
            self._remote.sdp = add_candidates(self._remote.sdp, index, [line])
        self._note_texts()


@contextmanager
def _legacy_errors() -> Iterator[None]:
    """Raise aiortc's InvalidStateError for purertc's, which programs do not know."""
    try:
        yield
    except purertc.InvalidStateError as error:
        raise InvalidStateError(str(error)) from error


async def _one_turn() -> None:
    """Let the loop run, as aiortc does in these calls: programs see other connections move on."""
    await asyncio.sleep(0)


def _copy(description: RTCSessionDescription | None) -> RTCSessionDescription | None:
    if description is None:
        return None
    return RTCSessionDescription(sdp=description.sdp, type=description.type)


def _check_sections(description: RTCSessionDescription, found: list[Section]) -> None:
    """Raise ValueError with aiortc's texts."""
    is_answer = description.type in ("answer", "pranswer")
    for section in found:
        if section.is_rejected:
            continue
        if not section.value("ice-ufrag") or not section.value("ice-pwd"):
            raise ValueError("ICE username fragment or password is missing")
        if is_answer and section.value("setup") not in ("active", "passive"):
            raise ValueError("DTLS setup attribute must be 'active' or 'passive' for an answer")
        if section.kind in ("audio", "video") and section.value("rtcp-mux") is None:
            raise ValueError("RTCP mux is not enabled")


def _max_message_size(data: Section) -> int:
    text = data.value("max-message-size") or ""
    return int(text) if text.isdecimal() else 65536


def _section_of(candidate: RTCIceCandidate, found: list[Section]) -> int | None:
    for index, section in enumerate(found):
        if candidate.sdpMLineIndex == index or (
            candidate.sdpMid is not None and candidate.sdpMid == section.mid
        ):
            return index
    return None


def _core_candidate(candidate: RTCIceCandidate, index: int) -> purertc.IceCandidate:
    text = write_candidate(candidate).removeprefix("candidate:")
    return purertc.IceCandidate(candidate=f"candidate:{text}", sdp_m_line_index=index)
