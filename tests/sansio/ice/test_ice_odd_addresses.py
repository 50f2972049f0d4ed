"""Addresses that no socket can reach, or that have more than one spelling."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.ice import IceAgent, IceConfig
from purertc.wire.candidate import Candidate
from tests.support.ice_link import START, IceLink

ODD = ["::ffff:192.0.2.2", "::ffff:c000:202", "255.255.255.255", "0.0.0.0", "::", "ff02::1"]


def agent_of(link: IceLink) -> IceAgent:
    agent = link.a.agent
    agent.set_remote_parameters(link.b.agent.local_parameters, START)
    return agent


@pytest.mark.parametrize("host", [*ODD, "224.0.0.1", "example.org", "%", "fe80::1%%x%", "1.2.3"])
def test_as_remote_candidates_they_are_ignored(host: str) -> None:
    agent = agent_of(IceLink())
    agent.add_local_address(("2001:db8::1", 5000), START)
    agent.add_local_address(("192.0.2.1", 5000), START)
    agent.add_remote_candidate(Candidate("1", 1, "udp", 1, host, 9, "host"), START)
    assert agent.pairs == ()


@pytest.mark.parametrize("host", ODD)
def test_as_local_addresses_they_are_refused(host: str) -> None:
    agent = IceAgent(IceConfig(), bytes)
    with pytest.raises(ArgumentError):
        agent.add_local_address((host, 5000), START)
    assert agent.local_candidates == ()


@pytest.mark.parametrize("host", ["2001:DB8:0::2", "2001:db8:0:0:0:0:0:2", "2001:db8::2%eth9"])
def test_spellings_of_one_address_are_one_candidate(host: str) -> None:
    agent = agent_of(IceLink())
    agent.add_local_address(("2001:db8::1", 5000), START)
    for spelling in ("2001:db8::2", host):
        agent.add_remote_candidate(Candidate("1", 1, "udp", 1, spelling, 9, "host"), START)
    (pair,) = agent.pairs
    assert pair.remote_address == ("2001:db8::2", 9)


def test_a_link_local_candidate_is_reached_through_the_scope_of_each_socket() -> None:
    agent = agent_of(IceLink())
    for scope in ("eth0", "wlan0"):
        agent.add_local_address((f"fe80::1%{scope}", 5000), START)
    agent.add_local_address(("2001:db8::1", 5000), START)
    agent.add_remote_candidate(Candidate("1", 1, "udp", 1, "fe80::2%en7", 9, "host"), START)
    reached = {(pair.local_address[0], pair.remote_address[0]) for pair in agent.pairs}
    assert reached == {("fe80::1%eth0", "fe80::2%eth0"), ("fe80::1%wlan0", "fe80::2%wlan0")}
