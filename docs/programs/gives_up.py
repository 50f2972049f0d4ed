import asyncio

from purertc import ConnectionState, PeerConnection, PeerConnectionHandler
from purertc.testing import SimulatedNetwork, run_virtual


class GivesUp(PeerConnectionHandler):
    def __init__(self) -> None:
        self.pc = PeerConnection(self)

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        print(f"{int(asyncio.get_running_loop().time()):2} s: {state}")
        if state is ConnectionState.FAILED:
            await self.pc.close()


async def main(network: SimulatedNetwork) -> None:
    here, there = network.add_host("here", "192.0.2.1"), network.add_host("there", "192.0.2.2")
    with here.active():
        left = GivesUp().pc
    with there.active():
        right = PeerConnection()
    async with left, right:
        channel = left.create_data_channel("chat")
        for host, one, other in ((here, left, right), (there, right, left)):
            with host.active():
                await one.set_local_description()
                await other.set_remote_description(await one.gathering_complete())
        await channel.opened()
        network.partition([there])
        async for message in channel:
            print(message)
        print("closed:", left.close_reason)


net = SimulatedNetwork()
run_virtual(lambda: main(net), network=net)
