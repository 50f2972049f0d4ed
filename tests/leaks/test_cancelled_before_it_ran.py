"""A handler's task that is cancelled before its first step leaves nothing."""

import asyncio
import gc
import weakref

import pytest

from purertc import handler_tasks
from purertc.handler_tasks import HandlerScope, HandlerTask
from purertc.runtime.detect import RuntimeSource
from tests.support.leftovers import settle


class Body:
    """Something to run, which the test can watch."""

    async def __call__(self, task: HandlerTask) -> None:
        await asyncio.Event().wait()


async def test_its_body_is_freed_without_the_cyclic_collector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.01)
    gc.collect()
    gc.disable()
    try:
        scope = HandlerScope(RuntimeSource())
        body = Body()
        freed = weakref.ref(body)
        scope.spawn(body, "never begins")
        for task in scope._tasks:
            task.cancel()
        del task, body
        scope.close(lambda: None)
        await asyncio.wait_for(scope.wait_finished(), 5)
        await settle()
        assert freed() is None
    finally:
        gc.enable()
