"""The user carries messages from one terminal to the other."""

import asyncio
import io
import os
from collections.abc import Iterator

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.description import SessionDescription
from purertc.signaling import BYE, CopyAndPasteSignaling, object_to_string

OFFER = SessionDescription(type="offer", sdp="v=0\r\n")


class Terminal:
    """What the user types, and what is printed."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.source = os.fdopen(reading)
        self.keyboard = os.fdopen(writing, "w")
        self.target = io.StringIO()

    def type(self, text: str) -> None:
        self.keyboard.write(text)
        self.keyboard.flush()

    def close(self) -> None:
        self.keyboard.close()
        self.source.close()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


async def test_what_is_pasted_is_received(terminal: Terminal) -> None:
    async with CopyAndPasteSignaling(terminal.source, terminal.target) as signaling:
        terminal.type("\n" + object_to_string(OFFER) + "\n")
        assert await signaling.receive() == OFFER
        assert "Please enter a message" in terminal.target.getvalue()


async def test_what_is_sent_is_printed_on_a_line_of_its_own(terminal: Terminal) -> None:
    async with CopyAndPasteSignaling(terminal.source, terminal.target) as signaling:
        await signaling.send(OFFER)
        assert object_to_string(OFFER) in terminal.target.getvalue().splitlines()


async def test_closing_prints_a_goodbye_once(terminal: Terminal) -> None:
    signaling = CopyAndPasteSignaling(terminal.source, terminal.target)
    await signaling.connect()
    await signaling.close()
    await signaling.close()
    assert terminal.target.getvalue().count(object_to_string(BYE)) == 1
    await asyncio.sleep(0)


async def test_the_end_of_the_input_ends_the_messages(terminal: Terminal) -> None:
    async with CopyAndPasteSignaling(terminal.source, terminal.target) as signaling:
        terminal.type(object_to_string(OFFER) + "\n")
        terminal.keyboard.close()
        assert [message async for message in signaling] == [OFFER]


async def test_connect_comes_first(terminal: Terminal) -> None:
    signaling = CopyAndPasteSignaling(terminal.source, terminal.target)
    with pytest.raises(InvalidStateError, match="connect"):
        await signaling.send(OFFER)
    with pytest.raises(InvalidStateError, match="connect"):
        await signaling.receive()
