"""From aiortc's configuration to purertc's."""

import logging

import purertc
from purertc_compat.rtcconfiguration import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy
from purertc_compat.rtcicetransport import RTCIceGatherer, parse_stun_turn_uri

__all__ = ["purertc_configuration"]

logger = logging.getLogger("purertc_compat.configuration")


class _Said:
    """What was logged already."""

    servers_unused = False


def purertc_configuration(configuration: RTCConfiguration) -> purertc.Configuration:
    """Translate what has a meaning. ``send`` of aiortc never waits, so there is no send limit.

    Raises ValueError for a URI that is none, and NotImplementedError for the relay policy.
    """
    if configuration.iceTransportPolicy is RTCIceTransportPolicy.RELAY:
        raise NotImplementedError(
            "iceTransportPolicy RELAY needs TURN, which is not available in purertc_compat yet"
        )
    servers = configuration.iceServers
    if servers is None:
        servers = RTCIceGatherer.getDefaultIceServers()
    if servers and not _Said.servers_unused:
        _Said.servers_unused = True
        logger.info("STUN and TURN servers are accepted, but only host candidates are gathered")
    return purertc.Configuration(ice_servers=_usable(servers), send_high_water=None)


def _usable(servers: list[RTCIceServer]) -> list[purertc.IceServer]:
    """Leave out what aiortc leaves out: other credentials than passwords, TURN without them."""
    usable = []
    for server in servers:
        for uri in [server.urls] if isinstance(server.urls, str) else server.urls:
            parsed = parse_stun_turn_uri(uri)
            if parsed["scheme"].startswith("stun"):
                usable.append(purertc.IceServer(uri))
            elif server.username and server.credential and server.credentialType == "password":
                usable.append(purertc.IceServer(uri, server.username, server.credential))
    return usable
