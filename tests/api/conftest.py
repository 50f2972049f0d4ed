"""Every test of this folder runs on each event loop there is."""

from collections.abc import Mapping

import pytest

from tests.support.loops import LoopFactory, loop_factories


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, LoopFactory]:
    return loop_factories()
