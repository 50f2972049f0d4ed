"""The measured libraries, by the name of their package."""

import importlib
from typing import Any, Protocol

from benchmarks.actors.end import EndFactory, OpenPair

__all__ = ["Library", "library"]


class Library(Protocol):
    """What the processes need of a library."""

    @property
    def make_end(self) -> EndFactory: ...

    @property
    def open_pair(self) -> OpenPair: ...


def library(name: str) -> Library:
    """Import a library. Raises ImportError where it is not installed."""
    return _load(name)  # type: ignore[no-any-return]  # what is imported by name has no type


def _load(name: str) -> Any:
    if name == "purertc":
        return importlib.import_module("benchmarks.actors.purertc_end")
    if name == "wrtc":
        return importlib.import_module("benchmarks.actors.wrtc_end").WrtcLibrary()
    if name == "aiolibdatachannel":
        module = importlib.import_module("benchmarks.actors.libdatachannel_end")
        return module.LibdatachannelLibrary()
    return importlib.import_module("benchmarks.actors.legacy_end").LegacyLibrary(name)
