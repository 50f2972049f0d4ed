"""A deadline that was served is gone: no input makes an association ask for the same moment on."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from purertc.errors import PurertcError
from tests.sansio.sctp.test_sctp_fuzz import NEAR, U16, chunk_from
from tests.support.sctp_pair import Endpoint, SctpPair

LIES = st.lists(
    st.tuples(st.integers(0, 6), NEAR, U16, st.binary(max_size=20)), min_size=1, max_size=4
)
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.01, 0.3, 5.0, 40.0])),
    st.tuples(st.just("lie"), LIES),
    st.tuples(st.just("send"), st.tuples(st.integers(0, 3), st.sampled_from([1, 3000, 90_000]))),
    st.tuples(st.just("exchange"), st.none()),
    st.tuples(st.just("reset"), st.integers(0, 3)),
    st.tuples(st.just("shutdown"), st.none()),
)


def serve(end: Endpoint, now: float, *, drains: bool) -> None:
    """Run what is due, as an owner does whose socket may be blocked."""
    for _ in range(5):
        deadline = end.sctp.next_deadline()
        if deadline is None or deadline > now:
            return
        end.sctp.handle_timeout(now)
        while drains and end.sctp.packets(now):
            pass
        end.collect(now)
    raise AssertionError(f"still due at {now}: {end.sctp.next_deadline()}")


def act(pair: SctpPair, end: Endpoint, name: str, value: object, now: float) -> None:
    match name, value:
        case "lie", list(chunks):
            base = pair.next_tsn_for(end)
            made = (chunk_from(kind, base, at, extra, data) for kind, at, extra, data in chunks)
            pair.inject(end, *made)
        case "send", (int(kind), int(size)):
            end.sctp.send(
                kind,
                53,
                bytes(size),
                now,
                ordered=kind != 1,
                max_retransmits=1 if kind == 2 else None,
                lifetime=0.4 if kind == 3 else None,
            )
        case "reset", int(stream):
            end.sctp.reset_streams([stream], now)
        case "shutdown", _:
            end.sctp.shutdown(now)
        case "exchange", _:
            other = pair.left if end is pair.right else pair.right
            while batch := end.sctp.packets(now):
                other.sctp.receive(batch, now)
            other.collect(now)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.booleans(), st.booleans(), st.lists(st.tuples(st.booleans(), STEPS), max_size=25))
def test_served_deadlines_are_gone(
    established: bool, drains: bool, steps: list[tuple[bool, tuple[str, object]]]
) -> None:
    pair = SctpPair()
    if established:
        pair.connect()
    else:
        pair.left.sctp.connect(pair.now)
    now = pair.now
    for left, (name, value) in steps:
        end = pair.left if left else pair.right
        if name == "wait" and isinstance(value, float):
            now += value
        else:
            try:
                act(pair, end, name, value, now)
            except PurertcError:
                continue
        for each in pair.ends:
            serve(each, now, drains=drains)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(st.lists(LIES, max_size=8))
def test_time_goes_on_whatever_the_peer_says(lies: list[list[tuple[int, int, int, bytes]]]) -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(3, 53, bytes(20_000), pair.now, lifetime=0.5)
    for chunks in lies:
        act(pair, pair.left, "lie", chunks, pair.now)
        pair.run(0.05)
    before = sum(pair.link.sent)
    pair.run(100.0)
    assert sum(pair.link.sent) - before < 2000
