"""Short programs for aiortc about calls, closings and listeners; see legacy_trace.py."""

import asyncio
from collections.abc import Callable

from tests.support.legacy_trace import Legacy, Scenario, Stage

__all__ = ["CALL_SCENARIOS"]


async def closed_before_connecting(stage: Stage) -> None:
    """Channels and connections that are closed before anything was exchanged."""
    a = stage.connection("a")
    first = stage.watch("a", a.createDataChannel("first"))
    second = stage.watch("a", a.createDataChannel("second", id=8))
    third = stage.watch("a", a.createDataChannel("third", negotiated=True, id=9))
    fourth = stage.watch("a", a.createDataChannel("fourth"))
    fourth.close()
    await a.close()
    await a.close()
    for channel in (first, second, third, fourth):
        stage.note("a", f"{channel.label} {channel.readyState} {channel.id}")
    late = a.createDataChannel("late")
    stage.note("a", f"late {late.readyState}")
    await a.addIceCandidate(None)


async def closed_while_negotiating(stage: Stage) -> None:
    """The answerer closes in the turn in which it would begin to connect."""
    a, b = stage.connection("a"), stage.connection("b")
    stage.watch("a", a.createDataChannel("chat"))
    await a.setLocalDescription()
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription()
    await b.close()


async def wrong_calls(stage: Stage) -> None:
    """What raises, with its text, before, during and after."""
    a, b = stage.connection("a"), stage.connection("b")

    async def attempt(call: Callable[..., object], *arguments: object, **options: object) -> None:
        try:
            result = call(*arguments, **options)
            if asyncio.iscoroutine(result):
                await result
            stage.note("a", f"{call.__name__} did not raise")
        except Exception as error:  # noqa: BLE001  # what it is goes into the trace
            stage.note_error("a", error)

    description = stage.api.RTCSessionDescription
    await attempt(a.createAnswer)
    await attempt(a.setRemoteDescription, description(sdp="", type="answer"))
    await attempt(a.setLocalDescription, description(sdp="", type="answer"))
    await attempt(description, sdp="", type="bogus")
    await attempt(a.createDataChannel, "x", maxPacketLifeTime=1, maxRetransmits=1)
    await attempt(a.createDataChannel, "x", negotiated=True)
    await attempt(a.createDataChannel, "x", negotiated=True, id=65535)
    channel = stage.watch("a", a.createDataChannel("x", id=10))
    await attempt(a.createDataChannel, "x", id=10)
    await attempt(a.createDataChannel, "x", negotiated=True, id=10)
    await attempt(channel.send, "early")
    await attempt(setattr, channel, "bufferedAmountLowThreshold", -1)
    await attempt(
        a.addIceCandidate,
        stage.sdp.candidate_from_sdp("0 1 udp 1 192.0.2.1 9 typ host"),
    )
    await attempt(a.setLocalDescription, await a.createOffer())
    await attempt(a.setRemoteDescription, description(sdp="", type="offer"))
    await b.setRemoteDescription(a.localDescription)
    await attempt(b.setLocalDescription, description(sdp=a.localDescription.sdp, type="offer"))
    await b.setLocalDescription(await b.createAnswer())
    answer = b.localDescription.sdp
    await attempt(a.setRemoteDescription, description(sdp="", type="answer"))
    await attempt(
        a.setRemoteDescription,
        description(sdp=answer.replace("a=setup:active", "a=setup:actpass"), type="answer"),
    )
    await attempt(
        a.setRemoteDescription, description(sdp=answer.replace("a=ice-pwd", "a=x"), type="answer")
    )
    await a.setRemoteDescription(b.localDescription)
    await stage.until(lambda: channel.readyState == "open")
    await attempt(channel.send, bytearray(b"x"))
    await attempt(channel.send, memoryview(b"x"))
    await attempt(channel.send, None)
    await attempt(channel.send, b"x" * 262145)
    await a.close()
    await attempt(channel.send, "late")
    for call in (a.createOffer, a.createAnswer, a.setLocalDescription):
        await attempt(call)
    await attempt(a.setRemoteDescription, description(sdp="", type="offer"))
    await attempt(a.createDataChannel, "after")


async def transport_chain(stage: Stage) -> None:
    """What can be seen of the transports below the channels."""
    a, b = stage.connection("a"), stage.connection("b")
    stage.note("a", f"sctp {a.sctp}")
    channel = a.createDataChannel("chat")

    def watch(name: str, sctp: Legacy) -> None:
        dtls, ice = sctp.transport, sctp.transport.transport
        dtls.on("statechange", lambda: stage.note(name, f"dtls {dtls.state}"))
        ice.on("statechange", lambda: stage.note(name, f"ice {ice.state}"))
        ice.iceGatherer.on(
            "statechange", lambda: stage.note(name, f"gatherer {ice.iceGatherer.state}")
        )

    def show(name: str, pc: Legacy) -> None:
        sctp = pc.sctp
        dtls, ice = sctp.transport, sctp.transport.transport
        stage.note(
            name,
            f"mid={sctp.mid} {sctp.state} {sctp.port} {sctp.maxChannels} {dtls.state} {ice.state} "
            f"{ice.iceGatherer.state}",
        )

    watch("a", a.sctp)
    show("a", a)
    await a.setLocalDescription(await a.createOffer())
    show("a", a)
    await b.setRemoteDescription(a.localDescription)
    watch("b", b.sctp)
    show("b", b)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    await stage.until(lambda: channel.readyState == "open")
    await stage.until(lambda: any("datachannel" in line for line in stage.traces["b"]))
    for name, pc in (("a", a), ("b", b)):
        show(name, pc)
        ice = pc.sctp.transport.transport
        stage.note(name, f"{ice.role} {channel.transport is a.sctp} server={pc.sctp.is_server}")
        count = len(ice.iceGatherer.getLocalCandidates())
        stage.note(name, f"candidates {count == pc.localDescription.sdp.count('a=candidate')}")
    await a.close()
    await stage.until(lambda: b.iceConnectionState == "closed")
    show("a", a)
    show("b", b)


async def close_from_inside(stage: Stage) -> None:
    """An asynchronous listener of the connection's own event closes it."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("chat"))
    done = asyncio.Event()

    async def changed() -> None:
        if b.connectionState == "closed":
            await b.close()
            stage.note("b", "closed inside")
            done.set()

    b.on("connectionstatechange", changed)
    await stage.connect(a, b)
    await stage.until(lambda: channel.readyState == "open")
    await stage.until(lambda: any("datachannel" in line for line in stage.traces["b"]))
    await a.close()
    await done.wait()


async def overlapping_listeners(stage: Stage) -> None:
    """Asynchronous listeners start in order and are not waited for."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = a.createDataChannel("chat")
    release = asyncio.Event()

    async def on_message(message: str) -> None:
        stage.note("b", f"start {message}")
        await release.wait()
        stage.note("b", f"end {message}")

    b.on("datachannel", lambda remote: remote.on("message", on_message))
    channel.on("open", lambda: [channel.send(text) for text in ("one", "two", "three")])
    await stage.connect(a, b)
    await stage.until(lambda: any("start three" in line for line in stage.traces["b"]))
    release.set()
    await stage.until(lambda: any("end three" in line for line in stage.traces["b"]))


async def late_listeners(stage: Stage) -> None:
    """once, remove_listener and listeners that are added by others while they run."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = a.createDataChannel("chat")
    remotes: list[Legacy] = []

    def accept(remote: Legacy) -> None:
        remotes.append(remote)
        remote.once("message", lambda message: stage.note("b", f"once {message}"))

        def every(message: str) -> None:
            stage.note("b", f"every {message}")
            if message == "two":
                remote.remove_listener("message", every)
                remote.on("message", lambda text: stage.note("b", f"late {text}"))

        remote.on("message", every)
        remote.on("message", every)

    b.on("datachannel", accept)
    channel.on("open", lambda: [channel.send(text) for text in ("one", "two", "three")])
    await stage.connect(a, b)
    await stage.until(lambda: any("late three" in line for line in stage.traces["b"]))
    stage.note("b", f"{sorted(remotes[0].event_names())}")
    await a.close()
    await stage.until(lambda: b.connectionState == "closed")
    await stage.settle()
    stage.note("b", f"{sorted(remotes[0].event_names())} {sorted(b.event_names())}")


CALL_SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        closed_before_connecting,
        closed_while_negotiating,
        wrong_calls,
        transport_chain,
        close_from_inside,
        overlapping_listeners,
        late_listeners,
    )
}
