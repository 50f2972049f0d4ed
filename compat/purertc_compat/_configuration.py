"""From aiortc's configuration to purertc's."""

import purertc
from purertc_compat.rtcconfiguration import RTCConfiguration, RTCIceServer
from purertc_compat.rtcicetransport import RTCIceGatherer, is_usable_turn, parse_stun_turn_uri

__all__ = ["purertc_configuration"]


def purertc_configuration(configuration: RTCConfiguration) -> purertc.Configuration:
    """Translate what has a meaning. ``send`` of aiortc never waits, so there is no send limit.

    All servers are used, where aiortc takes the first of each kind. Raises ValueError for a URI
    that is none.
    """
    servers = configuration.iceServers
    if servers is None:
        servers = RTCIceGatherer.getDefaultIceServers()
    return purertc.Configuration(
        ice_servers=_usable(servers),
        ice_transport_policy=purertc.IceTransportPolicy(configuration.iceTransportPolicy.value),
        send_high_water=None,
    )


def _usable(servers: list[RTCIceServer]) -> list[purertc.IceServer]:
    """Leave out what aiortc leaves out: TURN without a password, and STUN over TLS."""
    usable = []
    for server in servers:
        for uri in [server.urls] if isinstance(server.urls, str) else server.urls:
            parsed = parse_stun_turn_uri(uri)
            if parsed["scheme"] == "stun":
                usable.append(purertc.IceServer(uri))
            elif server.username and server.credential and is_usable_turn(server, parsed):
                usable.append(purertc.IceServer(uri, server.username, server.credential))
    return usable
