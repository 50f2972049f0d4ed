"""A mistake of the caller is a clear error, and the connection stays as usable as it was."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from purertc import (
    ArgumentError,
    ChannelClosed,
    ConnectionFailed,
    DataChannel,
    InvalidStateError,
    MessageTooLarge,
    PeerConnection,
    SdpError,
    SessionDescription,
)
from purertc.sansio.types import SignalingState
from tests.support.connected import Announced, Pair, connect, connected_pair, signal
from tests.support.runtimes import on_each_runtime, together, within


async def works(pair: Pair) -> None:
    """Open one more channel and send over it."""
    left, right = await pair.channel()
    await left.send("still here")
    assert await within(right.receive()) == "still here"
    await left.close()


async def offer_of(pc: PeerConnection) -> SessionDescription:
    pc.create_data_channel("channel")
    await pc.set_local_description()
    await pc.gathering_complete()
    assert pc.local_description is not None
    return pc.local_description


@on_each_runtime
async def test_an_answer_without_an_offer() -> None:
    async with PeerConnection() as left, PeerConnection() as right:
        offer = await offer_of(left)
        await right.set_remote_description(offer)
        await right.set_local_description()
        await right.gathering_complete()
        assert right.local_description is not None
        async with PeerConnection() as stranger:
            with pytest.raises(InvalidStateError, match="answer"):
                await stranger.set_remote_description(right.local_description)
            with pytest.raises(InvalidStateError, match="offer"):
                await stranger.create_answer()
            assert stranger.signaling_state is SignalingState.STABLE
            assert stranger.remote_description is None
        await left.set_remote_description(right.local_description)
        await together(left.connected(), right.connected())


@on_each_runtime
async def test_a_second_remote_offer_replaces_the_first() -> None:
    """W3C webrtc-pc section 4.4.1.5: an offer may be set again in have-remote-offer."""
    async with PeerConnection() as first, PeerConnection() as second, PeerConnection() as right:
        await right.set_remote_description(await offer_of(first))
        await right.set_remote_description(await offer_of(second))
        assert right.signaling_state is SignalingState.HAVE_REMOTE_OFFER
        await right.set_local_description()
        await right.gathering_complete()
        assert right.local_description is not None
        await second.set_remote_description(right.local_description)
        await together(second.connected(), right.connected())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda sdp: "", "empty"),
        (lambda sdp: "nonsense", "line 1"),
        (lambda sdp: re.sub("a=ice-ufrag:.*\r\n", "", sdp), "ice-ufrag"),
        (lambda sdp: re.sub("a=ice-pwd:.*\r\n", "", sdp), "ice-pwd"),
        (lambda sdp: re.sub("a=fingerprint:.*\r\n", "", sdp), "fingerprint"),
        (lambda sdp: re.sub("a=setup:.*\r\n", "a=setup:sometimes\r\n", sdp), "setup"),
        (lambda sdp: re.sub("a=sctp-port:.*\r\n", "a=sctp-port:70000\r\n", sdp), "sctp-port"),
        (lambda sdp: sdp.replace("a=mid:0", "a=mid:0 1"), "mid"),
    ],
    ids=["empty", "nonsense", "ufrag", "pwd", "fingerprint", "setup", "port", "mid"],
)
@on_each_runtime
async def test_a_damaged_offer_names_what_is_wrong(damage: Callable[[str], str], said: str) -> None:
    async with PeerConnection() as left, PeerConnection() as right:
        offer = await offer_of(left)
        with pytest.raises(SdpError, match=said):
            await right.set_remote_description(SessionDescription("offer", damage(offer.sdp)))
        assert right.signaling_state is SignalingState.STABLE
        assert right.remote_description is None
        await right.set_remote_description(offer)
        await right.set_local_description()
        await right.gathering_complete()
        assert right.local_description is not None
        await left.set_remote_description(right.local_description)
        await together(left.connected(), right.connected())


def with_other_fingerprint(description: SessionDescription) -> SessionDescription:
    def change(line: re.Match[str]) -> str:
        digits = line.group(0)
        return f"{digits[:-1]}{'1' if digits[-1] != '1' else '2'}"

    sdp = re.sub("a=fingerprint:[^\r\n]*", change, description.sdp)
    assert sdp != description.sdp
    return SessionDescription(description.type, sdp)


@on_each_runtime
async def test_a_wrong_fingerprint_fails_the_connection_and_no_message_crosses() -> None:
    handler = Announced()
    async with PeerConnection() as left, PeerConnection(handler) as right:
        channel = left.create_data_channel("channel")
        await left.set_local_description()
        await left.gathering_complete()
        assert left.local_description is not None
        await right.set_remote_description(with_other_fingerprint(left.local_description))
        await right.set_local_description()
        await right.gathering_complete()
        assert right.local_description is not None
        await left.set_remote_description(right.local_description)
        with pytest.raises(ConnectionFailed, match="fingerprint"):
            await within(right.connected())
        with pytest.raises(ConnectionFailed):
            await within(left.connected())
        with pytest.raises((ChannelClosed, InvalidStateError)):
            await channel.send("secret")
        assert handler.channels.empty()


@on_each_runtime
async def test_messages_that_cannot_be_sent_leave_the_channel_open() -> None:
    async with connected_pair() as pair:
        left, right = await pair.channel()
        wrong: Any
        for wrong in (5, None, ["text"], object()):
            with pytest.raises(ArgumentError, match="str or a bytes-like"):
                await left.send(wrong)
            with pytest.raises(ArgumentError, match="str or a bytes-like"):
                left.send_nowait(wrong)
        with pytest.raises(ArgumentError, match="surrogate"):
            await left.send("\ud800")
        for large in ("x" * 262145, "é" * 131073, b"x" * 262145):
            with pytest.raises(MessageTooLarge, match="262144"):
                await left.send(large)
        assert left.buffered_amount == 0
        await left.send("fine")
        assert await within(right.receive()) == "fine"


@on_each_runtime
async def test_sending_before_the_channel_is_open_and_after_it_is_closed() -> None:
    async with connected_pair() as pair:
        early = pair.left.create_data_channel("early")
        with pytest.raises(InvalidStateError, match="opened"):
            await early.send("too early")
        await within(early.opened())
        await within(early.close())
        with pytest.raises(ChannelClosed, match="early"):
            early.send_nowait("too late")
        with pytest.raises(ChannelClosed):
            await early.receive()
        await within(pair.announced.channels.get())
        await works(pair)


WRONG_CHANNELS: list[tuple[dict[str, object], str]] = [
    ({"max_retransmits": 1, "max_packet_life_time": 1}, "both"),
    ({"max_retransmits": -1}, "max_retransmits"),
    ({"max_retransmits": 65536}, "max_retransmits"),
    ({"max_packet_life_time": 65536}, "max_packet_life_time"),
    ({"negotiated": True}, "id"),
    ({"negotiated": True, "id": 65535}, "id"),
    ({"negotiated": True, "id": -1}, "id"),
    ({"negotiated": True, "id": 1000}, "1000"),
    ({"id": 1000}, "1000"),
    ({"protocol": "é" * 32768}, "protocol"),
    ({"protocol": 5}, "protocol"),
]


@pytest.mark.parametrize(("options", "said"), WRONG_CHANNELS, ids=lambda each: str(each)[:40])
@on_each_runtime
async def test_a_channel_that_cannot_be(options: dict[str, object], said: str) -> None:
    async with connected_pair() as pair:
        with pytest.raises(ArgumentError, match=said):
            pair.left.create_data_channel("wrong", **options)  # type: ignore[arg-type]
        await works(pair)


@pytest.mark.parametrize("label", [5, None, b"bytes", "é" * 32768])
@on_each_runtime
async def test_a_label_that_cannot_be(label: object) -> None:
    async with PeerConnection() as pc:
        with pytest.raises(ArgumentError, match="label"):
            pc.create_data_channel(label)  # type: ignore[arg-type]


@on_each_runtime
async def test_descriptions_of_a_running_connection() -> None:
    async with connected_pair() as pair:
        left, right = pair.left, pair.right
        assert left.remote_description is not None
        with pytest.raises(InvalidStateError):
            await left.set_remote_description(left.remote_description)
        with pytest.raises(InvalidStateError):
            await left.create_answer()
        await signal(left, right)
        await works(pair)


@on_each_runtime
async def test_wrong_uses_of_a_channel_object() -> None:
    async with connected_pair() as pair:
        left, _ = await pair.channel()
        for threshold in (-1, 1.5, "1", True):
            with pytest.raises(ArgumentError, match="buffered_amount_low_threshold"):
                left.buffered_amount_low_threshold = threshold  # type: ignore[assignment]
        with pytest.raises(ArgumentError, match="high_water"):
            left.high_water = 0
        with pytest.raises(ArgumentError):
            left.attach(DataChannel)  # type: ignore[arg-type]
        await works(pair)


@on_each_runtime
async def test_an_offer_of_this_side_gives_way_to_one_of_the_other() -> None:
    """W3C webrtc-pc section 4.4.1.5: the own offer is rolled back."""
    async with PeerConnection() as left, PeerConnection() as right:
        offer = await offer_of(left)
        await offer_of(right)
        await right.set_remote_description(offer)
        assert right.signaling_state is SignalingState.HAVE_REMOTE_OFFER
        assert right.pending_local_description is None
        await right.set_local_description()
        await right.gathering_complete()
        assert right.local_description is not None
        await left.set_remote_description(right.local_description)
        await together(left.connected(), right.connected())


@on_each_runtime
async def test_either_side_may_offer_again() -> None:
    async with PeerConnection() as left, PeerConnection() as right:
        left.create_data_channel("channel")
        await connect(left, right)
        await signal(right, left)
        await signal(left, right)
        assert left.signaling_state is right.signaling_state is SignalingState.STABLE
