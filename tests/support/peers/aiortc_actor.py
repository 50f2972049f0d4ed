"""aiortc as the peer of a process."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import aioice.ice
import aiortc
from aiortc.sdp import candidate_from_sdp

from tests.support.legacy_stack import LegacyConnection
from tests.support.peers.settings import PeerSettings
from tests.support.stack_protocol import ChannelEnd, ChannelOptions

__all__ = ["AiortcActor"]

Report = Callable[[str, Any], None]


class AiortcActor:
    """One RTCPeerConnection, as :class:`tests.support.peers.program.Actor` describes it.

    aiortc gathers before it gives a description and makes no candidate events; a server's
    failure it keeps to itself.
    """

    def __init__(self, settings: PeerSettings, report: Report) -> None:
        if settings.loopback:
            aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        if settings.authority is not None:
            os.environ["SSL_CERT_FILE"] = settings.authority
        servers = [
            aiortc.RTCIceServer(list(server.urls), server.username, server.credential)
            for server in settings.servers
        ]
        configuration = aiortc.RTCConfiguration(
            iceServers=servers,
            iceTransportPolicy=aiortc.RTCIceTransportPolicy(
                "relay" if settings.relay_only else "all"
            ),
        )
        self._end = LegacyConnection(aiortc, configuration)
        self._pc = self._end.pc
        self._channels: dict[str, ChannelEnd] = {}
        self._pc.on("connectionstatechange", lambda: report("state", self._end.state))

    async def create_channel(self, label: str) -> None:
        self._channels[label] = self._end.create_channel(label, ChannelOptions())

    async def offer(self, *, complete: bool, restart: bool) -> dict[str, Any]:
        assert not restart, "aiortc offers no restart"
        return {"type": "offer", "sdp": await self._end.offer()}

    async def answer(self, offer: Mapping[str, str], *, complete: bool) -> dict[str, Any]:
        return {"type": "answer", "sdp": await self._end.answer(offer["sdp"])}

    async def accept(self, answer: Mapping[str, str]) -> None:
        await self._end.accept(answer["sdp"])

    async def add_candidate(self, candidate: Mapping[str, Any] | None) -> None:
        if candidate is None or not candidate["candidate"]:
            await self._pc.addIceCandidate(None)
            return
        parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
        parsed.sdpMid = candidate["sdpMid"]
        parsed.sdpMLineIndex = candidate["sdpMLineIndex"]
        await self._pc.addIceCandidate(parsed)

    async def opened(self, label: str) -> None:
        await (await self._channel(label)).opened()

    async def send(self, label: str, message: str) -> None:
        (await self._channel(label)).send(message)

    async def receive(self, label: str) -> str:
        message = await (await self._channel(label)).receive()
        assert isinstance(message, str)
        return message

    async def local_sdp(self) -> str:
        return str(self._pc.localDescription.sdp)

    async def explain(self) -> str:
        ice = self._pc.sctp.transport.transport._connection
        return "\n".join([f"aiortc {self._end.state}", *map(str, ice.local_candidates)])

    async def close(self) -> None:
        await self._end.close()

    async def _channel(self, label: str) -> ChannelEnd:
        while label not in self._channels:
            announced = await self._end.announced()
            self._channels[announced.label] = announced
        return self._channels[label]
