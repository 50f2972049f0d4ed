"""aiortc.exceptions: the four errors that aiortc raises on purpose."""

from purertc_compat._absent import describe_absence

__all__ = ["InternalError", "InvalidAccessError", "InvalidStateError", "OperationError"]

__path__, __getattr__ = describe_absence(__name__)


class InternalError(Exception):
    """Something that should be there is not."""


class InvalidAccessError(Exception):
    """The object does not support the operation or argument."""


class InvalidStateError(Exception):
    """The call does not fit the object's present state."""


class OperationError(Exception):
    """The operation failed."""
