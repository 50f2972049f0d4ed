"""Ways to start an asyncio program on virtual time."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from purertc.testing.loop import VirtualLoop
from purertc.testing.network import SimulatedNetwork
from purertc.testing.runtime import DAY

__all__ = ["run_virtual", "virtual_asyncio"]

ResultT = TypeVar("ResultT")


def run_virtual(
    main: Callable[[], Coroutine[Any, Any, ResultT]],
    *,
    seed: int = 0,
    network: SimulatedNetwork | None = None,
    time_limit: float = DAY,
) -> ResultT:
    """Run ``main()`` to its end, as ``asyncio.run`` does, on a :class:`VirtualLoop`.

    Raises what it raises, and StuckError when it can never end or is not done after
    ``time_limit`` virtual seconds.
    """

    def make_loop() -> VirtualLoop:
        return VirtualLoop(seed=seed, network=network, time_limit=time_limit)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        return runner.run(_started(main))


async def _started(main: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
    return await main()


@contextmanager
def virtual_asyncio(
    *, seed: int = 0, network: SimulatedNetwork | None = None, time_limit: float = DAY
) -> Iterator[None]:
    """Make every new event loop in the block a :class:`VirtualLoop` of one network.

    For programs that call ``asyncio.run`` themselves.
    """
    shared = network or SimulatedNetwork(seed=seed)

    def make_loop() -> VirtualLoop:
        return VirtualLoop(seed=seed, network=shared, time_limit=time_limit)

    outside = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(_VirtualPolicy(make_loop))
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(outside)


class _VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, make_loop: Callable[[], VirtualLoop]) -> None:
        super().__init__()
        self._make_loop = make_loop

    def new_event_loop(self) -> VirtualLoop:
        return self._make_loop()
