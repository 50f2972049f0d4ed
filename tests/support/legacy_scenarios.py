"""Short programs for aiortc that exchange messages; see legacy_trace.py."""

from tests.support.legacy_trace import Legacy, Scenario, Stage

__all__ = ["MESSAGE_SCENARIOS"]


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


MESSAGE_SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        echo,
        answerer_closes,
        both_open_channels,
        negotiated,
        channel_closed_by_its_maker,
        channel_closed_by_the_other_side,
        flow_control,
        low_threshold_of_zero,
        messages_without_a_listener,
        repeated_descriptions,
        trickled_candidates,
    )
}
