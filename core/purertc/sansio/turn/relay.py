"""What goes through an allocation: Send and Data indications, ChannelData (RFC 8656 s. 11, 12)."""

from typing import Final

from purertc.errors import ArgumentError, BadPacket
from purertc.sansio.entropy import Entropy
from purertc.sansio.turn.channels import Channel, Channels
from purertc.sansio.turn.config import TurnConfig
from purertc.sansio.turn.messages import Family
from purertc.sansio.turn.permissions import REFRESH_AFTER, Permission, Permissions, Waiting
from purertc.sansio.types import Address
from purertc.wire.address import parse_host
from purertc.wire.stun import Attribute, StunMessage
from purertc.wire.turn import (
    CHANNEL_HEADER_SIZE,
    pack_channel_data,
    pack_channel_run,
    pack_send_indication,
    parse_channel_data,
)

__all__ = ["Relay"]

_MAX_RUN_BYTES: Final = 65000
_MAX_RUN_SEGMENTS: Final = 64
"""What systems take at once for segmentation offload."""
_FIRST_BYTE_OF_DATA: Final = b"\x04"
"""STUN messages begin with 0 to 3 (RFC 7983 section 7)."""
_LARGEST_PAYLOAD: Final = 65400
"""More does not fit into a STUN message, nor into a datagram of its own."""


class Relay:
    """Packs and unpacks the packets of an allocation.

    ``out`` collects payload and segment size of what is to go to the server. ``padded`` is for
    streams.
    """

    __slots__ = ("_entropy", "_family", "_padded", "channels", "dropped_here", "out", "permissions")

    def __init__(
        self, config: TurnConfig, entropy: Entropy, family: Family, *, padded: bool
    ) -> None:
        self._entropy = entropy
        self._family = family
        self._padded = padded
        self.permissions = Permissions(config)
        self.channels = Channels(config.max_channels)
        self.out: list[tuple[bytes, int]] = []
        self.dropped_here = 0

    @property
    def dropped(self) -> int:
        """How many packets were not wanted or had no room."""
        return self.dropped_here + self.permissions.dropped

    def send(
        self, peer: Address, payload: bytes, segment_size: int, now: float
    ) -> Permission | Channel | None:
        """Send to a peer, or keep it; return what the server is to be asked for.

        Raises ArgumentError for a datagram that is too large or a peer that is no address.
        """
        if not 0 < (segment_size or len(payload) or 1) <= _LARGEST_PAYLOAD:
            raise ArgumentError(f"a datagram has at most {_LARGEST_PAYLOAD} bytes")
        channel = self.channels.active.get(peer)
        if channel is not None and len(payload) <= (segment_size or _LARGEST_PAYLOAD):
            channel.last_used = now
            self.out.append((pack_channel_data(channel.number, payload, padded=self._padded), 0))
            return None
        if channel is not None:
            channel.last_used = now
            self._send_runs(channel.number, payload, segment_size)
            return None
        return self._send_without_channel(Waiting(peer, payload, segment_size), now)

    def install(self, permission: Permission, asked_at: float) -> None:
        """Note a permission, and send what waited for it."""
        for waiting in self.permissions.install(permission, asked_at):
            self._send_indications(waiting)

    def permissions_due(self, now: float) -> list[Permission]:
        """Return those to ask for again because they are in use."""
        return [
            permission
            for permission in self.permissions.take_due(now)
            if permission.last_used > now - REFRESH_AFTER
            or self.channels.is_used(permission.host, now - REFRESH_AFTER)
        ]

    def receive_channel_data(self, data: bytes, now: float) -> list[tuple[Address, bytes]]:
        """Return peer and payload; nothing from a channel that is not ours. Raises BadPacket."""
        number, payload = parse_channel_data(data)
        channel = self.channels.by_number.get(number)
        if channel is None:
            self.dropped_here += 1
            return []
        channel.last_used = now
        return [(channel.peer, payload)]

    def receive_indication(self, message: StunMessage, now: float) -> list[tuple[Address, bytes]]:
        """Return peer and payload of a Data indication, if the peer has a permission.

        Raises BadPacket when it is malformed.
        """
        peer = message.xor_address(Attribute.XOR_PEER_ADDRESS)
        payload = message.attributes.get(Attribute.DATA)
        if peer is None:
            raise BadPacket("a Data indication without XOR-PEER-ADDRESS")
        permission = self.permissions.get(peer[0])
        # Without DATA it carries an ICMP error (RFC 8656 section 11.6), which ICE finds out anyway.
        if payload is None or permission is None or permission.until <= now:
            self.dropped_here += 1
            return []
        permission.last_used = now
        return [(peer, payload)]

    def next_deadline(self) -> float:
        """Return when a permission or channel is due; infinite when never."""
        return min(self.permissions.next_deadline(), self.channels.next_deadline())

    def clear(self) -> None:
        """Forget all peers, and what waits for them."""
        self.permissions.clear()
        self.channels.clear()

    def _send_without_channel(self, waiting: Waiting, now: float) -> Permission | Channel | None:
        host = waiting.peer[0]
        permission = self.permissions.get(host)
        if permission is None and parse_host(host).version == self._family:
            permission = self.permissions.add(host, now)
        if permission is None or permission.refused:
            self.dropped_here += waiting.datagrams
            return None
        permission.last_used = now
        if permission.until <= now:
            self.permissions.put_aside(permission, waiting)
            return None if permission.asking else permission
        self._send_indications(waiting)
        if waiting.payload[:1] >= _FIRST_BYTE_OF_DATA:
            return self.channels.to_ask_for(waiting.peer, now)
        return None

    def _send_indications(self, waiting: Waiting) -> None:
        payload, size = waiting.payload, waiting.segment_size or len(waiting.payload) or 1
        self.out += [
            (
                pack_send_indication(
                    self._entropy(12), waiting.peer, payload[start : start + size]
                ),
                0,
            )
            for start in range(0, len(payload) or 1, size)
        ]

    def _send_runs(self, number: int, payload: bytes, segment_size: int) -> None:
        framed = segment_size + CHANNEL_HEADER_SIZE
        segments = max(1, min(_MAX_RUN_SEGMENTS, _MAX_RUN_BYTES // framed))
        step = segments * segment_size
        for start in range(0, len(payload), step):
            part = payload[start : start + step]
            run = pack_channel_run(number, part, segment_size, padded=self._padded)
            self.out.append((run, framed if len(part) > segment_size else 0))
