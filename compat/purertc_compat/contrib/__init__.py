"""aiortc.contrib."""

from purertc_compat._absent import describe_absence

__all__: list[str] = []

__getattr__ = describe_absence(__name__)[1]
