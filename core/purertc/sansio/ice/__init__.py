"""Interactive Connectivity Establishment (RFC 8445, RFC 7675, RFC 8838) without I/O."""

from purertc.sansio.ice.agent import IceAgent
from purertc.sansio.ice.checklist import CandidatePair, PairState
from purertc.sansio.ice.config import IceConfig
from purertc.sansio.ice.events import IceEvent, IceStateChanged, SelectedPairChanged

__all__ = [
    "CandidatePair",
    "IceAgent",
    "IceConfig",
    "IceEvent",
    "IceStateChanged",
    "PairState",
    "SelectedPairChanged",
]
