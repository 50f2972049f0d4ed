import trio

from purertc import PeerConnection, TrioRuntime


async def main() -> None:
    async with trio.open_nursery() as nursery:
        pc = PeerConnection(runtime=TrioRuntime(nursery))
        pc.create_data_channel("chat")
        await pc.set_local_description()
        print("the offer is", pc.signaling_state)
        await pc.close()


trio.run(main)
