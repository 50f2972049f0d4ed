"""aiortc.rtcicetransport: candidates, and a view of the ICE transport below the data channels."""

import re
from dataclasses import dataclass
from typing import Any

from purertc_compat._absent import describe_absence
from purertc_compat._candidate import RTCIceCandidate, read_candidate
from purertc_compat._emitter import LegacyEmitter
from purertc_compat._negotiated import NegotiatedTexts
from purertc_compat._sdp_view import sections
from purertc_compat.rtcconfiguration import RTCIceServer

__all__ = [
    "RTCIceCandidate",
    "RTCIceGatherer",
    "RTCIceParameters",
    "RTCIceTransport",
    "connection_kwargs",
    "is_usable_turn",
    "parse_stun_turn_uri",
]

__path__, __getattr__ = describe_absence(__name__)

_URI = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>[^?:]+)(:(?P<port>[0-9]+))?(\?transport=(?P<transport>.*))?"
)


@dataclass
class RTCIceParameters:
    """ICE credentials (RFC 8839 section 5.4)."""

    usernameFragment: str | None = None  # noqa: N815
    password: str | None = None
    iceLite: bool = False  # noqa: N815


def parse_stun_turn_uri(uri: str) -> dict[str, Any]:
    """Split a STUN or TURN URI (RFC 7064, RFC 7065) and fill in the defaults.

    Raises ValueError with aiortc's texts.
    """
    if not uri.startswith(("stun", "turn")):
        raise ValueError("malformed uri: invalid scheme")
    match = _URI.fullmatch(uri)
    if match is None:
        raise ValueError("malformed uri")
    scheme, transport = match["scheme"], match["transport"]
    secure = scheme in ("stuns", "turns")
    parsed: dict[str, Any] = {
        "scheme": scheme,
        "host": match["host"],
        "port": int(match["port"]) if match["port"] else 5349 if secure else 3478,
    }
    if scheme.startswith("turn"):
        parsed["transport"] = transport or ("tcp" if secure else "udp")
    elif transport is not None:
        raise ValueError(f"malformed uri: {scheme} must not contain transport")
    return parsed


def connection_kwargs(servers: list[RTCIceServer]) -> dict[str, Any]:
    """Choose what aiortc passes to aioice: the first STUN and the first usable TURN server.

    Raises ValueError for a malformed URI.
    """
    chosen: dict[str, Any] = {}
    for server in servers:
        for uri in [server.urls] if isinstance(server.urls, str) else server.urls:
            parsed = parse_stun_turn_uri(uri)
            address = (parsed["host"], parsed["port"])
            if parsed["scheme"] == "stun":
                chosen.setdefault("stun_server", address)
            elif "turn_server" not in chosen and is_usable_turn(server, parsed):
                chosen |= {
                    "turn_server": address,
                    "turn_ssl": parsed["scheme"] == "turns",
                    "turn_transport": parsed["transport"],
                    "turn_username": server.username,
                    "turn_password": server.credential,
                }
    return chosen


def is_usable_turn(server: RTCIceServer, parsed: dict[str, Any]) -> bool:
    """Whether aiortc would ask this TURN server."""
    transports = {"turn": ("udp", "tcp"), "turns": ("tcp",)}.get(parsed["scheme"], ())
    return parsed.get("transport") in transports and server.credentialType == "password"


class RTCIceGatherer(LegacyEmitter):
    """A view of the gathering of local candidates; emits ``statechange``."""

    def __init__(self, texts: object = None) -> None:
        if not isinstance(texts, NegotiatedTexts):
            raise NotImplementedError(
                "a standalone RTCIceGatherer is not available in purertc_compat yet"
            )
        super().__init__()
        self._texts = texts
        self._state = "new"

    @property
    def state(self) -> str:
        """``new``, ``gathering`` or ``completed``."""
        return self._state

    async def gather(self) -> None:
        """Do nothing: ``setLocalDescription`` gathers."""

    def getLocalCandidates(self) -> list[RTCIceCandidate]:  # noqa: N802
        """Return new objects for the candidates gathered so far."""
        section = self._texts.local_data_section()
        return [] if section is None else [read_candidate(x) for x in section.values("candidate")]

    def getLocalParameters(self) -> RTCIceParameters:  # noqa: N802
        """Return this side's credentials; empty before the first offer or answer is made."""
        return _ice_parameters(self._texts.local_text)

    @classmethod
    def getDefaultIceServers(cls) -> list[RTCIceServer]:  # noqa: N802
        """Return what aiortc uses when the configuration names no servers."""
        return [RTCIceServer("stun:stun.l.google.com:19302")]


class RTCIceTransport(LegacyEmitter):
    """A view of the ICE transport; emits ``statechange``."""

    def __init__(self, gatherer: RTCIceGatherer) -> None:
        super().__init__()
        self._gatherer = gatherer
        self._state = "new"

    @property
    def iceGatherer(self) -> RTCIceGatherer:  # noqa: N802
        """The gatherer."""
        return self._gatherer

    @property
    def role(self) -> str:
        """``controlling`` or ``controlled`` (RFC 8445 section 2)."""
        return "controlling" if self._gatherer._texts.offered_first else "controlled"

    @property
    def state(self) -> str:
        """``new``, ``checking``, ``completed``, ``failed`` or ``closed``."""
        return self._state

    def getRemoteCandidates(self) -> list[RTCIceCandidate]:  # noqa: N802
        """Return new objects for the candidates of the other side."""
        section = self._gatherer._texts.remote_data_section()
        return [] if section is None else [read_candidate(x) for x in section.values("candidate")]


def _ice_parameters(sdp: str | None) -> RTCIceParameters:
    for section in sections(sdp or ""):
        return RTCIceParameters(section.value("ice-ufrag"), section.value("ice-pwd"))
    return RTCIceParameters()
