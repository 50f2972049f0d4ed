"""contrib.signaling speaks the same lines as aiortc's, over the same pipes and sockets."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

import aiortc
import aiortc.contrib.signaling as theirs
import pytest

import purertc_compat
from purertc_compat import RTCIceCandidate, RTCSessionDescription
from purertc_compat.contrib import signaling as ours

Line = ours.BaseSignaling | theirs.BaseSignaling

OFFER = RTCSessionDescription(sdp="v=0\r\n", type="offer")
CANDIDATE_LINE = (
    '{"candidate": "candidate:0 1 UDP 2122252543 192.168.99.7 33543 typ host", '
    '"id": "0", "label": 0, "type": "candidate"}'
)


@pytest.mark.parametrize(
    "line",
    ['{"type": "bye"}', CANDIDATE_LINE, '{"sdp": "v=0\\r\\n", "type": "answer"}'],
)
def test_a_line_round_trips_as_in_aiortc(line: str) -> None:
    assert ours.object_to_string(ours.object_from_string(line)) == line
    assert theirs.object_to_string(theirs.object_from_string(line)) == line


def test_bye_is_one_object() -> None:
    assert ours.object_from_string('{"type": "bye"}') is ours.BYE


def test_a_candidate_keeps_its_section() -> None:
    candidate = ours.object_from_string(CANDIDATE_LINE)
    assert isinstance(candidate, RTCIceCandidate)
    assert (candidate.sdpMid, candidate.sdpMLineIndex) == ("0", 0)


@pytest.mark.parametrize("line", ['{"type": "hello"}', "[]", "nonsense", '{"type": "candidate"}'])
def test_a_line_that_is_no_message_raises(line: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        ours.object_from_string(line)


def arguments_of(module: object, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.add_signaling_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(arguments)


def test_the_arguments_are_aiortcs() -> None:
    assert arguments_of(ours) == arguments_of(theirs)


def test_the_arguments_choose_the_way() -> None:
    for way, expected in (
        ((), ours.CopyAndPasteSignaling),
        (("-s", "copy-and-paste"), ours.CopyAndPasteSignaling),
        (("-s", "tcp-socket"), ours.TcpSocketSignaling),
        (("--signaling", "unix-socket"), ours.UnixSocketSignaling),
    ):
        assert type(ours.create_signaling(arguments_of(ours, *way))) is expected


async def until_listening(path: Path) -> None:
    while not os.path.exists(path):  # noqa: ASYNC110, ASYNC240  # nobody tells; it is a local file
        await asyncio.sleep(0)


async def exchange(offerer: Line, answerer: Line, listening: Path) -> None:
    """Send an offer, then an answer back, then say goodbye."""
    await offerer.connect()
    await answerer.connect()
    sending = asyncio.ensure_future(offerer.send(description(offerer, "offer")))
    await until_listening(listening)
    offer = await answerer.receive()
    assert offer == description(answerer, "offer")
    await sending
    await answerer.send(description(answerer, "answer"))
    assert await offerer.receive() == description(offerer, "answer")
    await offerer.close()
    assert await answerer.receive() in (ours.BYE, theirs.BYE)
    await answerer.close()
    assert not os.path.exists(listening)  # noqa: ASYNC240  # a local file


def description(line: Line, kind: str) -> Any:  # noqa: ANN401  # the class of either side
    """Return a description in the class of the implementation that ``line`` belongs to."""
    package = aiortc if isinstance(line, theirs.BaseSignaling) else purertc_compat
    return package.RTCSessionDescription(sdp="v=0\r\n", type=kind)


@pytest.mark.parametrize(
    ("offering", "answering"), [(ours, ours), (ours, theirs), (theirs, ours)], ids=repr
)
async def test_unix_sockets_reach_either_implementation(
    offering: object, answering: object, tmp_path: Path
) -> None:
    path = tmp_path / "line"
    await exchange(
        offering.UnixSocketSignaling(str(path)),  # type: ignore[attr-defined]
        answering.UnixSocketSignaling(str(path)),  # type: ignore[attr-defined]
        path,
    )


async def test_tcp_reaches_the_other_side(unused_tcp_port: int) -> None:
    offerer = ours.TcpSocketSignaling("127.0.0.1", unused_tcp_port)
    answerer = ours.TcpSocketSignaling("127.0.0.1", str(unused_tcp_port))
    sending = asyncio.ensure_future(offerer.send(OFFER))
    while True:
        try:
            assert await answerer.receive() == OFFER
            break
        except OSError:
            await asyncio.sleep(0)
    await sending
    await answerer.send(ours.BYE)
    assert await offerer.receive() is ours.BYE
    await offerer.close()
    await answerer.close()


async def test_a_side_that_goes_without_a_goodbye_gives_none(tmp_path: Path) -> None:
    path = tmp_path / "line"
    offerer, answerer = (ours.UnixSocketSignaling(str(path)) for _ in range(2))
    sending = asyncio.ensure_future(offerer.send(OFFER))
    await until_listening(path)
    await answerer.receive()
    await sending
    assert offerer._writer is not None
    offerer._writer.close()
    assert await answerer.receive() is None
    await offerer.close()
    await answerer.close()


async def test_copy_and_paste_goes_through_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = ours.CopyAndPasteSignaling(), ours.CopyAndPasteSignaling()
    pipes = [os.pipe(), os.pipe()]
    with os.fdopen(pipes[0][1], "w") as to_second, os.fdopen(pipes[1][1], "w") as to_first:
        second._read_pipe, first._write_pipe = os.fdopen(pipes[0][0]), to_second
        first._read_pipe, second._write_pipe = os.fdopen(pipes[1][0]), to_first
        await first.connect()
        await second.connect()
        await first.send(OFFER)
        assert await second.receive() == OFFER
        await second.send(ours.BYE)
        assert await first.receive() is ours.BYE
        await first.close()
        await second.close()
        await first.close()
    assert "Please send this message" in capsys.readouterr().out


async def test_receive_before_connect_is_refused() -> None:
    with pytest.raises(RuntimeError, match="not connected"):
        await ours.CopyAndPasteSignaling().receive()
