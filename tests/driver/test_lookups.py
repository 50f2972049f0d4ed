"""The lookups of a peer: by the runtime, by the user's resolver, by multicast DNS."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from purertc import lookups
from purertc.lookups import Lookups
from purertc.runtime.base import Runtime
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import Resolver
from purertc.sansio.types import Address
from tests.support.all_runtimes import on_all_runtimes
from tests.support.fake_peer import FakePeer
from tests.support.runtimes import new_event, other_tasks, running, turns, within


class Setup:
    def __init__(self, resolver: Resolver | None) -> None:
        runtime = running()
        self.peer = FakePeer()
        self._progress = new_event()
        self.lookups = Lookups(
            RuntimeSource(runtime), resolver, self.peer, runtime.now, self._on_change
        )

    def _on_change(self) -> None:
        self._progress.set()

    async def answers(self, count: int) -> list[str]:
        """Return what the peer was told, after the driver heard that it was."""
        while len(self.peer.calls) < count:
            self._progress = new_event()
            await within(self._progress.wait())
        return self.peer.calls

    async def answer(self, host: str, port: int = 3478) -> str:
        self.lookups.start(host, port)
        assert self.peer.calls == []
        (answer,) = await self.answers(1)
        return answer


@asynccontextmanager
async def setting(resolver: Resolver | None = None) -> AsyncIterator[Setup]:
    setup = Setup(resolver)
    yield setup
    setup.lookups.close()
    await turns()
    assert [name for name in other_tasks() if "lookup" in name] == []


@on_all_runtimes
async def test_the_runtime_resolves_names() -> None:
    async with setting() as setup:
        answer = await setup.answer("127.0.0.1")
        assert answer == "127.0.0.1:3478 is [('127.0.0.1', 3478)]"


@on_all_runtimes
async def test_a_name_that_does_not_exist_fails_with_a_reason() -> None:
    async with setting() as setup:
        answer = await setup.answer("nothing.invalid")
        host, _, reason = answer.partition(" failed: ")
        assert host == "nothing.invalid:3478"
        assert "invalid" in reason or "not known" in reason or "name resolution" in reason


@on_all_runtimes
async def test_the_resolver_of_the_user_comes_first() -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        await turns()
        return [(f"192.0.2.{len(host)}", port), ("2001:db8::1", port)]

    async with setting(resolve) as setup:
        answer = await setup.answer("turn")
        assert answer == "turn:3478 is [('192.0.2.4', 3478), ('2001:db8::1', 3478)]"


@on_all_runtimes
@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([], "nobody answers for this name"),
        ([("turn.example.org", 1)], "'turn.example.org' is no numeric IP address"),
        ([("192.0.2.1", 70000)], "the resolver returned ('192.0.2.1', 70000)"),
        ([(1, 2)], "the resolver returned (1, 2)"),
        ([()], "index out of range"),
        (None, "not iterable"),
    ],
)
async def test_a_resolver_that_answers_nonsense_is_a_failed_lookup(
    result: list[Address], reason: str
) -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return result

    async with setting(resolve) as setup:
        assert reason in await setup.answer("turn")


@on_all_runtimes
async def test_a_resolver_that_raises_is_a_failed_lookup() -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        raise KeyError(host)

    async with setting(resolve) as setup:
        assert await setup.answer("turn") == "turn:3478 failed: KeyError: 'turn'"


@on_all_runtimes
async def test_lookups_run_at_the_same_time() -> None:
    began: list[str] = []
    go_on = new_event()

    async def resolve(host: str, port: int) -> Sequence[Address]:
        began.append(host)
        if len(began) == 3:
            go_on.set()
        await go_on.wait()
        return [("192.0.2.1", port)]

    async with setting(resolve) as setup:
        for host in "abc":
            setup.lookups.start(host, 1)
        assert len(await setup.answers(3)) == 3


@on_all_runtimes
async def test_after_the_close_nobody_is_told() -> None:
    never = new_event()

    async def resolve(host: str, port: int) -> Sequence[Address]:
        await never.wait()
        return [("192.0.2.1", port)]

    async with setting(resolve) as setup:
        setup.lookups.start("a", 1)
        await turns()
        setup.lookups.start("b", 1)
        setup.lookups.close()
        await turns()
        assert setup.peer.calls == []


@on_all_runtimes
async def test_local_names_go_to_multicast_dns_and_not_to_the_resolver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        raise AssertionError(host)

    async def resolve_local(runtime: Runtime, name: str) -> list[str]:
        assert runtime is running()
        return {"a.local": ["192.0.2.1", "fe80::1%eth0"]}.get(name, [])

    monkeypatch.setattr(lookups, "resolve_local_name", resolve_local)
    async with setting(resolve) as setup:
        answer = await setup.answer("a.local", 5000)
        assert answer == "a.local:5000 is [('192.0.2.1', 5000), ('fe80::1%eth0', 5000)]"
        setup.lookups.start("b.local", 5000)
        answers = await setup.answers(2)
        assert answers[1] == "b.local:5000 failed: nobody answers for this name"


@on_all_runtimes
async def test_a_server_in_a_domain_called_local_goes_to_the_resolver() -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [("192.0.2.1", port)]

    async with setting(resolve) as setup:
        answer = await setup.answer("turn.office.local")
        assert answer == "turn.office.local:3478 is [('192.0.2.1', 3478)]"


@on_all_runtimes
async def test_a_name_with_odd_characters_is_a_failed_lookup() -> None:
    async with setting() as setup:
        assert "is no name of an mDNS candidate" in await setup.answer("a\0b.local")


@on_all_runtimes
async def test_a_flood_of_local_names_is_refused_beyond_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = new_event()

    async def resolve_local(runtime: Runtime, name: str) -> list[str]:
        await never.wait()
        return []

    monkeypatch.setattr(lookups, "resolve_local_name", resolve_local)
    async with setting() as setup:
        for number in range(200):
            setup.lookups.start(f"{number}.local", 1)
        assert len(setup.peer.calls) == 136
        assert setup.peer.calls[0] == "64.local:1 failed: too many names at once"
        setup.lookups.start("127.0.0.1", 1)
        assert (await setup.answers(137))[-1] == "127.0.0.1:1 is [('127.0.0.1', 1)]"
        never.set()
        await setup.answers(201)
        setup.lookups.start("again.local", 1)
        assert (await setup.answers(202))[-1].startswith("again.local:1 failed: nobody")
