"""The runtimes of :mod:`tests.support.runtimes`, and asyncio on virtual time."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from purertc.runtime.asyncio import AsyncioRuntime
from purertc.testing import run_virtual
from tests.support.runtimes import RUNTIMES, _current

__all__ = ["ALL_RUNTIMES", "on_all_runtimes"]

T = TypeVar("T")
Body = Callable[[], Coroutine[Any, Any, T]]


def _run_virtual_loop(body: Body[T]) -> T:
    async def main() -> T:
        _current.set(AsyncioRuntime(asyncio.get_running_loop()))
        return await body()

    return run_virtual(main)


ALL_RUNTIMES: dict[str, Callable[[Body[Any]], Any]] = {
    **RUNTIMES,
    "virtual-loop": _run_virtual_loop,
}


def on_all_runtimes(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on every runtime, also on asyncio on virtual time."""

    @functools.wraps(test)
    def on_runtime(*args: object, runtime_name: str, **kwargs: object) -> None:
        ALL_RUNTIMES[runtime_name](functools.partial(test, *args, **kwargs))

    signature = inspect.signature(test)
    extra = inspect.Parameter("runtime_name", inspect.Parameter.KEYWORD_ONLY)
    parameters = [*signature.parameters.values(), extra]
    setattr(on_runtime, "__signature__", signature.replace(parameters=parameters))  # noqa: B010
    mark = pytest.mark.parametrize("runtime_name", list(ALL_RUNTIMES))
    marked: Callable[..., None] = mark(on_runtime)
    return marked
