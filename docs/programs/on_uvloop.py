import uvloop

from purertc import PeerConnection


async def main() -> None:
    async with PeerConnection() as pc:
        pc.create_data_channel("chat")
        await pc.set_local_description()
        print("the offer is", pc.signaling_state)


uvloop.run(main())
