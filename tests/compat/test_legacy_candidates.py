"""Candidates that a program signals on their own, early, late and twice."""

import asyncio

import pytest

from tests.support.legacy_town import Legacy, LegacyTown

TURN = "turn:192.0.2.54"

both = pytest.mark.parametrize("package", ["aiortc", "purertc_compat"])


def without_candidates(town: LegacyTown, description: Legacy) -> tuple[Legacy, list[str]]:
    """Split a description from its candidates, as a peer that trickles them does."""
    lines = description.sdp.splitlines(keepends=True)
    names = ("a=candidate:", "a=end-of-candidates")
    kept = [line for line in lines if not line.startswith(names)]
    taken = [line.strip() for line in lines if line.startswith(names[0])]
    bare = town.api.RTCSessionDescription(sdp="".join(kept), type=description.type)
    return bare, [line.removeprefix("a=candidate:") for line in taken]


def candidate_of(town: LegacyTown, text: str) -> Legacy:
    candidate = town.read_candidate(text)
    candidate.sdpMid = "0"
    candidate.sdpMLineIndex = 0
    return candidate


class Pair:
    """Alice offers, over a relay: without the other side's candidates nothing gets through."""

    def __init__(self, town: LegacyTown) -> None:
        self.town = town
        self.left = town.connection(town.alice, TURN)
        self.right = town.connection(town.bob, TURN)
        self.channel = self.left.createDataChannel("chat")

    async def answer(self) -> Legacy:
        await self.town.offer(self.town.alice, self.left)
        with self.town.bob.active():
            await asyncio.create_task(self.right.setRemoteDescription(self.left.localDescription))
            await asyncio.create_task(set_answer(self.right))
        return self.right.localDescription

    async def opened(self) -> None:
        async with asyncio.timeout(30):
            while self.channel.readyState != "open":  # noqa: ASYNC110  # as programs do
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self.left.close()
        await self.right.close()


async def set_answer(pc: Legacy) -> None:
    await pc.setLocalDescription(await pc.createAnswer())


@both
def test_late_candidates_and_the_end_of_them(package: str) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pair = Pair(town)
        bare, texts = without_candidates(town, await pair.answer())
        with town.alice.active():
            await asyncio.create_task(pair.left.setRemoteDescription(bare))
            await asyncio.sleep(1)
            for text in texts:
                await pair.left.addIceCandidate(candidate_of(town, text))
            await pair.left.addIceCandidate(None)
        await pair.opened()
        remote = pair.left.remoteDescription.sdp
        assert remote.count("a=candidate:") == len(texts)
        assert remote.count("a=end-of-candidates") == 1
        await pair.close()

    town.run(main)


def test_early_candidates_wait_for_the_description() -> None:
    """aiortc forgets them, with a log line."""
    town = LegacyTown("purertc_compat")

    async def main() -> None:
        pair = Pair(town)
        bare, texts = without_candidates(town, await pair.answer())
        with town.alice.active():
            for text in texts:
                await pair.left.addIceCandidate(candidate_of(town, text))
            await pair.left.addIceCandidate(None)
            await asyncio.create_task(pair.left.setRemoteDescription(bare))
        await pair.opened()
        await pair.close()

    town.run(main)


@both
def test_candidates_that_come_twice_or_for_another_section_do_no_harm(package: str) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pair = Pair(town)
        bare, texts = without_candidates(town, await pair.answer())
        with town.alice.active():
            await asyncio.create_task(pair.left.setRemoteDescription(bare))
            for text in texts * 2:
                await pair.left.addIceCandidate(candidate_of(town, text))
            elsewhere = candidate_of(town, texts[0])
            elsewhere.sdpMid, elsewhere.sdpMLineIndex = "nowhere", 7
            await pair.left.addIceCandidate(elsewhere)
            await pair.left.addIceCandidate(None)
        await pair.opened()
        await pair.close()

    town.run(main)


@both
def test_a_candidate_that_names_no_section_is_refused(package: str) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pair = Pair(town)
        answer = await pair.answer()
        _, texts = without_candidates(town, answer)
        with town.alice.active():
            await asyncio.create_task(pair.left.setRemoteDescription(answer))
            nameless = town.read_candidate(texts[0])
            with pytest.raises(ValueError, match="sdpMid or sdpMLineIndex"):
                await pair.left.addIceCandidate(nameless)
        await pair.opened()
        await pair.close()

    town.run(main)


def test_nothing_happens_after_the_close() -> None:
    town = LegacyTown("purertc_compat")

    async def main() -> None:
        pair = Pair(town)
        _, texts = without_candidates(town, await pair.answer())
        await pair.close()
        await pair.left.addIceCandidate(candidate_of(town, texts[0]))
        await pair.left.addIceCandidate(None)

    town.run(main)


@both
@pytest.mark.parametrize("early", [False, True])
def test_a_candidate_with_impossible_numbers_is_ignored(package: str, early: bool) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pair = Pair(town)
        answer = await pair.answer()
        port = candidate_of(town, "1 1 udp 1 192.0.2.9 70000 typ host")
        priority = candidate_of(town, "1 1 udp -1 192.0.2.9 7 typ host")
        with town.alice.active():
            if early:
                await pair.left.addIceCandidate(port)
            await asyncio.create_task(pair.left.setRemoteDescription(answer))
            await pair.left.addIceCandidate(port)
            await pair.left.addIceCandidate(priority)
        await pair.opened()
        await pair.close()

    town.run(main)
