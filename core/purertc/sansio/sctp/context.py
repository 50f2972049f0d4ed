"""What the machines of one association share."""

from typing import Final

from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.events import AssociationClosed, AssociationState, SctpEvent
from purertc.sansio.sctp.rto import RetransmissionTimeout
from purertc.sansio.timers import TimerTable
from purertc.wire.sctp.packet import COMMON_HEADER_SIZE, PacketFrame

__all__ = ["AssociationContext"]

_MAX_REPLIES: Final = 128


class AssociationContext:
    """State, timers, events and outgoing control chunks of one association.

    ``chunks`` are bundled into the next packets of the association; ``packets`` are complete:
    chunks that must travel alone or with another verification tag.
    """

    __slots__ = (
        "chunks",
        "config",
        "ended",
        "events",
        "frame_in",
        "frame_out",
        "packets",
        "remote_port",
        "rto",
        "state",
        "timers",
    )

    def __init__(self, config: SctpConfig) -> None:
        self.config = config
        self.state = AssociationState.CLOSED
        self.ended = False
        self.events: list[SctpEvent] = []
        self.timers = TimerTable()
        self.rto = RetransmissionTimeout(config.rto_initial, config.rto_min, config.rto_max)
        self.chunks: list[bytes] = []
        self.packets: list[bytes] = []
        self.remote_port = config.remote_port
        self.frame_in: PacketFrame | None = None
        self.frame_out: PacketFrame | None = None

    def set_tags(self, local_tag: int, peer_tag: int | None) -> None:
        """Accept packets with our tag; send with the peer's as soon as it is known.

        They have checksums until :meth:`omit_checksums`.
        """
        local, remote = self.config.port, self.remote_port
        acceptable = self.config.zero_checksum
        self.frame_in = PacketFrame(remote, local, local_tag, zero_checksum=acceptable)
        self.frame_out = None if peer_tag is None else PacketFrame(local, remote, peer_tag)

    def omit_checksums(self, peer_tag: int) -> None:
        """Send with this tag and zero checksums from now on (RFC 9653 section 5.2)."""
        local, remote = self.config.port, self.remote_port
        self.frame_out = PacketFrame(local, remote, peer_tag, zero_checksum=True)

    def reply(self, chunk: bytes) -> None:
        """Queue an answer to a chunk of the peer; when too many wait it is dropped.

        Whoever gets no answer asks again.
        """
        if len(self.chunks) < _MAX_REPLIES:
            self.chunks.append(chunk)

    def take_bundles(self) -> list[bytes]:
        """Take the waiting control chunks, joined as far as they fit a packet."""
        room = self.config.mtu - COMMON_HEADER_SIZE
        bundles = [b""]
        for chunk in self.chunks:
            if bundles[-1] and len(bundles[-1]) + len(chunk) > room:
                bundles.append(chunk)
            else:
                bundles[-1] += chunk
        self.chunks.clear()
        return bundles

    def send_alone(self, chunk: bytes, tag: int) -> None:
        """Queue a packet of its own for this chunk, with this verification tag and a checksum.

        INIT, COOKIE ECHO and answers without an association must have one (RFC 9653 section 5.2).
        When too many packets wait it is dropped, as the network might have done.
        """
        if len(self.packets) < _MAX_REPLIES:
            self.packets.append(PacketFrame(self.config.port, self.remote_port, tag).seal(chunk))

    def end(self, reason: str, *, aborted: bool) -> None:
        """Enter CLOSED for good and tell the owner, once."""
        if self.ended:
            return
        self.ended = True
        self.state = AssociationState.CLOSED
        self.timers.clear()
        self.chunks.clear()
        self.events.append(AssociationClosed(reason, aborted))
