"""What the tests need of a browser, whichever it is."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

__all__ = ["Browser", "Tab"]


class Tab(Protocol):
    """One open document."""

    async def evaluate(self, expression: str) -> str:
        """Return the string that a JavaScript expression, or the promise it makes, gives."""


class Browser(Protocol):
    """A running browser."""

    def open(self, url: str) -> AbstractAsyncContextManager[Tab]:
        """Load ``url`` in a tab, which is closed at the end."""

    def stop(self) -> None:
        """End the browser."""
