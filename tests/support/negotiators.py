"""A negotiator with its ICE credentials, and the walk of a pair through one exchange."""

import random
from dataclasses import dataclass, field

from purertc.sansio.applied import Applied
from purertc.sansio.description import SessionDescription
from purertc.sansio.jsep import Negotiator
from purertc.sansio.types import Fingerprint, IceParameters, SignalingState


def fingerprints(seed: int) -> tuple[Fingerprint, ...]:
    rng = random.Random(seed)
    return tuple(
        Fingerprint(algorithm, rng.randbytes(size).hex(":").upper())
        for algorithm, size in (("sha-256", 32), ("sha-384", 48), ("sha-512", 64))
    )


def credentials(seed: int) -> IceParameters:
    return IceParameters(f"frag{seed}", f"{seed:022d}")


@dataclass
class Side:
    """One end: what a peer would hold and pass to its negotiator."""

    seed: int
    data: bool = True
    ice: IceParameters = field(init=False)
    negotiator: Negotiator = field(init=False)

    def __post_init__(self) -> None:
        self.ice = credentials(self.seed)
        self.negotiator = Negotiator(
            entropy=random.Random(self.seed).randbytes,
            fingerprints=fingerprints(self.seed),
            max_message_size=262144,
        )

    def offer(self) -> SessionDescription:
        return self.negotiator.create_offer(self.ice, data=self.data)

    def answer(self) -> SessionDescription:
        return self.negotiator.create_answer(self.ice)

    def set_local(self, description: SessionDescription | None = None) -> Applied:
        return self.negotiator.set_local_description(description, self.ice, data=self.data)

    def set_remote(self, description: SessionDescription) -> Applied:
        return self.negotiator.set_remote_description(description)

    @property
    def local(self) -> SessionDescription:
        description = self.negotiator.local_description
        assert description is not None
        return description

    def signaling(self) -> SignalingState:
        return self.negotiator.signaling_state

    def state(self) -> tuple[object, ...]:
        """Everything an application can see, to compare before and after a refused call."""
        it = self.negotiator
        return (
            it.signaling_state,
            it.current_local_description,
            it.pending_local_description,
            it.current_remote_description,
            it.pending_remote_description,
            it.data_section,
            it.negotiation_needed(True),
        )


def exchange(offerer: Side, answerer: Side) -> tuple[Applied, Applied]:
    """Run one offer and answer; return what the offerer and the answerer learned last."""
    offerer.set_local(offerer.offer())
    answerer.set_remote(offerer.local)
    answered = answerer.set_local(answerer.answer())
    return offerer.set_remote(answerer.local), answered
