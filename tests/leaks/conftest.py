"""Log records keep tracebacks, and with them the objects that are counted here."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_logging() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
