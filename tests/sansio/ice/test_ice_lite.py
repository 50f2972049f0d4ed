"""An ICE-lite peer only answers (RFC 8445 section 2.5)."""

from purertc.sansio.ice import IceAgent
from purertc.sansio.types import IceConnectionState, IceParameters
from purertc.wire.candidate import Candidate
from purertc.wire.stun import StunMessage
from tests.support.ice_checks import answer, is_nomination
from tests.support.ice_link import START, IceLink

HERE, THERE = ("192.0.2.1", 5000), ("198.51.100.2", 6000)


class LitePeer:
    """Answers checks, sends none, and notes nominations."""

    def __init__(self, agent: IceAgent, name: str = "lite") -> None:
        self.agent = agent
        self.parameters = IceParameters(name, "x" * 24, lite=True)
        self.now = START
        self.nominations = 0
        self.silent = False

    def introduce(self) -> None:
        self.agent.add_local_address(HERE, self.now)
        self.agent.set_remote_parameters(self.parameters, self.now)
        text = f"1 1 udp 9 {THERE[0]} {THERE[1]} typ host ufrag {self.parameters.username_fragment}"
        self.agent.add_remote_candidate(Candidate.parse(text), self.now)
        self.agent.end_of_local_candidates(self.now)
        self.agent.end_of_remote_candidates(self.now)

    def answer_all(self) -> None:
        while transmits := self.agent.transmits():
            for transmit in transmits:
                self.nominations += is_nomination(transmit.payload)
                key = self.parameters.password.encode()
                if self.silent or not StunMessage.parse(transmit.payload).has_integrity(key):
                    continue
                response = answer(transmit.payload, HERE, self.parameters)
                self.agent.receive(response, THERE, transmit.local, self.now)

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        self.answer_all()
        while (deadline := self.agent.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.agent.handle_timeout(self.now)
            self.answer_all()
        self.now = until


def connected_peer() -> LitePeer:
    peer = LitePeer(IceLink().b.agent)
    peer.introduce()
    peer.run(0.1)
    return peer


def test_we_control_and_nominate() -> None:
    peer = connected_peer()

    assert peer.agent.controlling
    assert peer.nominations == 1
    assert peer.agent.state is IceConnectionState.COMPLETED


def test_consent() -> None:
    peer = connected_peer()
    states = []
    for silent, seconds in ((False, 100), (True, 10), (False, 6), (True, 40)):
        peer.silent = silent
        peer.run(seconds)
        states.append(str(peer.agent.state))

    assert states == ["completed", "disconnected", "completed", "failed"]


def test_restart() -> None:
    peer = connected_peer()
    before = peer.agent.selected
    peer.agent.restart(peer.now)
    # Before its answer it knows, and uses, only the old credentials.
    peer.run(20)
    assert peer.agent.selected is before

    peer.parameters = IceParameters("again", "y" * 24, lite=True)
    peer.introduce()
    peer.run(1)

    assert peer.agent.controlling
    assert peer.agent.state is IceConnectionState.COMPLETED
    assert peer.agent.selected is not before
