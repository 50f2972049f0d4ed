"""A TURN server on a simulated host."""

from collections.abc import Callable
from functools import partial
from random import Random

from purertc.errors import BadPacket
from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost, is_v6
from purertc.testing.server_sockets import ServerSockets, StreamClient, StreamListener
from purertc.testing.stun_server import binding_response
from purertc.testing.turn_access import TurnAccess, TurnRefusal
from purertc.testing.turn_allocation import Allocation, TurnServerClient
from purertc.testing.turn_lies import TurnLie, bend_answer, bend_bytes
from purertc.testing.udp import SimulatedSocket
from purertc.wire.stun import (
    ALLOCATE,
    BINDING,
    CHANNEL_BIND,
    CREATE_PERMISSION,
    REFRESH,
    SEND,
    Attribute,
    MessageClass,
    StunMessage,
    pack_address,
    pack_error_code,
    pack_xor_address,
)
from purertc.wire.turn import FIRST_CHANNEL, LAST_CHANNEL, REQUEST_UDP, parse_channel_data

__all__ = ["SimulatedTurnServer"]

_LONGEST_LIFETIME = 3600
_MAX_DATAGRAM = 65535


class SimulatedTurnServer:
    """Relays over UDP for clients that come over UDP or TCP (RFC 8656), without any task.

    It listens on every address the host has now, and relays from the first one of each family.
    What may be changed at any time:

    ``silent``
        Takes everything and does and answers nothing.
    ``lie``
        A :class:`TurnLie` that it tells from now on.
    ``quota``
        How many allocations there may be; more are refused with 486.
    ``refuse_with``
        An error code and reason for every Allocate request that is otherwise in order.
    ``refuse_refresh_with``
        An error code and reason for every Refresh request of an allocation.
    ``alternate``
        Another server to which Allocate requests are sent on, with 300.
    ``forbidden``
        Peer addresses for which permissions are refused, with 403.
    ``access``
        Realm, password and nonces; ``access.realm`` may be changed, and
        ``access.expire_nonces()`` makes all of them stale.
    """

    def __init__(
        self,
        host: SimulatedHost,
        port: int = 3478,
        *,
        username: str = "user",
        password: str = "password",  # noqa: S107  # of a simulation
        realm: str = "purertc.test",
        udp: bool = True,
        tcp: bool = True,
        lifetime: int = 600,
        quota: int | None = None,
        nonce_lifetime: float | None = None,
        sha256: bool = False,
        seed: int = 0,
    ) -> None:
        self.silent = False
        self.lie: TurnLie | None = None
        self.quota = quota
        self.refuse_with: tuple[int, str] | None = None
        self.refuse_refresh_with: tuple[int, str] | None = None
        self.alternate: Address | None = None
        self.forbidden: set[str] = set()
        self.lifetime = lifetime
        self.requests: list[int] = []
        """The methods of all requests that came, in order."""
        self._host = host
        self._random = Random(f"{seed} turn {host.name}:{port}")
        self.access = TurnAccess(
            username,
            password,
            realm,
            self._random,
            now=self._now,
            nonce_lifetime=nonce_lifetime,
            sha256=sha256,
        )
        self._allocations: dict[tuple[object, ...], Allocation] = {}
        self._addresses: list[Address] = [(address, port) for address in host.addresses]
        self._udp = ServerSockets(host, port, self._receive) if udp else None
        self._tcp = StreamListener(host, port, self._receive, self._client_gone) if tcp else None
        self._methods: dict[int, Callable[[StunMessage, TurnServerClient], StunMessage]] = {
            ALLOCATE: self._allocate,
            REFRESH: self._refresh,
            CREATE_PERMISSION: self._create_permission,
            CHANNEL_BIND: self._bind_channel,
        }

    @property
    def addresses(self) -> list[Address]:
        """Where it listens."""
        return list(self._addresses)

    @property
    def allocations(self) -> list[Allocation]:
        """The allocations that live."""
        self._end_expired()
        return list(self._allocations.values())

    def die(self) -> None:
        """End as a killed process does: sockets and connections are gone, and nobody is told."""
        for allocation in list(self._allocations.values()):
            self._end(allocation)
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        self._udp = self._tcp = None

    def dies_at(self, when: float) -> None:
        """Let :meth:`die` happen at a virtual time."""
        self._host.network.clock.schedule(when, self.die)

    def _now(self) -> float:
        return self._host.network.now

    # What comes from clients.

    def _receive(self, data: bytes, client: TurnServerClient) -> None:
        if self.silent or not data:
            return
        self._end_expired()
        try:
            if data[0] >= 0x40:
                self._relay_channel_data(data, client)
                return
            message = StunMessage.parse(data)
            if message.message_class is MessageClass.REQUEST:
                self._answer(message, client)
            elif message.message_class is MessageClass.INDICATION and message.method == SEND:
                self._relay_indication(message, client)
        except BadPacket:
            return

    def _answer(self, request: StunMessage, client: TurnServerClient) -> None:
        self.requests.append(request.method)
        if request.method == BINDING:
            client.send(binding_response(request, client.remote))
            return
        method = self._methods.get(request.method)
        challenge = self.access.challenge(request, wrong_realm=self.lie is TurnLie.WRONG_REALM)
        if challenge is not None or method is None:
            answer = challenge or self._error(request, TurnRefusal(400, "Bad Request"))
            self._send(client, answer, None)
            return
        try:
            answer = method(request, client)
        except TurnRefusal as refusal:
            answer = self._error(request, refusal)
        self._send(client, answer, self.access.key_of(request))

    def _send(self, client: TurnServerClient, answer: StunMessage, key: bytes | None) -> None:
        bend_answer(answer, self.lie)
        if key is not None and self.lie is TurnLie.WRONG_INTEGRITY:
            key = bytes(len(key))
        data = answer.to_bytes(key, sha256=self.access.sha256)
        client.send(bend_bytes(data, self.lie))

    def _error(self, request: StunMessage, refusal: TurnRefusal) -> StunMessage:
        attributes: dict[int, bytes] = {
            Attribute.ERROR_CODE: pack_error_code(refusal.code, refusal.reason)
        }
        if refusal.code == 300 and self.alternate is not None:
            attributes[Attribute.ALTERNATE_SERVER] = pack_address(self.alternate)
        return StunMessage(MessageClass.ERROR, request.transaction_id, attributes, request.method)

    def _success(self, request: StunMessage, **attributes: bytes) -> StunMessage:
        return StunMessage(
            MessageClass.SUCCESS,
            request.transaction_id,
            {Attribute[name]: value for name, value in attributes.items()},
            request.method,
        )

    # The methods (RFC 8656 sections 7 to 12).

    def _allocate(self, request: StunMessage, client: TurnServerClient) -> StunMessage:
        allocation = self._allocations.get(client.key)
        if allocation is not None and allocation.transaction_id != request.transaction_id:
            raise TurnRefusal(437, "Allocation Mismatch")
        if allocation is None:
            self._check_allocate(request)
            allocation = Allocation(
                client,
                self._bind_relay(request),
                request.text(Attribute.USERNAME) or self.access.username,
                request.transaction_id,
                self._now() + self._granted(request),
                self._now,
            )
            self._allocations[client.key] = allocation
            relay = allocation.socket
            relay.on_readable = partial(self._receive_from_peers, allocation, relay)
        return self._success(
            request,
            XOR_RELAYED_ADDRESS=pack_xor_address(allocation.relayed, request.transaction_id),
            LIFETIME=round(allocation.until - self._now()).to_bytes(4, "big"),
            XOR_MAPPED_ADDRESS=pack_xor_address(client.remote, request.transaction_id),
        )

    def _check_allocate(self, request: StunMessage) -> None:
        if self.alternate is not None:
            raise TurnRefusal(300, "Try Alternate")
        if self.refuse_with is not None:
            raise TurnRefusal(*self.refuse_with)
        transport = request.attributes.get(Attribute.REQUESTED_TRANSPORT)
        if transport is None:
            raise TurnRefusal(400, "Bad Request")
        if transport != REQUEST_UDP:
            raise TurnRefusal(442, "Unsupported Transport Protocol")
        if self.quota is not None and len(self._allocations) >= self.quota:
            raise TurnRefusal(486, "Allocation Quota Reached")

    def _bind_relay(self, request: StunMessage) -> SimulatedSocket:
        family = request.attributes.get(Attribute.REQUESTED_ADDRESS_FAMILY, b"\1\0\0\0")
        wants_v6 = family[:1] == b"\2"
        for address in self._host.addresses:
            if is_v6(address) == wants_v6:
                return self._host.bind(address)
        raise TurnRefusal(440, "Address Family not Supported")

    def _granted(self, request: StunMessage) -> int:
        wanted = request.unsigned(Attribute.LIFETIME, 4)
        return self.lifetime if wanted is None else min(wanted, _LONGEST_LIFETIME)

    def _refresh(self, request: StunMessage, client: TurnServerClient) -> StunMessage:
        allocation = self._allocation_of(client)
        if self.refuse_refresh_with is not None:
            raise TurnRefusal(*self.refuse_refresh_with)
        lifetime = self._granted(request)
        allocation.until = self._now() + lifetime
        if not lifetime:
            self._end(allocation)
        return self._success(request, LIFETIME=lifetime.to_bytes(4, "big"))

    def _create_permission(self, request: StunMessage, client: TurnServerClient) -> StunMessage:
        allocation = self._allocation_of(client)
        allocation.permit(self._peer_of(request, allocation)[0])
        return self._success(request)

    def _bind_channel(self, request: StunMessage, client: TurnServerClient) -> StunMessage:
        allocation = self._allocation_of(client)
        peer = self._peer_of(request, allocation)
        number = int.from_bytes(request.attributes.get(Attribute.CHANNEL_NUMBER, b"")[:2], "big")
        if not FIRST_CHANNEL <= number <= LAST_CHANNEL or not allocation.bind(number, peer):
            raise TurnRefusal(400, "Bad Request")
        return self._success(request)

    def _allocation_of(self, client: TurnServerClient) -> Allocation:
        allocation = self._allocations.get(client.key)
        if allocation is None:
            raise TurnRefusal(437, "Allocation Mismatch")
        return allocation

    def _peer_of(self, request: StunMessage, allocation: Allocation) -> Address:
        peer = request.xor_address(Attribute.XOR_PEER_ADDRESS)
        if peer is None:
            raise TurnRefusal(400, "Bad Request")
        if is_v6(peer[0]) != is_v6(allocation.relayed[0]):
            raise TurnRefusal(443, "Peer Address Family Mismatch")
        if peer[0] in self.forbidden:
            raise TurnRefusal(403, "Forbidden")
        return peer

    # Relaying.

    def _relay_channel_data(self, data: bytes, client: TurnServerClient) -> None:
        number, payload = parse_channel_data(data)
        allocation = self._allocations.get(client.key)
        peer = None if allocation is None else allocation.peer_of(number)
        if allocation is not None and peer is not None:
            allocation.send(peer, payload)

    def _relay_indication(self, message: StunMessage, client: TurnServerClient) -> None:
        allocation = self._allocations.get(client.key)
        peer = message.xor_address(Attribute.XOR_PEER_ADDRESS)
        payload = message.attributes.get(Attribute.DATA)
        if allocation is not None and peer is not None and payload is not None:
            allocation.send(peer, payload)

    def _receive_from_peers(self, allocation: Allocation, relay: SimulatedSocket) -> None:
        while relay.has_datagrams:
            payload, source = relay.recvfrom(_MAX_DATAGRAM)
            self._end_expired()
            if self.silent or allocation.client.key not in self._allocations:
                continue
            data = allocation.receive((source[0], source[1]), payload, self._random.randbytes(12))
            if data is not None:
                allocation.client.send(bend_bytes(data, self.lie))

    # The end of allocations.

    def _end_expired(self) -> None:
        now = self._now()
        for allocation in [each for each in self._allocations.values() if each.until <= now]:
            self._end(allocation)

    def _client_gone(self, client: StreamClient) -> None:
        allocation = self._allocations.get(client.key)
        if allocation is not None:
            self._end(allocation)

    def _end(self, allocation: Allocation) -> None:
        del self._allocations[allocation.client.key]
        allocation.socket.close()
