"""Short programs for aiortc, to be run on either implementation; see legacy_trace.py."""

import asyncio
from collections.abc import Callable

from tests.support.legacy_trace import Legacy, Stage

__all__ = ["SCENARIOS"]


async def echo(stage: Stage) -> None:
    """Messages of every kind, an echo, then the offerer closes."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("chat", protocol="bob"))

    def accept(remote: Legacy) -> None:
        stage.watch("b", remote)
        remote.on("message", remote.send)

    def talk() -> None:
        for message in ("hello", "", b"\x00\x01", b"", "größer € 😀", "x" * 70_000, b"y" * 200_000):
            channel.send(message)
        stage.note("a", f"buffered {channel.bufferedAmount}")

    b.on("datachannel", accept)
    channel.on("open", talk)
    await stage.connect(a, b)
    await stage.until(lambda: sum("message" in line for line in stage.traces["a"]) == 7)
    stage.note("a", f"buffered {channel.bufferedAmount}")
    await a.close()
    await stage.until(lambda: b.connectionState == "closed")


async def answerer_closes(stage: Stage) -> None:
    """The side that answered hangs up; the other one closes by itself."""
    a, b = stage.connection("a"), stage.connection("b")
    stage.watch("a", a.createDataChannel("chat"))
    b.on("datachannel", lambda remote: stage.watch("b", remote))
    await stage.connect(a, b)
    await stage.until(lambda: any("chat open" in line for line in stage.traces["a"]))
    await b.close()
    await stage.until(lambda: a.connectionState == "closed")
    await stage.until(lambda: a.iceConnectionState == "closed")


async def both_open_channels(stage: Stage) -> None:
    """Channels from both sides, with every option."""
    a, b = stage.connection("a"), stage.connection("b")
    remote_channels: list[Legacy] = []
    for pc in (a, b):
        pc.on("datachannel", remote_channels.append)
    for name, pc in (("a", a), ("b", b)):
        if name == "a":
            stage.watch(name, pc.createDataChannel("plain"))
        stage.watch(name, pc.createDataChannel(f"{name} unordered", ordered=False))
        stage.watch(name, pc.createDataChannel(f"{name} retransmits", maxRetransmits=3))
        stage.watch(name, pc.createDataChannel(f"{name} life", maxPacketLifeTime=500))
        stage.watch(name, pc.createDataChannel(f"{name} protocol", protocol="p"))
    await stage.connect(a, b)
    await stage.until(lambda: len(remote_channels) == 9)
    await stage.settle()


async def negotiated(stage: Stage) -> None:
    """Channels made by agreement, before and after the connection is up."""
    a, b = stage.connection("a"), stage.connection("b")
    ours = stage.watch("a", a.createDataChannel("both", negotiated=True, id=100))
    theirs = stage.watch("b", b.createDataChannel("both", negotiated=True, id=100))
    await stage.connect(a, b)
    await stage.until(lambda: ours.readyState == theirs.readyState == "open")
    ours.send("first")
    await stage.until(lambda: any("message" in line for line in stage.traces["b"]))
    late = stage.watch("a", a.createDataChannel("late", negotiated=True, id=200))
    stage.note("a", f"late {late.readyState} {late.id}")
    other = stage.watch("b", b.createDataChannel("late", negotiated=True, id=200))
    other.send("back")
    await stage.until(lambda: any("'back'" in line for line in stage.traces["a"]))


async def channel_closed_by_its_maker(stage: Stage) -> None:
    """A channel closes while the connection stays, and its id is used again."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("one"))
    b.on("datachannel", lambda remote: stage.watch("b", remote))
    await stage.connect(a, b)
    await stage.until(lambda: channel.readyState == "open")
    channel.send("last words")
    channel.close()
    stage.note("a", f"state {channel.readyState}")
    channel.close()
    await stage.until(lambda: channel.readyState == "closed")
    await stage.until(lambda: any("one close" in line for line in stage.traces["b"]))
    again = stage.watch("a", a.createDataChannel("two"))
    stage.note("a", f"id {again.id}")
    await stage.until(lambda: again.readyState == "open")
    stage.note("a", f"id {again.id}")


async def channel_closed_by_the_other_side(stage: Stage) -> None:
    """The side that was announced a channel closes it."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("one"))

    def accept(remote: Legacy) -> None:
        stage.watch("b", remote)
        remote.on("message", lambda _: remote.close())

    b.on("datachannel", accept)
    await stage.connect(a, b)
    await stage.until(lambda: channel.readyState == "open")
    channel.send("go")
    await stage.until(lambda: channel.readyState == "closed")
    await stage.settle()


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


async def flow_control(stage: Stage) -> None:
    """bufferedamountlow drives a sender, as in a file transfer."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = a.createDataChannel("file")
    channel.bufferedAmountLowThreshold = 16384
    received = bytearray()
    sent = 0

    def send_more() -> None:
        nonlocal sent
        while sent < 64 and channel.bufferedAmount <= 65536:
            channel.send(bytes([sent]) * 8192)
            sent += 1

    channel.on("open", send_more)
    channel.on("bufferedamountlow", send_more)
    b.on("datachannel", lambda remote: remote.on("message", received.extend))
    await stage.connect(a, b)
    await stage.until(lambda: len(received) == 64 * 8192)
    stage.note("a", f"sent {sent}")
    stage.note("b", f"in order {received == b''.join(bytes([i]) * 8192 for i in range(64))}")
    await stage.until(lambda: channel.bufferedAmount == 0)


async def low_threshold_of_zero(stage: Stage) -> None:
    """Every send that empties again is told of once, and never inside send."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("chat"), low=True)
    await stage.connect(a, b)
    await stage.until(lambda: channel.readyState == "open")
    await stage.settle()
    for message in ("one", "", "two"):
        channel.send(message)
        stage.note("a", f"buffered {channel.bufferedAmount}")
    await stage.settle()
    channel.bufferedAmountLowThreshold = 100
    channel.send("below")
    await stage.settle()


async def messages_without_a_listener(stage: Stage) -> None:
    """A message that arrives before anyone listens is lost."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = a.createDataChannel("chat")
    remotes: list[Legacy] = []
    b.on("datachannel", remotes.append)
    channel.on("open", lambda: channel.send("lost"))
    await stage.connect(a, b)
    await stage.until(lambda: remotes)
    await stage.settle()
    stage.watch("b", remotes[0])
    channel.send("heard")
    await stage.until(lambda: any("message" in line for line in stage.traces["b"]))


async def repeated_descriptions(stage: Stage) -> None:
    """Every description that is applied is announced, also when the state stays."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("chat"))
    await a.setLocalDescription(await a.createOffer())
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    await stage.until(lambda: channel.readyState == "open")
    await stage.until(lambda: any("datachannel" in line for line in stage.traces["b"]))
    stage.note("a", "offer again")
    stage.note("b", "offer again")
    await stage.connect(a, b)
    stage.note("a", "offer back")
    stage.note("b", "offer back")
    await stage.connect(b, a)
    channel.send("still here")
    await stage.settle()


async def trickled_candidates(stage: Stage) -> None:
    """Descriptions without candidates; these follow one by one."""
    a, b = stage.connection("a"), stage.connection("b")
    channel = stage.watch("a", a.createDataChannel("chat"))
    description = stage.api.RTCSessionDescription

    def bare(full: Legacy) -> Legacy:
        lines = [
            line
            for line in full.sdp.splitlines()
            if not line.startswith(("a=candidate", "a=end-of-candidates"))
        ]
        return description(sdp="\r\n".join(lines) + "\r\n", type=full.type)

    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(bare(a.localDescription))
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(bare(b.localDescription))
    for source, target in ((b, a), (a, b)):
        for candidate in source.sctp.transport.transport.iceGatherer.getLocalCandidates():
            candidate.sdpMid = source.sctp.mid
            await target.addIceCandidate(candidate)
        await target.addIceCandidate(None)
    stage.note("a", f"complete {a.remoteDescription == b.localDescription}")
    await stage.until(lambda: channel.readyState == "open")


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


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        echo,
        answerer_closes,
        both_open_channels,
        negotiated,
        channel_closed_by_its_maker,
        channel_closed_by_the_other_side,
        closed_before_connecting,
        closed_while_negotiating,
        wrong_calls,
        flow_control,
        low_threshold_of_zero,
        messages_without_a_listener,
        repeated_descriptions,
        trickled_candidates,
        transport_chain,
        close_from_inside,
    )
}
