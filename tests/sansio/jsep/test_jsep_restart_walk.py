"""Two sides that offer, restart, collide and roll back at random always agree in the end."""

import random
from dataclasses import dataclass, field

import pytest

from purertc.sansio.applied import Applied
from purertc.sansio.description import SessionDescription
from purertc.sansio.types import IceParameters, SdpType, SignalingState
from tests.support.negotiators import Side

ROLLBACK = SessionDescription("rollback")


@dataclass
class Walker:
    """A peer in miniature: it holds the credentials that its ICE agent would have."""

    name: str
    rng: random.Random
    side: Side
    running: IceParameters = field(init=False)
    restarts: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        self.running = self.side.ice

    def new_credentials(self) -> IceParameters:
        self.count += 1
        return IceParameters(f"{self.name}{self.count:04d}", f"{self.name}{self.count:021d}")

    def learn(self, applied: Applied) -> Applied:
        """Do what a peer does with what it is told."""
        if applied.restart_rolled_back:
            self.side.ice = self.running
        if applied.ice_restarted:
            assert self.side.ice != self.running
            self.restarts += 1
        if applied.transport_ready and not applied.rolled_back:
            self.running = self.side.ice
        if self.side.signaling() is SignalingState.STABLE:
            assert self.side.ice == self.running
        return applied

    def offer(self) -> None:
        if self.rng.random() < 0.5 and self.side.signaling() is SignalingState.STABLE:
            self.side.ice = self.new_credentials()
        if self.side.negotiator.current_local_description is None:
            self.side.ice = self.running
        self.learn(self.side.set_local(self.side.offer()))
        self.gather()

    def answer(self, offer: SessionDescription) -> SessionDescription:
        self.learn(self.side.set_remote(offer))
        if self.side.negotiator.remote_wants_restart:
            self.side.ice = self.new_credentials()
        if self.rng.random() < 0.3:
            self.learn(self.side.set_local(SessionDescription(SdpType.PRANSWER)))
        self.learn(self.side.set_local())
        self.gather()
        return self.side.local

    def gather(self) -> None:
        """Find a candidate whose port tells the generation it is for."""
        fragment = self.side.ice.username_fragment
        candidate = f"candidate:1 1 udp 1 192.0.2.1 {self.port(fragment)} typ host"
        assert self.side.negotiator.add_local_candidate(candidate, fragment)
        if self.rng.random() < 0.3:
            self.side.negotiator.end_of_local_candidates()

    def port(self, fragment: str) -> int:
        return 1000 + (int(fragment[1:]) if fragment.startswith(self.name) else 0)

    def check_candidates(self) -> None:
        """A description shows candidates of its own credentials only."""
        for description in (
            self.side.negotiator.current_local_description,
            self.side.negotiator.pending_local_description,
        ):
            if description is None:
                continue
            rows = description.sdp.split("\r\n")
            (fragment,) = (row[12:] for row in rows if row.startswith("a=ice-ufrag:"))
            ports = {row.split(" ")[5] for row in rows if row.startswith("a=candidate:")}
            assert ports == {str(self.port(fragment))}


@pytest.mark.parametrize("seed", range(25))
def test_a_walk(seed: int) -> None:
    rng = random.Random(seed)
    a, b = Walker("a", rng, Side(1)), Walker("b", rng, Side(2))
    for _ in range(40):
        one, other = rng.sample((a, b), 2)
        one.offer()
        match rng.randrange(4):
            case 0:
                one.learn(one.side.set_local(ROLLBACK))
            case 1:
                other.offer()
                one.learn(one.side.set_remote(other.answer(one.side.local)))
            case 2:
                other.learn(other.side.set_remote(one.side.local))
                other.learn(other.side.set_remote(ROLLBACK))
                one.learn(one.side.set_local(ROLLBACK))
            case _:
                one.learn(one.side.set_remote(other.answer(one.side.local)))
        for walker in (a, b):
            assert walker.side.signaling() is SignalingState.STABLE
            walker.check_candidates()
        assert a.restarts == b.restarts
    assert a.restarts > 3
