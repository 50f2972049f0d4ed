"""Says what a connection does and why it does not work."""

from purertc.peer_connection import PeerConnection

__all__ = ["explain"]


def explain(pc: PeerConnection) -> str:
    """Return a report of several lines: what was tried, what came back, what is likely wrong.

    It has the states, the servers and what each answered, the candidates of both sides, each
    pair with the checks that were sent and answered, and DTLS and SCTP. The last line is one
    sentence on the likely cause and what to try. It works in every state; a connection that
    failed and was then closed is explained as it was when it failed. The text is for people and
    may change; programs read :meth:`PeerConnection.get_stats`.
    """
    return pc._endpoint.explain()
