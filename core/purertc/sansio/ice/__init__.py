"""Interactive Connectivity Establishment (RFC 8445, 6544, 7675, 8838) without I/O."""

from purertc.sansio.ice.agent import IceAgent, new_parameters
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
    "new_parameters",
]
