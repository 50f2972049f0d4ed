"""Every test of this folder runs on each event loop there is, and its result is written down."""

from collections.abc import Generator, Mapping

import pytest

from tests.support.loops import LoopFactory, loop_factories
from tests.support.runtime_table import record


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, LoopFactory]:
    return loop_factories()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    record(item, report)
    return report
