"""Whole lives of connections with a fault somewhere, chosen by dice; on any event loop."""

import random
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

import anyio

from purertc import (
    Configuration,
    DataChannel,
    DataChannelHandler,
    PeerConnection,
    PeerConnectionHandler,
    PurertcError,
)

__all__ = ["IMPATIENT", "Fault", "live", "live_many", "send_garbage", "vanish"]

IMPATIENT = Configuration(disconnected_timeout=0.1, failed_timeout=0.3)
"""Notices a vanished peer soon, but does not give up a connection that a slow machine delays."""

PATIENCE = 2.0
"""Seconds for a connection to open while many others do."""

CONNECTION_METHODS = (
    "on_connection_state_change",
    "on_ice_connection_state_change",
    "on_ice_gathering_state_change",
    "on_signaling_state_change",
    "on_ice_candidate",
    "on_negotiation_needed",
    "on_data_channel",
)

CHANNEL_METHODS = ("on_open", "on_message", "on_buffered_amount_low", "on_close")


class Fault(Enum):
    """What goes wrong."""

    NOTHING = "nothing"
    PEER_KILLED = "the other side vanishes without a goodbye"
    HANDLER_RAISES = "a handler raises"
    HANDLER_SLEEPS = "a handler sleeps for an hour"
    CLOSED_IN_HANDLER = "a handler closes the connection"
    GARBAGE = "strangers send garbage"
    GIVEN_UP = "the program is cancelled somewhere"
    NEVER_ANSWERED = "the answer is lost"


def vanish(pc: PeerConnection) -> None:
    """Close its sockets and timers, as the end of its process would."""
    pc._endpoint.driver.release()


def send_garbage(pc: PeerConnection, dice: random.Random, count: int = 20) -> None:
    """Send datagrams of every kind of first byte to the sockets of a connection."""
    for host, port in pc._endpoint.driver._sockets:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address = (host.partition("%")[0], port)
        with socket.socket(family, socket.SOCK_DGRAM) as stranger:
            for _ in range(count):
                first = dice.choice((0, 1, 20, 22, 23, 64, 128, 255))
                data = bytes((first,)) + dice.randbytes(dice.choice((0, 19, 100, 1200)))
                stranger.sendto(data, address)


@dataclass
class Trouble:
    """The one method in which a handler does what it should not."""

    fault: Fault
    where: str
    pc: PeerConnection | None = None

    async def reach(self, where: str) -> None:
        if where != self.where:
            return
        if self.fault is Fault.HANDLER_RAISES:
            raise ValueError(where)
        if self.fault is Fault.HANDLER_SLEEPS:
            await anyio.sleep(3600)
        if self.fault is Fault.CLOSED_IN_HANDLER and self.pc is not None:
            await self.pc.close()


def _troubled(name: str) -> Callable[..., Awaitable[None]]:
    async def method(self: "ChannelTrouble | ConnectionTrouble", *_: object) -> None:
        await self.trouble.reach(name)

    return method


class ChannelTrouble(DataChannelHandler):
    """Gets into trouble in one of its methods."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble

    async def on_error(self, error: Exception, where: str) -> None:
        """Raising is what it is meant to do."""


class ConnectionTrouble(PeerConnectionHandler):
    """Gets into trouble in one of its methods. It echoes, or leaves a channel to its handler."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble

    async def on_data_channel(self, channel: DataChannel) -> None:
        await self.trouble.reach("on_data_channel")
        if self.trouble.where in CHANNEL_METHODS:
            channel.attach(ChannelTrouble(self.trouble))
            await channel.send(b"x" * 50_000)
            return
        async for message in channel:
            await channel.send(message)

    async def on_error(self, error: Exception, where: str) -> None:
        """Raising is what it is meant to do."""


for _name in CONNECTION_METHODS[:-1]:
    setattr(ConnectionTrouble, _name, _troubled(_name))
for _name in CHANNEL_METHODS:
    setattr(ChannelTrouble, _name, _troubled(_name))


@dataclass
class Life:
    """Two connections from their making to their end."""

    dice: random.Random
    fault: Fault
    left: PeerConnection
    right: PeerConnection

    async def run(self) -> None:
        channel = self.left.create_data_channel("channel")
        if self.dice.random() < 0.3:
            self.left.create_data_channel("another", ordered=False, max_retransmits=0)
        await self._signal()
        if self.fault is Fault.NEVER_ANSWERED:
            return
        if self.fault is Fault.GARBAGE:
            send_garbage(self.right, self.dice)
        await channel.opened()
        if self.fault is Fault.PEER_KILLED:
            vanish(self.right)
        if self.fault is Fault.GARBAGE:
            send_garbage(self.left, self.dice)
        with anyio.move_on_after(self.dice.uniform(0.1, 0.5)):
            await self._talk(channel)

    async def _signal(self) -> None:
        await self.left.set_local_description()
        offer = await self.left.gathering_complete()
        await self.right.set_remote_description(offer)
        await self.right.set_local_description()
        answer = await self.right.gathering_complete()
        if self.fault is not Fault.NEVER_ANSWERED:
            await self.left.set_remote_description(answer)

    async def _talk(self, channel: DataChannel) -> None:
        for _ in range(self.dice.randrange(1, 5)):
            message = self.dice.randbytes(self.dice.choice((0, 10, 3000, 30_000)))
            await channel.send(message)
            if self.dice.random() < 0.5:
                await channel.receive()
        if self.dice.random() < 0.5:
            await channel.close()


async def live(seed: str) -> Fault:
    """Live one life; whatever purertc says of its fault is no error. Return the fault."""
    dice = random.Random(seed)
    fault = dice.choice(list(Fault))
    troubles = [Trouble(fault, dice.choice(CONNECTION_METHODS + CHANNEL_METHODS)) for _ in range(2)]
    if dice.random() < 0.5:
        troubles[0].fault = Fault.NOTHING
    configuration = IMPATIENT if fault is Fault.PEER_KILLED else None
    async with (
        PeerConnection(ConnectionTrouble(troubles[0]), configuration=configuration) as left,
        PeerConnection(ConnectionTrouble(troubles[1]), configuration=configuration) as right,
    ):
        troubles[0].pc, troubles[1].pc = left, right
        patience = dice.uniform(0, 0.5) if fault is Fault.GIVEN_UP else PATIENCE
        with anyio.move_on_after(patience):
            try:
                await Life(dice, fault, left, right).run()
            except PurertcError:
                await anyio.sleep(dice.choice((0, 0.01)))
    for trouble in troubles:
        trouble.pc = None
    return fault


async def live_many(seeds: list[str], *, at_once: int) -> set[Fault]:
    """Live lives, some of them at once, each starting when another one ends."""
    faults: set[Fault] = set()
    waiting = iter(seeds)

    async def one_after_the_other() -> None:
        for seed in waiting:
            faults.add(await live(seed))

    async with anyio.create_task_group() as tasks:
        for _ in range(at_once):
            tasks.start_soon(one_after_the_other)
    return faults
