"""A peer that does what a test tells it, and writes down what the driver asked of it."""

from collections import deque
from collections.abc import Callable, Sequence

from purertc.sansio.events import Event
from purertc.sansio.types import Address, ConnectionState, Datagram, Transmit

__all__ = ["FakePeer", "Owner"]


class FakePeer:
    def __init__(self) -> None:
        self.connection_state = ConnectionState.NEW
        self.calls: list[str] = []
        self.to_send: deque[list[Transmit]] = deque()
        self.events: deque[Event] = deque()
        self.deadline: float | None = None
        self.locals: list[Address] = []

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        self.calls.append(f"receive {len(datagrams)} at {now}")

    def handle_timeout(self, now: float) -> None:
        self.calls.append(f"timeout at {now}")
        self.deadline = None

    def transmits(self, now: float) -> list[Transmit]:
        return self.to_send.popleft() if self.to_send else []

    def next_deadline(self) -> float | None:
        return self.deadline

    def next_event(self) -> Event | None:
        return self.events.popleft() if self.events else None

    def add_local_address(self, address: Address, now: float) -> None:
        self.locals.append(address)

    def remove_local_address(self, address: Address, now: float) -> None:
        self.locals.remove(address)

    def end_of_local_addresses(self, now: float) -> None:
        self.calls.append("end of local addresses")

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
