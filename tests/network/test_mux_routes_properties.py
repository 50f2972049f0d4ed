"""Whatever is sent and received, the tables of a shared socket agree with each other."""

from hypothesis import given
from hypothesis import strategies as st

from purertc.mux_routes import Flows, MuxRoutes
from purertc.sansio.types import Address, Datagram
from purertc.wire.stun import Attribute, MessageClass, StunMessage

LOCAL = ("192.0.2.1", 3478)


class Owner:
    def __init__(self) -> None:
        self.flows = Flows()


def message(kind: MessageClass, number: int, name: str) -> bytes:
    return StunMessage(kind, number.to_bytes(12), {Attribute.USERNAME: name.encode()}).to_bytes()


addresses = st.tuples(st.just("198.51.100.1"), st.integers(1, 4))
payloads = st.one_of(
    st.binary(max_size=40),
    st.builds(
        message,
        st.sampled_from(MessageClass),
        st.integers(0, 5),
        st.sampled_from(["0:x", "1:x", "2:x", "?", ""]),
    ),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "receive", "wait", "forget"]),
        st.integers(0, 2),
        addresses,
        payloads,
    ),
    max_size=60,
)


@given(steps)
def test_the_tables_agree(steps: list[tuple[str, int, Address, bytes]]) -> None:
    owners = {str(number): Owner() for number in range(3)}
    time = [0.0]
    routes: MuxRoutes[Owner] = MuxRoutes(owners.get, lambda: time[0])
    for what, number, address, payload in steps:
        owner = owners[str(number)]
        if what == "send":
            routes.sent(owner, payload, address)
        elif what == "receive":
            found = routes.owner_of(Datagram(payload, address, LOCAL))
            assert found is None or found in owners.values()
        elif what == "wait":
            time[0] += 10.0
        else:
            routes.forget(owner)
        for each in owners.values():
            assert {a for a, by in routes._by_source.items() if by is each} == set(
                each.flows.sources
            )
            assert {t for t, by in routes._by_transaction.items() if by is each} == set(
                each.flows.requests
            )
    for owner in owners.values():
        routes.forget(owner)
    assert routes.size == 0
