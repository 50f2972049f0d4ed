"""SCTP associations for data channels."""

from purertc.sansio.sctp.association import SctpAssociation
from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.events import (
    AssociationClosed,
    AssociationEstablished,
    AssociationRestarted,
    AssociationState,
    OutgoingResetDone,
    SctpEvent,
    StreamsReset,
)

__all__ = [
    "AssociationClosed",
    "AssociationEstablished",
    "AssociationRestarted",
    "AssociationState",
    "OutgoingResetDone",
    "SctpAssociation",
    "SctpConfig",
    "SctpEvent",
    "StreamsReset",
]
