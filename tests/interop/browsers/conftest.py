"""Real browsers, started once for all tests of a process.

The tests run when PURERTC_BROWSERS=1 says so, as ``make interop`` does; a browser that is missing
then is a failure. What was run on what goes into the JUnit report for the page of the matrix.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import Side
from tests.support.browsers.pool import BROWSERS, BrowserPool, installed_version
from tests.support.browsers.process import BrowserMissingError
from tests.support.coturn import Coturn, CoturnSettings
from tests.support.network_tools import need_coturn

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser_items = [item for item in items if item.path.is_relative_to(_HERE)]
    if os.environ.get("PURERTC_BROWSERS") != "1":
        config.hook.pytest_deselected(items=browser_items)
        items[:] = [item for item in items if item not in browser_items]
        return
    for item in browser_items:
        assert isinstance(item, pytest.Function)
        browser = item.callspec.params["browser_name"]
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group(browser))
        offerer = str(item.callspec.params["offerer"])
        item.user_properties += [("browser", browser), ("offerer", offerer)]
        with suppress(BrowserMissingError):
            item.user_properties.append(("version", installed_version(browser)))


@pytest.fixture(scope="session")
def browsers() -> Iterator[BrowserPool]:
    pool = BrowserPool()
    yield pool
    pool.stop()


@pytest.fixture(params=list(BROWSERS))
def browser_name(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name


@pytest.fixture
def browser(browsers: BrowserPool, browser_name: str) -> Browser:
    return browsers.get(browser_name)


@pytest.fixture
def coturn(browsers: BrowserPool) -> Iterator[Coturn]:
    """A TURN server on the loopback address, which the browsers trust."""
    need_coturn()
    with Coturn(settings=CoturnSettings(authority=browsers.authority)) as running:
        yield running


@pytest.fixture
def shy_browser(browsers: BrowserPool, browser_name: str) -> Browser:
    """One that tells mDNS names instead of its addresses."""
    return browsers.get(browser_name, mdns=True)


@pytest.fixture(params=list(Side), ids=lambda side: f"{side}-offers")
def offerer(request: pytest.FixtureRequest) -> Side:
    side = request.param
    assert isinstance(side, Side)
    return side


@pytest.fixture(params=list(Side), ids=lambda side: f"from-{side}")
def opener(request: pytest.FixtureRequest) -> Side:
    """The side that opens a channel, or does what else one side does."""
    side = request.param
    assert isinstance(side, Side)
    return side
