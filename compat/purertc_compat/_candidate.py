"""The legacy candidate object and its text (RFC 8839 section 5.1)."""

from dataclasses import dataclass

__all__ = ["RTCIceCandidate", "read_candidate", "write_candidate"]


@dataclass
class RTCIceCandidate:
    """A candidate of either side. Programs set ``sdpMid`` and ``sdpMLineIndex`` afterwards."""

    component: int
    foundation: str
    ip: str
    port: int
    priority: int
    protocol: str
    type: str
    relatedAddress: str | None = None  # noqa: N815  # names of aiortc's API
    relatedPort: int | None = None  # noqa: N815
    sdpMid: str | None = None  # noqa: N815
    sdpMLineIndex: int | None = None  # noqa: N815
    tcpType: str | None = None  # noqa: N815


def read_candidate(sdp: str) -> RTCIceCandidate:
    """Read the value of a ``candidate`` attribute, without ``candidate:``.

    Raises ValueError when fields are missing or a number is none.
    """
    fields = sdp.split()
    if len(fields) < 8:
        raise ValueError(f"a candidate has at least 8 fields, this one {len(fields)}: {sdp!r}")
    foundation, component, protocol, priority, ip, port, _, kind = fields[:8]
    extensions = dict(zip(fields[8::2], fields[9::2], strict=False))
    related_port = extensions.get("rport")
    return RTCIceCandidate(
        component=int(component),
        foundation=foundation,
        ip=ip,
        port=int(port),
        priority=int(priority),
        protocol=protocol,
        type=kind,
        relatedAddress=extensions.get("raddr"),
        relatedPort=None if related_port is None else int(related_port),
        tcpType=extensions.get("tcptype"),
    )


def write_candidate(candidate: RTCIceCandidate) -> str:
    """Write a candidate as :func:`read_candidate` reads it."""
    fields: list[object] = [
        candidate.foundation,
        candidate.component,
        candidate.protocol,
        candidate.priority,
        candidate.ip,
        candidate.port,
        "typ",
        candidate.type,
    ]
    for name, value in (
        ("raddr", candidate.relatedAddress),
        ("rport", candidate.relatedPort),
        ("tcptype", candidate.tcpType),
    ):
        if value is not None:
            fields += [name, value]
    return " ".join(map(str, fields))
