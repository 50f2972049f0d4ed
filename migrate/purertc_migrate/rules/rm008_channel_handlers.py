"""RM008: listeners on a data channel become a DataChannelHandler."""

from purertc_migrate.context import FileContext
from purertc_migrate.rules.base import Example, Rule
from purertc_migrate.rules.rm007_connection_handlers import plan_groups

__all__ = ["RULE"]


def _plan(context: FileContext) -> None:
    plan_groups(context, "channel", "RM008")


RULE = Rule(
    id="RM008",
    slug="channel-handlers",
    title="Listeners on a data channel become a DataChannelHandler",
    explanation=(
        "The same as RM007, for channels. A channel that the other side opened gets its handler "
        "inside `on_data_channel`, in the same place of the code as before. Methods of one "
        "handler run one after the other; a coroutine callback that may wait for long is started "
        "as a task, as aiortc did with all of them."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def listen(pc: RTCPeerConnection, run):
    @pc.on("datachannel")
    def got(channel):
        if channel.label == "commands":
            @channel.on("message")
            def command(text):
                channel.send(run(text))
""",
            after="""\
from purertc import DataChannelHandler, PeerConnection, PeerConnectionHandler


def listen(pc: PeerConnection, run):
    class PeerEvents(PeerConnectionHandler):
        async def on_data_channel(self, channel):
            if channel.label == "commands":
                class ChannelEvents(DataChannelHandler):
                    async def on_message(self, text):
                        await channel.send(run(text))

                channel.attach(ChannelEvents())

    pc.attach(PeerEvents())
""",
        ),
        Example(
            before="""\
import asyncio

from aiortc import RTCPeerConnection


async def feed(source):
    pc = RTCPeerConnection()
    channel = pc.createDataChannel("feed")
    sent = 0

    @channel.on("open")
    async def opened():
        nonlocal sent
        while True:
            channel.send(source.read())
            sent += 1
            await asyncio.sleep(1)

    channel.on("close", lambda: print("sent", sent))
    return pc
""",
            after="""\
import asyncio

from purertc import DataChannelHandler, PeerConnection


async def feed(source):
    pc = PeerConnection()
    channel = pc.create_data_channel("feed")
    sent = 0

    async def opened():
        nonlocal sent
        while True:
            await channel.send(source.read())
            sent += 1
            await asyncio.sleep(1)

    class ChannelEvents(DataChannelHandler):
        async def on_open(self):
            self.task = asyncio.create_task(opened())

        async def on_close(self):
            print("sent", sent)

    channel.attach(ChannelEvents())
    return pc
""",
        ),
    ),
    plan=_plan,
)
