"""What a description that was applied asks of the transport."""

from dataclasses import dataclass

from purertc.sansio.session import RemoteSession

__all__ = ["Applied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a description that was just applied means for the transport.

    ``data_accepted``
        The exchange, as far as it has come, has a data section that neither side rejected.
    ``transport_ready``
        Both descriptions of the exchange are applied: the transport may start, or go on.
    ``remote``
        The other side's data section; None while it is unknown or when there is none.
    ``dtls_client``
        Whether we open the DTLS association; None while that is undecided.
    ``controlling``
        Whether our ICE agent controls (RFC 8445 section 6.1.1).
    ``ice_restarted``
        Both sides have new ICE credentials, ``remote.ice`` and those that our description was
        made with. It is said once for each restart, with the first answer that settles it.
    ``restart_rolled_back``
        The ICE restart of our open offer is void: the offer was taken back, replaced by one with
        other credentials, or answered without data. The former credentials go on.
    ``rolled_back``
        An offer was taken back. When a remote offer took ours back (the implicit rollback),
        the signaling state was "stable" in between.
    """

    data_accepted: bool
    transport_ready: bool
    remote: RemoteSession | None
    dtls_client: bool | None
    controlling: bool
    ice_restarted: bool = False
    restart_rolled_back: bool = False
    rolled_back: bool = False
