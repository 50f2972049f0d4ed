"""aiortc.rtcsessiondescription."""

from dataclasses import dataclass

from purertc_compat._absent import describe_absence

__all__ = ["RTCSessionDescription"]

__path__, __getattr__ = describe_absence(__name__)

_TYPES = ("offer", "pranswer", "answer", "rollback")


@dataclass
class RTCSessionDescription:
    """One end of a connection as text. Mutable, compared by value, ``sdp`` before ``type``.

    Raises ValueError for an unknown ``type``.
    """

    sdp: str
    type: str

    def __post_init__(self) -> None:
        if self.type not in _TYPES:
            raise ValueError(f"'type' must be in {list(_TYPES)} (got '{self.type}')")
