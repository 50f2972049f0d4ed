"""The state of a connection as a whole (W3C webrtc-pc section 4.3.3)."""

from purertc.sansio.dtls import DtlsState
from purertc.sansio.types import ConnectionState, IceConnectionState

__all__ = ["connection_state"]


def connection_state(ice: IceConnectionState, dtls: DtlsState) -> ConnectionState:
    """Return the state that follows from the two transports of a connection not yet closed."""
    if ice is IceConnectionState.FAILED or dtls is DtlsState.FAILED:
        return ConnectionState.FAILED
    if ice is IceConnectionState.DISCONNECTED:
        return ConnectionState.DISCONNECTED
    if ice is IceConnectionState.NEW:
        return ConnectionState.NEW
    if ice is IceConnectionState.CHECKING or dtls is not DtlsState.CONNECTED:
        return ConnectionState.CONNECTING
    return ConnectionState.CONNECTED
