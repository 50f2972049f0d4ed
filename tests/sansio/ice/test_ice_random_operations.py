"""Whatever happens in whatever order: nothing raises, bounds hold, and a restart mends all."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.errors import InvalidStateError
from purertc.sansio.types import IceConnectionState
from tests.support.ice_checks import check
from tests.support.ice_link import IceLink, Node

HOSTS = ("192.0.2.", "198.51.100.")
RELAYS = ("203.0.113.1", "203.0.113.2")
OPERATIONS = (
    "wait",
    "wait long",
    "bind",
    "unbind",
    "relay",
    "block",
    "unblock",
    "restart",
    "restart one",
    "roll back",
    "introduce",
    "exchange",
    "replay",
    "strange check",
    "end",
)


class Storm:
    """Two agents on which random operations are carried out."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.link = IceLink(seed=seed, loss=self.random.choice([0, 0.1]))
        self.link.signal([("192.0.2.1", 5000)], [("198.51.100.1", 6000)])
        self.ports = 7000

    def run(self, name: str) -> None:
        link = self.link
        node = self.random.choice(link.nodes)
        if name == "wait":
            link.run(self.random.choice([0.01, 0.5, 3.0]))
        elif name == "wait long":
            link.run(self.random.choice([11.0, 40.0]))
        elif name == "block":
            link.block(link.random.choice(["192.0.2.1", "192.0.2.2"]), "198.51.100.1")
        elif name == "unblock":
            link.unblock()
        elif name == "restart":
            link.restart()
        elif name == "introduce":
            self._introduce()
        elif name == "exchange":
            self._introduce()
            for each, other in ((link.a, link.b), (link.b, link.a)):
                for candidate in other.agent.local_candidates:
                    each.agent.add_remote_candidate(candidate, link.now)
        else:
            self._run_on(node, name)
        link.drain()

    def _introduce(self) -> None:
        for node, other in ((self.link.a, self.link.b), (self.link.b, self.link.a)):
            parameters = other.agent.local_parameters
            if node.agent.remote_parameters in (None, parameters):
                node.agent.set_remote_parameters(parameters, self.link.now)

    def _run_on(self, node: Node, name: str) -> None:
        link, index = self.link, self.link.nodes.index(node)
        if name == "bind" and len(node.sockets) < 4:
            self.ports += 1
            link.bind(node, (f"{HOSTS[index]}{self.random.choice([1, 2])}", self.ports))
        elif name == "unbind" and node.sockets:
            link.unbind(node, self.random.choice(node.sockets))
        elif name == "relay" and not node.relays:
            link.relay(node, (RELAYS[index], 50000))
        elif name == "restart one":
            node.agent.restart(link.now)
            link.add_bases_again(node)
        elif name == "roll back":
            if node.agent.restarting:
                node.agent.roll_back_restart(link.now)
            else:
                with pytest.raises(InvalidStateError):
                    node.agent.roll_back_restart(link.now)
        elif name == "end":
            node.agent.end_of_local_candidates(link.now)
            node.agent.end_of_remote_candidates(link.now)
        elif name in ("replay", "strange check") and node.sockets:
            self._disturb(node, authentic=name == "strange check")

    def _disturb(self, node: Node, *, authentic: bool) -> None:
        link = self.link
        other = link.b if node is link.a else link.a
        parameters = other.agent.local_parameters
        if authentic:
            number = self.random.getrandbits(90)
            nominate = self.random.random() < 0.5
            data = check(
                parameters,
                node.agent.local_parameters,
                number,
                controlling=not node.agent.controlling,
                nominate=nominate,
            )
        else:
            data = self.random.choice(other.datagrams or [b""])
        source = ("203.0.113.66", self.random.randrange(1, 99))
        local = self.random.choice(node.sockets)
        node.agent.receive(data, source, local, link.now)

    def check_bounds(self) -> None:
        for node in self.link.nodes:
            agent = node.agent
            generations = list(agent._generations)
            assert sum(other.retired_until is None for other in generations) <= 3
            assert len(agent.pairs) <= 200
            connected = agent.state in (
                IceConnectionState.CONNECTED,
                IceConnectionState.COMPLETED,
            )
            assert agent.selected is not None or not connected
            assert node.states[-1:] in ([agent.state], [])
            assert all(
                one is not two for one, two in zip(node.states, node.states[1:], strict=False)
            )

    def mend(self) -> None:
        """Give both sides a socket and a free way, and restart."""
        link = self.link
        link.unblock()
        for node, prefix in zip(link.nodes, HOSTS, strict=True):
            if not node.sockets:
                self.ports += 1
                link.bind(node, (f"{prefix}1", self.ports))
        link.drain()
        link.restart()
        link.run_until(
            lambda: link.connected() and not any(node.agent.restarting for node in link.nodes), 30
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.lists(st.sampled_from(OPERATIONS), max_size=25))
def test_random_operations(seed: int, operations: list[str]) -> None:
    storm = Storm(seed)
    for name in operations:
        storm.run(name)
        storm.check_bounds()

    storm.mend()
    storm.check_bounds()
