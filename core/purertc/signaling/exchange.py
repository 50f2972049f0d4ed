"""One offer and one answer over a signalling line."""

from typing import TYPE_CHECKING

from purertc.errors import ConnectionFailed
from purertc.sansio.description import IceCandidate
from purertc.signaling.base import Signaling

if TYPE_CHECKING:
    from purertc.peer_connection import PeerConnection

__all__ = ["exchange_descriptions"]


async def exchange_descriptions(pc: "PeerConnection", signaling: Signaling, *, offer: bool) -> None:
    """Send an offer and apply the answer, or the other way round with ``offer=False``.

    The descriptions carry all candidates, as programs written for aiortc expect; candidates that
    arrive on their own are added. Call it again to negotiate again. Cancelling leaves the
    connection in the signalling state it has reached.

    Raises:
        ConnectionFailed: the other side left before it had sent its description.
        ProtocolError: the other side sent something that is no message.
        SdpError: its description cannot be applied.
    """
    if offer:
        await _send_local_description(pc, signaling)
    async for message in signaling:
        if isinstance(message, IceCandidate):
            await pc.add_ice_candidate(message)
            continue
        await pc.set_remote_description(message)
        if not offer:
            await _send_local_description(pc, signaling)
        return
    raise ConnectionFailed("The other side left before it had sent its description.")


async def _send_local_description(pc: "PeerConnection", signaling: Signaling) -> None:
    await pc.set_local_description()
    await signaling.send(await pc.gathering_complete())
