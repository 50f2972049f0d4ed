"""State cookies are accepted only signed, unchanged and in time."""

from random import Random

import pytest

from purertc.errors import BadPacket
from purertc.sansio.sctp import AssociationEstablished, AssociationState
from purertc.sansio.sctp.cookie import CookieJar, StateCookie
from purertc.wire.sctp.causes import CauseCode, parse_causes
from purertc.wire.sctp.chunks import ChunkType
from tests.support.sctp_pair import SctpPair, chunks_in

COOKIE = StateCookie(12.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, True, False)


def test_a_cookie_opens_in_its_own_jar_only() -> None:
    jar, other = CookieJar(Random(1).randbytes), CookieJar(Random(2).randbytes)
    assert jar.open(jar.seal(COOKIE)) == COOKIE
    with pytest.raises(BadPacket):
        other.open(jar.seal(COOKIE))


def test_any_changed_byte_spoils_it() -> None:
    jar = CookieJar(Random(1).randbytes)
    sealed = jar.seal(COOKIE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(BadPacket):
            jar.open(bytes(changed))
    for size in (0, 31, 32, len(sealed) - 1):
        with pytest.raises(BadPacket):
            jar.open(sealed[:size])


def pair_and_echo() -> tuple[SctpPair, bytes]:
    """The left has sent its COOKIE ECHO, which did not arrive."""
    pair = SctpPair()
    echoes: list[bytes] = []

    def catch(_sender: int, packet: bytes) -> bool:
        caught = chunks_in(packet)[0][0] == ChunkType.COOKIE_ECHO
        if caught:
            echoes.append(packet)
        return caught

    pair.link.drop = catch
    pair.left.sctp.connect(pair.now)
    pair.link.run(1.0, lambda: bool(echoes))
    pair.link.drop = None
    return pair, echoes[0]


def test_a_forged_cookie_changes_nothing() -> None:
    pair, echo = pair_and_echo()
    cookie = chunks_in(echo)[0][2]
    forged = b"\x0a\x00" + (4 + len(cookie)).to_bytes(2, "big") + cookie[:-1] + b"\x00"
    pair.inject(pair.right, forged + bytes(-len(forged) & 3))
    assert pair.right.sctp.state is AssociationState.CLOSED
    assert pair.right.sctp.bad_packets == 1
    pair.right.sctp.receive([echo], pair.now)
    assert pair.right.sctp.next_event() == AssociationEstablished()


def test_a_stale_cookie_is_reported_and_the_handshake_begins_anew() -> None:
    pair, echo = pair_and_echo()
    pair.right.sctp.receive([echo], pair.now + 61.5)
    assert pair.right.sctp.state is AssociationState.CLOSED
    (answer,) = pair.right.sctp.packets(pair.now + 61.5)
    ((kind, _, value),) = chunks_in(answer)
    assert kind == ChunkType.ERROR
    assert [cause.code for cause in parse_causes(value)] == [CauseCode.STALE_COOKIE]
    pair.left.sctp.receive([answer], pair.now)
    assert pair.left.sctp.state is AssociationState.COOKIE_WAIT
    assert pair.link.run(5.0, pair.established)
