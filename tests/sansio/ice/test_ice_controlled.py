"""The controlled side follows nominations of every style."""

import pytest

from purertc.sansio.ice import IceAgent, IceConfig
from purertc.sansio.types import Address, IceConnectionState
from purertc.wire.candidate import Candidate
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address
from tests.support.ice_link import START, IceLink

HERE = ("192.0.2.1", 5000)
GOOD, BETTER = ("192.0.2.2", 6000), ("192.0.2.3", 6000)


class Nominator:
    """A controlling peer played by hand."""

    def __init__(self, config: IceConfig | None = None) -> None:
        link = IceLink(config=config)
        self.agent: IceAgent = link.b.agent
        self.parameters = link.a.agent.local_parameters
        self.now = START
        self.count = 0
        self.agent.add_local_address(HERE, START)
        self.agent.set_remote_parameters(self.parameters, START)
        for address, priority in ((GOOD, 10), (BETTER, 20)):
            candidate = Candidate(str(priority), 1, "udp", priority, *address, "host")
            self.agent.add_remote_candidate(candidate, START)

    def check(self, source: Address, *, nominate: bool) -> None:
        mine = self.agent.local_parameters
        username = f"{mine.username_fragment}:{self.parameters.username_fragment}"
        attributes: dict[int, bytes] = {
            Attribute.USERNAME: username.encode(),
            Attribute.PRIORITY: b"\0\0\0\1",
            Attribute.ICE_CONTROLLING: bytes(8),
        }
        if nominate:
            attributes[Attribute.USE_CANDIDATE] = b""
        self.count += 1
        request = StunMessage(MessageClass.REQUEST, self.count.to_bytes(12, "big"), attributes)
        self.agent.receive(request.to_bytes(mine.password.encode()), source, HERE, self.now)

    def answer_all(self, *sources: Address) -> None:
        key = self.parameters.password.encode()
        for transmit in self.agent.transmits():
            message = StunMessage.parse(transmit.payload)
            if message.message_class is MessageClass.REQUEST and transmit.destination in sources:
                value = pack_xor_address(HERE, message.transaction_id)
                attributes: dict[int, bytes] = {Attribute.XOR_MAPPED_ADDRESS: value}
                response = StunMessage(MessageClass.SUCCESS, message.transaction_id, attributes)
                self.agent.receive(response.to_bytes(key), transmit.destination, HERE, self.now)

    def selected(self) -> Address | None:
        pair = self.agent.selected
        return None if pair is None else pair.remote_address

    def wait(self, seconds: float, *answering: Address) -> None:
        until = self.now + seconds
        while (deadline := self.agent.next_deadline()) is not None and deadline <= until:
            self.now = deadline
            self.agent.handle_timeout(self.now)
            self.answer_all(*answering)
        self.now = until


@pytest.mark.parametrize("order", [(GOOD, BETTER), (BETTER, GOOD)])
def test_of_several_nominated_pairs_the_best_counts(order: tuple[Address, Address]) -> None:
    peer = Nominator()
    for source in order:
        peer.check(source, nominate=True)
        peer.answer_all(GOOD, BETTER)

    assert peer.selected() == BETTER


def test_nomination_waits_for_our_own_check() -> None:
    peer = Nominator()
    peer.check(GOOD, nominate=True)
    assert peer.selected() is None

    peer.answer_all(GOOD)

    assert peer.selected() == GOOD


def test_nomination_of_a_pair_that_is_valid_already() -> None:
    peer = Nominator()
    peer.wait(0.1, GOOD, BETTER)
    assert peer.selected() is None
    assert peer.agent.is_validated(GOOD, HERE)

    peer.check(GOOD, nominate=True)

    assert peer.selected() == GOOD


def test_worse_pair_takes_over_once_the_selected_one_is_silent() -> None:
    peer = Nominator()
    for source in (BETTER, GOOD):
        peer.check(source, nominate=True)
        peer.answer_all(GOOD, BETTER)
    assert peer.selected() == BETTER

    peer.wait(10, GOOD)

    assert peer.selected() == GOOD
    assert peer.agent.state is IceConnectionState.CONNECTED


def test_valid_pair_that_falls_silent_before_nomination_is_given_up() -> None:
    peer = Nominator(IceConfig(checking_timeout=100))
    peer.wait(20, BETTER)
    assert peer.agent.is_validated(BETTER, HERE)

    peer.wait(35)
    assert not peer.agent.is_validated(BETTER, HERE)
    peer.wait(20, GOOD)

    peer.check(GOOD, nominate=True)
    assert peer.selected() == GOOD
