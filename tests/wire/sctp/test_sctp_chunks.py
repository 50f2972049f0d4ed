"""Chunks survive the way to bytes and back, and broken ones raise BadPacket only."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.errors import BadPacket
from purertc.wire.sctp import causes, chunks, reconfig, tlv

U16 = st.integers(0, 2**16 - 1)
U32 = st.integers(0, 2**32 - 1)
PAIRS = st.lists(st.tuples(U16, U16), max_size=20)
STREAMS = st.lists(U16, max_size=20).map(tuple)


def value_of(chunk: bytes) -> bytes:
    assert len(chunk) % 4 == 0
    return chunk[4 : int.from_bytes(chunk[2:4], "big")]


@given(U32, U32, PAIRS, st.lists(U32, max_size=20))
def test_sack(tsn: int, window: int, gaps: list[tuple[int, int]], duplicates: list[int]) -> None:
    sack = chunks.Sack(tsn, window, gaps, duplicates)
    parsed = chunks.parse_sack(value_of(chunks.encode_sack(sack)))
    assert parsed[:2] == sack[:2]
    assert list(parsed.gaps) == gaps
    assert list(parsed.duplicates) == duplicates


@given(
    st.builds(
        chunks.Init,
        st.integers(1, 2**32 - 1),
        U32,
        st.integers(1, 65535),
        st.integers(1, 65535),
        U32,
        st.lists(st.tuples(U16, st.binary(max_size=30)), max_size=5).map(tuple),
    )
)
def test_init(init: chunks.Init) -> None:
    assert chunks.parse_init(value_of(chunks.encode_init(1, init))) == init


@pytest.mark.parametrize(
    "init",
    [chunks.Init(0, 1, 1, 1, 1), chunks.Init(1, 1, 0, 1, 1), chunks.Init(1, 1, 1, 0, 1)],
    ids=["zero tag", "no outbound streams", "no inbound streams"],
)
def test_unacceptable_init(init: chunks.Init) -> None:
    with pytest.raises(BadPacket):
        chunks.parse_init(value_of(chunks.encode_init(1, init)))


@given(U32, PAIRS)
def test_forward_tsn(tsn: int, streams: list[tuple[int, int]]) -> None:
    encoded = chunks.encode_forward_tsn(chunks.ForwardTsn(tsn, streams))
    parsed = chunks.parse_forward_tsn(value_of(encoded))
    assert (parsed.cumulative_tsn, list(parsed.streams)) == (tsn, streams)


@given(
    st.one_of(
        st.builds(reconfig.OutgoingResetRequest, U32, U32, U32, STREAMS),
        st.builds(reconfig.IncomingResetRequest, U32, STREAMS),
        st.builds(reconfig.TsnResetRequest, U32),
        st.builds(reconfig.ReconfigResponse, U32, st.integers(0, 6)),
        st.builds(reconfig.AddStreamsRequest, U32, U16, st.booleans()),
    )
)
def test_reconfig(parameter: reconfig.ReconfigParameter) -> None:
    encoded = reconfig.encode_reconfig_parameter(parameter)
    assert len(encoded) % 4 == 0
    assert reconfig.parse_reconfig(encoded) == [parameter]


def test_unknown_reconfig_parameter_is_left_out() -> None:
    assert reconfig.parse_reconfig(tlv.encode_item(99, b"abc")) == []


def test_error_causes() -> None:
    listed = [causes.invalid_stream(7), causes.stale_cookie(0.25), causes.Cause(12, b"bye")]
    assert causes.parse_causes(causes.encode_causes(listed)) == listed
    assert listed[0].information == b"\x00\x07\x00\x00"
    assert listed[1].information == (250_000).to_bytes(4, "big")


def test_causes_are_described_whatever_the_bytes_are() -> None:
    listed = causes.encode_causes([causes.Cause(12, b"\xff bye"), causes.Cause(4711)])
    assert causes.describe_causes(listed) == "user initiated abort: \ufffd bye, cause 4711"
    assert causes.describe_causes(b"\x00") == "unreadable cause"
    assert causes.describe_causes(b"") == "no cause given"


@pytest.mark.parametrize(
    ("chunk_type", "action"),
    [
        (0x3F, tlv.UnknownAction.STOP),
        (0x7F, tlv.UnknownAction.REPORT),
        (0xBF, tlv.UnknownAction.SKIP),
        (0xFF, tlv.UnknownAction.SKIP | tlv.UnknownAction.REPORT),
    ],
)
def test_unknown_types_say_what_to_do(chunk_type: int, action: tlv.UnknownAction) -> None:
    assert tlv.unknown_chunk(chunk_type) == action
    assert tlv.unknown_parameter(chunk_type << 8) == action


@pytest.mark.parametrize(
    "parse",
    [
        chunks.parse_sack,
        chunks.parse_init,
        chunks.parse_forward_tsn,
        chunks.parse_cumulative_tsn,
        reconfig.parse_reconfig,
        causes.parse_causes,
    ],
)
@given(data=st.data())
def test_parsers_raise_bad_packet_only(
    parse: Callable[[bytes], object], data: st.DataObject
) -> None:
    value = data.draw(st.binary(max_size=80))
    with suppress(BadPacket):
        parse(value)
