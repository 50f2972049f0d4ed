"""The event loops on which a test of the API runs."""

import asyncio
import importlib.util
import sys
from collections.abc import Callable

__all__ = ["loop_factories"]

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def _eager_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009  # since 3.12
    return loop


def loop_factories() -> dict[str, LoopFactory]:
    """Return the loops that this environment has, by name."""
    factories: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if importlib.util.find_spec("uvloop"):
        import uvloop  # noqa: PLC0415  # optional

        factories["uvloop"] = uvloop.new_event_loop
    if sys.version_info >= (3, 12):
        factories["eager"] = _eager_loop
    return factories
