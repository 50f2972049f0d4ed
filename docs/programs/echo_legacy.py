import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection


async def main():
    server = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    done = asyncio.Event()

    @server.on("datachannel")
    def on_datachannel(channel):
        @channel.on("message")
        def on_message(message):
            channel.send(f"echo: {message}")

    channel = client.createDataChannel("chat")

    @channel.on("open")
    def on_open():
        channel.send("hello")

    @channel.on("message")
    def on_message(message):
        print(message)
        done.set()

    await client.setLocalDescription(await client.createOffer())
    await server.setRemoteDescription(client.localDescription)
    await server.setLocalDescription(await server.createAnswer())
    await client.setRemoteDescription(server.localDescription)
    await done.wait()
    await client.close()
    await server.close()


asyncio.run(main())
