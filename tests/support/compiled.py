"""Whether the tests run on a build with compiled modules."""

from purertc.wire import serial

__all__ = ["COMPILED"]

COMPILED = not str(serial.__file__).endswith(".py")
