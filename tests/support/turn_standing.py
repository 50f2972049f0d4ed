"""Peers and TURN servers that stand in one place and use its loopback addresses."""

import ipaddress
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.support.coturn import PASSWORD, USERNAME, Coturn, CoturnSettings
from tests.support.namespaces import Namespace, Place
from tests.support.peers.pair import Standing
from tests.support.peers.settings import PeerSettings, Server

__all__ = ["BOTH_VERSIONS", "TIMEOUTS", "TurnNetwork", "candidate_types", "turn_server"]

BOTH_VERSIONS = "server.purertc.test"
"""A name of the loopback addresses of both versions of IP."""

TIMEOUTS = {"disconnected_timeout": 1.0, "failed_timeout": 3.0, "checking_timeout": 5.0}
"""Of purertc, so that nobody waits for half a minute."""


class TurnNetwork:
    """A place; what runs there ends with ``stack``."""

    def __init__(self, place: Place, stack: ExitStack) -> None:
        self.place = place
        self._stack = stack

    @property
    def namespace(self) -> Namespace:
        """The place, for tests that change its network."""
        assert isinstance(self.place, Namespace)
        return self.place

    def coturn(self, settings: CoturnSettings | None = None) -> Coturn:
        """Start a server."""
        return self._stack.enter_context(Coturn(self.place, settings))

    def standing(self, name: str, *servers: Server, relay_only: bool = False) -> Standing:
        """Return a side that asks ``servers`` and trusts the system's authorities."""
        settings = PeerSettings(
            servers=servers, relay_only=relay_only, loopback=True, timeouts=TIMEOUTS
        )
        return Standing(name=name, place=self.place, settings=settings)

    def relayed(
        self,
        name: str,
        coturn: Coturn,
        *transports: str,
        hosts: Sequence[str] = (),
        authority: Path | None = None,
    ) -> Standing:
        """Return a side that uses relayed candidates only, of all ``hosts`` of the server.

        It trusts the server's authority if no other one is given.
        """
        settings = PeerSettings(
            servers=[turn_server(coturn, *transports, host=host) for host in hosts or (None,)],
            relay_only=True,
            loopback=True,
            authority=str(authority or coturn.certificates.authority),
            timeouts=TIMEOUTS,
            names={BOTH_VERSIONS: ["::1", "127.0.0.1"]},
        )
        return Standing(name=name, place=self.place, settings=settings)


def turn_server(
    coturn: Coturn,
    *transports: str,
    host: str | None = None,
    username: str = USERNAME,
    credential: str = PASSWORD,
) -> Server:
    """Return how a peer reaches ``coturn``, over UDP if nothing else is said."""
    urls = [coturn.url(transport, host) for transport in transports or ("udp",)]
    return Server(urls, username, credential)


def candidate_types(sdp: str) -> set[str]:
    """Return the types of the candidates in a description, "relay6" for a relay with IPv6."""
    found: set[str] = set()
    for line in sdp.splitlines():
        if line.startswith("a=candidate:"):
            fields = line.split()
            kind = fields[fields.index("typ") + 1]
            v6 = kind == "relay" and ipaddress.ip_address(fields[4]).version == 6
            found.add("relay6" if v6 else kind)
    return found
