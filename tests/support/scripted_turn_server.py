"""A small TURN server without I/O: it answers what it is told, as honestly as its script says."""

from dataclasses import dataclass, field

from purertc.sansio.types import Address
from purertc.wire.stun import (
    ALLOCATE,
    CHANNEL_BIND,
    REFRESH,
    SEND,
    Attribute,
    MessageClass,
    StunMessage,
    pack_address,
    pack_error_code,
    pack_xor_address,
)
from purertc.wire.stun_credentials import PasswordAlgorithm, long_term_key
from purertc.wire.turn import pack_channel_data, pack_data_indication, parse_channel_data

_REALM = b"example.org"
_NONCE = b"a nonce"


@dataclass
class ScriptedTurnServer:
    """One allocation for each client address, as a callable server of the gathering bench.

    ``refusal`` answers every authentic Allocate with an error, ``alternate`` with a redirection;
    ``ipv4`` and ``ipv6`` say what it relays over. ``relayed`` holds what was relayed to peers.
    """

    host: str = "198.51.100.1"
    host6: str = "2001:db8::1"
    port: int = 50000
    username: str = "user"
    credential: str = "secret"
    refusal: tuple[int, str] | None = None
    alternate: Address | None = None
    ipv4: bool = True
    ipv6: bool = True
    silent: bool = False
    padded: bool = False
    allocations: dict[Address, Address] = field(default_factory=dict)
    channels: dict[int, Address] = field(default_factory=dict)
    relayed: list[tuple[Address, bytes]] = field(default_factory=list)
    requests: list[tuple[int, Address]] = field(default_factory=list)

    def __call__(self, data: bytes, source: Address) -> list[bytes]:
        if self.silent:
            return []
        if data[0] >= 0x40:
            number, payload = parse_channel_data(data)
            self.relayed.append((self.channels[number], payload))
            return []
        message = StunMessage.parse(data)
        if message.message_class is MessageClass.INDICATION:
            if message.method == SEND:
                payload = message.attributes[Attribute.DATA]
                self.relayed.append((self._peer(message), payload))
            return []
        self.requests.append((message.method, source))
        return [self._answer(message, source)]

    def data_from(self, peer: Address, payload: bytes) -> bytes:
        """Return the message that brings a client what a peer sent."""
        for number, bound in self.channels.items():
            if bound == peer:
                return pack_channel_data(number, payload, padded=self.padded)
        return pack_data_indication(bytes(12), peer, payload)

    @property
    def allocate_count(self) -> int:
        """How many Allocate requests came."""
        return sum(method == ALLOCATE for method, _ in self.requests)

    def _answer(self, request: StunMessage, source: Address) -> bytes:
        key = long_term_key(self.username, _REALM, self.credential, PasswordAlgorithm.MD5)
        if not request.has_integrity(key):
            challenge = {
                int(Attribute.ERROR_CODE): pack_error_code(401, "Unauthorized"),
                int(Attribute.REALM): _REALM,
                int(Attribute.NONCE): _NONCE,
            }
            return self._message(MessageClass.ERROR, request, challenge).to_bytes()
        if request.method == ALLOCATE:
            return self._allocate(request, source).to_bytes(key)
        attributes: dict[int, bytes] = {}
        if source not in self.allocations:
            error = {int(Attribute.ERROR_CODE): pack_error_code(437, "Allocation Mismatch")}
            return self._message(MessageClass.ERROR, request, error).to_bytes(key)
        if request.method == REFRESH:
            lifetime = request.attributes.get(Attribute.LIFETIME, (600).to_bytes(4, "big"))
            attributes[Attribute.LIFETIME] = lifetime
            if not int.from_bytes(lifetime, "big"):
                self.allocations.pop(source, None)
        elif request.method == CHANNEL_BIND:
            number = int.from_bytes(request.attributes[Attribute.CHANNEL_NUMBER][:2], "big")
            self.channels[number] = self._peer(request)
        return self._message(MessageClass.SUCCESS, request, attributes).to_bytes(key)

    def _allocate(self, request: StunMessage, source: Address) -> StunMessage:
        wanted = request.attributes.get(Attribute.REQUESTED_ADDRESS_FAMILY, b"\1")[0]
        refusal = self.refusal
        if not (self.ipv6 if wanted == 2 else self.ipv4):
            refusal = (440, "Address Family not Supported")
        if self.alternate is not None:
            refusal = (300, "Try Alternate")
        if refusal is not None:
            error = {int(Attribute.ERROR_CODE): pack_error_code(*refusal)}
            if self.alternate is not None:
                error[Attribute.ALTERNATE_SERVER] = pack_address(self.alternate)
            return self._message(MessageClass.ERROR, request, error)
        self.port += 1
        relayed = (self.host6 if wanted == 2 else self.host, self.port)
        self.allocations[source] = relayed
        identity = request.transaction_id
        granted = {
            int(Attribute.XOR_RELAYED_ADDRESS): pack_xor_address(relayed, identity),
            int(Attribute.XOR_MAPPED_ADDRESS): pack_xor_address(source, identity),
            int(Attribute.LIFETIME): (600).to_bytes(4, "big"),
        }
        return self._message(MessageClass.SUCCESS, request, granted)

    @staticmethod
    def _message(
        kind: MessageClass, request: StunMessage, attributes: dict[int, bytes]
    ) -> StunMessage:
        return StunMessage(kind, request.transaction_id, attributes, request.method)

    @staticmethod
    def _peer(message: StunMessage) -> Address:
        peer = message.xor_address(Attribute.XOR_PEER_ADDRESS)
        assert peer is not None
        return peer
