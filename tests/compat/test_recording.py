"""With recording on, registrations, events and overlaps are written down."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from purertc_compat._emitter import LegacyEmitter
from purertc_compat._recording import record_to


class Channel(LegacyEmitter):
    def fire(self, event: str, *args: object) -> None:
        self._fire(event, *args)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "record.jsonl"
    record_to(path)
    yield path
    record_to(None)


def lines_of(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def test_a_registration_is_recorded_with_its_place(record: Path) -> None:
    channel = Channel()

    @channel.on("message")
    async def listener(message: str) -> None:
        """Never called."""

    (line,) = lines_of(record)
    assert line["what"] == "registered"
    assert (line["object"], line["event"], line["is_async"]) == ("Channel#1", "message", True)
    assert line["listener"].endswith("listener")
    assert line["file"] == __file__
    assert line["line"] > 0


def test_an_event_is_recorded_with_the_number_of_its_listeners(record: Path) -> None:
    first, second = Channel(), Channel()
    second.on("open", lambda: None)
    first.fire("open")
    second.fire("open")
    fired = [line for line in lines_of(record) if line["what"] == "fired"]
    assert [(line["object"], line["listeners"]) for line in fired] == [
        ("Channel#2", 0),
        ("Channel#1", 1),
    ]


async def test_overlapping_asynchronous_listeners_are_recorded(record: Path) -> None:
    channel = Channel()
    channel.on("message", asyncio.sleep)
    channel.fire("message", 0)
    channel.fire("message", 0)
    await channel.wait_for_complete()
    channel.fire("message", 0)
    await channel.wait_for_complete()
    overlaps = [line for line in lines_of(record) if line["what"] == "overlapped"]
    assert [(line["event"], line["listener"]) for line in overlaps] == [
        ("message", "asyncio.tasks.sleep")
    ]


def test_nothing_is_recorded_when_it_is_off(record: Path) -> None:
    record_to(None)
    Channel().fire("open")
    assert record.read_text() == ""
