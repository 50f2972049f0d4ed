"""The other side restarts ICE while a legacy connection is used; aiortc has no such call."""

import asyncio

from purertc import Configuration, IceServer, PeerConnection, SessionDescription
from tests.support.legacy_town import Legacy, LegacyTown

TURN = "turn:192.0.2.54"


async def exchange(town: LegacyTown, new: PeerConnection, legacy: Legacy) -> None:
    """Let the new one offer."""
    await new.set_local_description()
    offer = await new.gathering_complete()
    with town.bob.active():
        await asyncio.create_task(answer(town, legacy, offer))
    description = legacy.localDescription
    await new.set_remote_description(SessionDescription(description.type, description.sdp))


async def answer(town: LegacyTown, legacy: Legacy, offer: SessionDescription) -> None:
    await legacy.setRemoteDescription(
        town.api.RTCSessionDescription(sdp=offer.sdp, type=str(offer.type))
    )
    await legacy.setLocalDescription(await legacy.createAnswer())


def credentials(sdp: str) -> set[str]:
    return {line for line in sdp.splitlines() if line.startswith(("a=ice-ufrag", "a=ice-pwd"))}


def test_new_credentials_are_answered_and_messages_go_on() -> None:
    town = LegacyTown("purertc_compat")
    configuration = Configuration(ice_servers=[IceServer(TURN, "user", "password")])

    async def main() -> None:
        legacy = town.connection(town.bob, TURN)
        legacy.on("datachannel", echo)
        states: list[str] = []
        legacy.on("iceconnectionstatechange", lambda: states.append(str(legacy.iceConnectionState)))
        with town.alice.active():
            new = PeerConnection(configuration=configuration)
            async with new:
                channel = new.create_data_channel("chat")
                await exchange(town, new, legacy)
                await channel.opened()
                before = credentials(legacy.localDescription.sdp)
                new.restart_ice()
                await exchange(town, new, legacy)
                assert not before & credentials(legacy.localDescription.sdp)
                await asyncio.sleep(10)
                await channel.send("after the restart")
                assert await channel.receive() == "after the restart"
                assert states == ["checking", "completed"]
                assert legacy.connectionState == "connected"
        await legacy.close()

    town.run(main)


def echo(channel: Legacy) -> None:
    channel.on("message", channel.send)
