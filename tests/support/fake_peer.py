"""A peer that does what a test tells it, and writes down what the driver asked of it."""

from collections import deque
from collections.abc import Callable, Sequence

from purertc.sansio.events import Event
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, ConnectionState, Datagram, Transmit

__all__ = ["FakePeer", "Owner"]


class FakePeer:
    def __init__(self) -> None:
        self.connection_state = ConnectionState.NEW
        self.calls: list[str] = []
        self.asked = 0
        self.to_send: deque[list[Transmit]] = deque()
        self.events: deque[Event] = deque()
        self.deadline: float | None = None
        self.locals: list[Address] = []
        self.listeners: list[Address] = []
        self.accepted: list[Stream] = []
        self.accepts = True
        self.received: dict[Stream, bytes] = {}

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        self.calls.append(f"receive {len(datagrams)} at {now}")

    def handle_timeout(self, now: float) -> None:
        self.calls.append(f"timeout at {now}")
        self.deadline = None

    def transmits(self, now: float) -> list[Transmit]:
        self.asked += 1
        return self.to_send.popleft() if self.to_send else []

    @property
    def has_more_transmits(self) -> bool:
        return bool(self.to_send)

    def next_deadline(self) -> float | None:
        return self.deadline

    def next_event(self) -> Event | None:
        return self.events.popleft() if self.events else None

    def add_local_address(self, address: Address, now: float) -> None:
        self.locals.append(address)

    def remove_local_address(self, address: Address, now: float) -> None:
        self.locals.remove(address)

    def add_tcp_listener(self, address: Address, now: float) -> None:
        self.listeners.append(address)

    def end_of_local_addresses(self, now: float) -> None:
        self.calls.append("end of local addresses")

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        self.calls.append(f"{host}:{port} is {list(addresses)}")

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        self.calls.append(f"{host}:{port} failed: {reason}")

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        self.calls.append(f"opened from {local[0]}")

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> None:
        self.received[stream] = self.received.get(stream, b"") + data

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        self.calls.append(f"closed: {reason}")

    def stream_accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        if not self.accepts:
            return None
        stream = Stream(remote, listener[0])
        self.accepted.append(stream)
        return stream

    def close(self, now: float) -> None:
        self.calls.append("close")
        self.connection_state = ConnectionState.CLOSED


class Owner:
    """Writes down what the driver says; ``on_event`` may call the driver back."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.progress = 0
        self.released = 0
        self.on_event: Callable[[Event], None] = lambda _: None

    def handle_event(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)

    def handle_progress(self) -> None:
        self.progress += 1

    def handle_release(self) -> None:
        self.released += 1
