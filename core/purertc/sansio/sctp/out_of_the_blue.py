"""Answers to packets for an association that is gone (RFC 9260 section 8.4)."""

from typing import Final

from purertc.sansio.sctp.context import AssociationContext
from purertc.wire.sctp.chunks import (
    DESTINATION_TAG_UNKNOWN,
    ChunkType,
    encode_chunk,
    parse_init,
)
from purertc.wire.sctp.packet import iterate_chunks, open_packet

__all__ = ["refuse"]

_NO_ANSWER: Final = (ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE, ChunkType.ERROR)


def refuse(context: AssociationContext, packet: bytes) -> None:
    """Tell a peer that still sends that there is no association any more.

    One answer at a time waits to be sent. Raises BadPacket for a malformed packet.
    """
    header, chunks = open_packet(packet, zero_checksum=context.config.zero_checksum)
    kind, _, value = next(iterate_chunks(chunks))
    tag = parse_init(value).tag if kind == ChunkType.INIT else header.verification_tag
    if kind in _NO_ANSWER or context.packets:
        return
    if kind == ChunkType.SHUTDOWN_ACK:
        answer = encode_chunk(ChunkType.SHUTDOWN_COMPLETE, DESTINATION_TAG_UNKNOWN)
    else:
        flags = 0 if kind == ChunkType.INIT else DESTINATION_TAG_UNKNOWN
        answer = encode_chunk(ChunkType.ABORT, flags)
    context.send_alone(answer, tag)
