"""purertc as the peer of a process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from purertc import (
    Configuration,
    ConnectionState,
    DataChannel,
    IceCandidate,
    IceServer,
    NetworkSettings,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
)
from purertc.sansio.network_settings import Resolver
from purertc.sansio.types import Address, IceCandidateError, IceTransportPolicy
from tests.support.peers.settings import PeerSettings

__all__ = ["PurertcActor"]

Report = Callable[[str, Any], None]
"""Takes the name of an event and its JSON value."""

_POLICIES = {False: IceTransportPolicy.ALL, True: IceTransportPolicy.RELAY}


def _resolver(names: Mapping[str, Sequence[str]]) -> Resolver:
    async def resolve(name: str, port: int) -> list[Address]:
        return [(host, port) for host in names[name]]

    return resolve


class _Reports(PeerConnectionHandler):
    def __init__(self, report: Report) -> None:
        self._report = report
        self._announced: asyncio.Queue[DataChannel] = asyncio.Queue()
        self.channels: dict[str, DataChannel] = {}

    async def channel(self, label: str) -> DataChannel:
        """Return a channel of either side, when it is there."""
        while label not in self.channels:
            announced = await self._announced.get()
            self.channels[announced.label] = announced
        return self.channels[label]

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        self._report("state", state.value)

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self._report("candidate", None if candidate is None else {**candidate.to_json()})

    async def on_ice_candidate_error(self, error: IceCandidateError) -> None:
        self._report("candidate error", {"url": error.url, "code": error.error_code})

    async def on_data_channel(self, channel: DataChannel) -> None:
        self._announced.put_nowait(channel)


class PurertcActor:
    """One PeerConnection, as :class:`tests.support.peers.program.Actor` describes it."""

    def __init__(self, settings: PeerSettings, report: Report) -> None:
        self._reports = _Reports(report)
        timeouts: dict[str, Any] = {**settings.timeouts}
        self._pc = PeerConnection(
            self._reports,
            configuration=Configuration(
                ice_servers=[
                    IceServer(server.urls, username=server.username, credential=server.credential)
                    for server in settings.servers
                ],
                ice_transport_policy=_POLICIES[settings.relay_only],
                include_loopback=settings.loopback,
                network=NetworkSettings(
                    tls_ca_file=settings.authority,
                    resolver=_resolver(settings.names) if settings.names else None,
                ),
                **timeouts,
            ),
        )

    async def create_channel(self, label: str) -> None:
        self._reports.channels[label] = self._pc.create_data_channel(label)

    async def offer(self, *, complete: bool, restart: bool) -> dict[str, Any]:
        offer = await self._pc.create_offer(ice_restart=restart)
        return await self._describe(offer, complete)

    async def answer(self, offer: Mapping[str, str], *, complete: bool) -> dict[str, Any]:
        await self._pc.set_remote_description(SessionDescription.from_json(offer))
        return await self._describe(None, complete)

    async def accept(self, answer: Mapping[str, str]) -> None:
        await self._pc.set_remote_description(SessionDescription.from_json(answer))

    async def add_candidate(self, candidate: Mapping[str, Any] | None) -> None:
        await self._pc.add_ice_candidate(candidate)

    async def opened(self, label: str) -> None:
        await (await self._reports.channel(label)).opened()

    async def send(self, label: str, message: str) -> None:
        await (await self._reports.channel(label)).send(message)

    async def receive(self, label: str) -> str:
        message = await (await self._reports.channel(label)).receive()
        assert isinstance(message, str)
        return message

    async def local_sdp(self) -> str:
        assert self._pc.local_description is not None
        return self._pc.local_description.sdp

    async def explain(self) -> str:
        transport = self._pc._endpoint.peer.transport
        return f"{self._pc!r}\n{transport.ice.describe()}"

    async def close(self) -> None:
        await self._pc.close()

    async def _describe(
        self, description: SessionDescription | None, complete: bool
    ) -> dict[str, Any]:
        await self._pc.set_local_description(description)
        if complete:
            await self._pc.gathering_complete()
        assert self._pc.local_description is not None
        return {**self._pc.local_description.to_json()}
