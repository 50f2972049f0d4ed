"""Whatever is called, cancelled and closed in whatever order: nothing is left, nothing escapes."""

import asyncio
import random

import pytest

from purertc.data_channel import DataChannel
from purertc.errors import PurertcError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.config import Configuration
from purertc.sansio.types import ConnectionState
from tests.support.pairs import LIMIT, signal


class Unsteady(PeerConnectionHandler):
    """Echoes, sleeps, raises and closes by the numbers it was given."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.pc: PeerConnection | None = None
        self.errors: list[Exception] = []

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        await asyncio.sleep(self.dice.choice([0, 0, 0.01]))
        if self.dice.random() < 0.2:
            raise ValueError(state)

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)
            if self.dice.random() < 0.02 and self.pc is not None:
                await self.pc.close()
            if self.dice.random() < 0.02:
                await channel.close()

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append(error)


async def use(channel: DataChannel, dice: random.Random) -> None:
    try:
        await channel.opened()
        for _ in range(dice.randrange(40)):
            await channel.send(bytes(dice.choice([0, 10, 5000, 60_000])))
            if dice.random() < 0.5:
                await asyncio.wait_for(channel.receive(), dice.choice([0, 0.01, 1]))
        await channel.drain()
        await channel.close()
    except (PurertcError, TimeoutError):
        return


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_of_calls(seed: int) -> None:
    dice = random.Random(seed)
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    handlers = Unsteady(dice), Unsteady(dice)
    configuration = Configuration(send_high_water=20_000, receive_window=262144)
    left, right = (PeerConnection(each, configuration=configuration) for each in handlers)
    handlers[0].pc, handlers[1].pc = left, right
    channels = [left.create_data_channel(f"{number}") for number in range(4)]
    await signal(left, right)
    tasks = [asyncio.create_task(use(channel, dice)) for channel in channels]
    for _ in range(dice.randrange(10)):
        await asyncio.sleep(dice.choice([0, 0.001, 0.01]))
        dice.choice(tasks).cancel()
        if dice.random() < 0.3:
            tasks.append(asyncio.create_task(dice.choice([left, right]).close()))
    await asyncio.wait_for(asyncio.gather(left.close(), right.close()), LIMIT)
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), LIMIT)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert problems == []
    odd = [
        error
        for each in handlers
        for error in each.errors
        if not isinstance(error, PurertcError | ValueError)
    ]
    assert odd == []
