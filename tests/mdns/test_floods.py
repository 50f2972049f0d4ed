"""Packets of others cost little, and beyond a limit nothing."""

import os

import pytest

from purertc.mdns import messages
from purertc.mdns.budget import Budget
from purertc.mdns.messages import build_query, build_response
from purertc.mdns.records import HostRecord, Link, MdnsMessage, Question
from purertc.mdns.service import MdnsService
from purertc.sansio.types import Datagram
from tests.support.multicast import needs_multicast, new_name
from tests.support.runtimes import on_each_runtime_of_this_machine, running, sleep, start

LINK = Link(1, v6=False)
SOMEBODY = ("192.0.2.9", 5353)
LOCAL = ("224.0.0.251", 5353)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list of the packets that were parsed."""
    packets: list[bytes] = []
    parse = messages.parse_message

    def note(payload: bytes) -> MdnsMessage:
        packets.append(payload)
        return parse(payload)

    monkeypatch.setattr(messages, "parse_message", note)
    return packets


def deliver(receiver: MdnsService, *payloads: bytes, port: int = 5353) -> None:
    source = (SOMEBODY[0], port)
    receiver._on_datagrams(LINK, [Datagram(each, source, LOCAL) for each in payloads])


@on_each_runtime_of_this_machine
async def test_packets_about_others_are_not_parsed(parsed: list[bytes]) -> None:
    receiver = MdnsService(running())
    mine = new_name()
    receiver.announce(mine, "192.0.2.1", None)
    await sleep(0.01)
    parsed.clear()
    deliver(receiver, build_query(new_name()), build_response([HostRecord(mine, "192.0.2.2", 9)]))
    assert parsed == []
    deliver(receiver, build_query(mine))
    assert len(parsed) == 1
    receiver.close()


@on_each_runtime_of_this_machine
async def test_odd_packets_are_dropped(parsed: list[bytes]) -> None:
    receiver = MdnsService(running())
    name = new_name()
    receiver.announce(name, "192.0.2.1", None)
    query = build_query(name)
    update = query[:2] + b"\x28" + query[3:]
    crowded = query[:4] + b"\0\x41" + query[6:]
    odd = [b"", b"short", update, query + bytes(9000), crowded, query[:20] + os.urandom(30)]
    deliver(receiver, *odd)
    assert parsed == []
    broken = query[:-1]
    deliver(receiver, broken)
    assert receiver.dropped >= 5
    assert broken in parsed
    receiver.close()


@needs_multicast
@on_each_runtime_of_this_machine
async def test_a_flood_about_our_own_name_is_parsed_up_to_a_limit(parsed: list[bytes]) -> None:
    receiver = MdnsService(running())
    name = new_name()
    waiting = start(receiver.resolve(name, 5.0))
    await sleep(0.02)
    goodbye = build_response([HostRecord(name, "192.0.2.1", 0)])
    deliver(receiver, *[goodbye] * 5000)
    assert len(parsed) <= 150
    assert receiver.dropped > 4000
    await sleep(0.1)
    deliver(receiver, build_response([HostRecord(name, "192.0.2.1", 120)]))
    assert await waiting.result() == ["192.0.2.1"]
    receiver.close()


@on_each_runtime_of_this_machine
async def test_answers_from_another_port_are_forged(parsed: list[bytes]) -> None:
    receiver = MdnsService(running())
    name = new_name()
    waiting = start(receiver.resolve(name, 0.1))
    await sleep(0.02)
    deliver(receiver, build_response([HostRecord(name, "192.0.2.1", 120)]), port=40000)
    assert parsed == []
    assert await waiting.result() == []
    receiver.close()


@needs_multicast
@on_each_runtime_of_this_machine
async def test_runs_of_datagrams_are_taken_apart(parsed: list[bytes]) -> None:
    receiver = MdnsService(running())
    name = new_name()
    waiting = start(receiver.resolve(name, 5.0))
    await sleep(0.02)
    response = build_response([HostRecord(name, "192.0.2.1", 120)])
    other = bytes(2) + b"\x84" + bytes(len(response) - 3)
    receiver._on_datagrams(LINK, [Datagram(other + response, SOMEBODY, LOCAL, len(response))])
    assert await waiting.result() == ["192.0.2.1"]
    receiver.close()


@on_each_runtime_of_this_machine
async def test_unicast_answers_have_a_limit() -> None:
    receiver = MdnsService(running())
    name = new_name()
    receiver.announce(name, "127.0.0.1", None)
    query = build_response([], legacy_questions=[Question(name)])
    query = query[:2] + bytes(2) + query[4:]
    deliver(receiver, *[query] * 90, port=40000)
    assert receiver.dropped >= 30
    receiver.close()


def test_a_budget_fills_again_up_to_its_burst() -> None:
    budget = Budget(per_second=2.0, burst=3.0)
    assert [budget.spend(10.0) for _ in range(4)] == [True, True, True, False]
    assert [budget.spend(10.5), budget.spend(10.5)] == [True, False]
    assert [budget.spend(99.0) for _ in range(4)] == [True, True, True, False]
