"""Which description may be applied in which signaling state (W3C webrtc-pc section 4.3.1).

Both tables map a state and the type of a description to the state that follows.
"""

from purertc.errors import InvalidStateError
from purertc.sansio.types import SdpType, SignalingState

__all__ = ["SET_LOCAL", "SET_REMOTE", "Transitions", "next_state"]

_STABLE = SignalingState.STABLE
_LOCAL_OFFER = SignalingState.HAVE_LOCAL_OFFER
_REMOTE_OFFER = SignalingState.HAVE_REMOTE_OFFER
_LOCAL_PRANSWER = SignalingState.HAVE_LOCAL_PRANSWER
_REMOTE_PRANSWER = SignalingState.HAVE_REMOTE_PRANSWER

Transitions = dict[tuple[SignalingState, SdpType], SignalingState]

SET_LOCAL: Transitions = {
    (_STABLE, SdpType.OFFER): _LOCAL_OFFER,
    (_LOCAL_OFFER, SdpType.OFFER): _LOCAL_OFFER,
    (_LOCAL_OFFER, SdpType.ROLLBACK): _STABLE,
    (_REMOTE_OFFER, SdpType.PRANSWER): _LOCAL_PRANSWER,
    (_REMOTE_OFFER, SdpType.ANSWER): _STABLE,
    (_LOCAL_PRANSWER, SdpType.PRANSWER): _LOCAL_PRANSWER,
    (_LOCAL_PRANSWER, SdpType.ANSWER): _STABLE,
}

SET_REMOTE: Transitions = {
    (_STABLE, SdpType.OFFER): _REMOTE_OFFER,
    (_REMOTE_OFFER, SdpType.OFFER): _REMOTE_OFFER,
    (_REMOTE_OFFER, SdpType.ROLLBACK): _STABLE,
    # W3C webrtc-pc section 4.4.1.6: our own offer gives way, as an implicit rollback.
    (_LOCAL_OFFER, SdpType.OFFER): _REMOTE_OFFER,
    (_LOCAL_OFFER, SdpType.PRANSWER): _REMOTE_PRANSWER,
    (_LOCAL_OFFER, SdpType.ANSWER): _STABLE,
    (_REMOTE_PRANSWER, SdpType.PRANSWER): _REMOTE_PRANSWER,
    (_REMOTE_PRANSWER, SdpType.ANSWER): _STABLE,
}


def next_state(
    transitions: Transitions, state: SignalingState, kind: SdpType, call: str
) -> SignalingState:
    """Return the state after ``call`` has applied a description. Raises InvalidStateError."""
    if state is SignalingState.CLOSED:
        raise InvalidStateError(f"{call}: the connection is closed")
    following = transitions.get((state, kind))
    if following is None:
        allowed = " or ".join(before for before, type_ in transitions if type_ is kind)
        raise InvalidStateError(
            f"{call} takes the type {kind} in the signaling state {allowed}, not {state}"
        )
    return following
