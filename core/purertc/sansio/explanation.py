"""What a connection did and why it does not work, as text for people."""

from collections.abc import Iterator

from purertc.sansio.config import Configuration
from purertc.sansio.diagnosis import diagnose
from purertc.sansio.peer import Peer
from purertc.sansio.peer_facts import PeerFacts
from purertc.wire.candidate import Candidate

__all__ = ["explain_peer", "printable"]

_MAX_LINES = 50
"""Of each list: a hostile peer can name hundreds of candidates."""

_MAX_WIDTH = 1000


def explain_peer(peer: Peer, configuration: Configuration) -> str:
    """Return the report. It can be made in every state, also after the close."""
    facts = PeerFacts.of(peer)
    reason = "" if peer.close_reason is None else f": {peer.close_reason}"
    lines = [
        f"The connection is {peer.connection_state}{reason}",
        _states(peer),
        *_section("Servers", _servers(facts, configuration), "none are configured"),
        *_section("Local candidates", map(_candidate, facts.local_candidates), "none"),
        *_section("Remote candidates", _remote(facts), "none"),
        *_section("Checks", iter(peer.transport.ice.describe().splitlines()), "none"),
        *_section("Transports", _transports(peer), "none"),
        f"Likely: {diagnose(facts, configuration)}",
    ]
    return "\n".join(map(printable, lines))


def printable(line: str) -> str:
    """Return a line that does no harm in a log: the other side or a server wrote parts of it."""
    return "".join(each if each.isprintable() else "?" for each in line[:_MAX_WIDTH])


def _states(peer: Peer) -> str:
    return (
        f"Signaling {peer.signaling_state}, gathering {peer.ice_gathering_state}, ICE"
        f" {peer.ice_connection_state}, DTLS {peer.transport.dtls.state}, SCTP"
        f" {peer.transport.sctp.state}"
    )


def _section(title: str, lines: Iterator[str], empty: str) -> Iterator[str]:
    items = list(lines)
    if not items:
        yield f"{title}: {empty}"
        return
    yield f"{title}:"
    yield from (f"  {line}" for line in items[:_MAX_LINES])
    if len(items) > _MAX_LINES:
        yield f"  and {len(items) - _MAX_LINES} more"


def _servers(facts: PeerFacts, configuration: Configuration) -> Iterator[str]:
    """Say what each URL answered."""
    for url in dict.fromkeys(url for each in configuration.ice_servers for url in each.url_list):
        gave = [
            f"{candidate.type} {_where(candidate)}"
            for candidate in facts.local_candidates
            if (source := facts.source_of(candidate)) is not None and source.url == url
        ]
        failed = [
            f"{error.error_code} {error.error_text}" for error in facts.errors if error.url == url
        ]
        yield f"{url}: {', '.join(dict.fromkeys(gave + failed)) or 'no answer yet'}"


def _remote(facts: PeerFacts) -> Iterator[str]:
    yield from map(_candidate, facts.remote_candidates)
    for name in facts.unresolved_names:
        yield f"{name}: nobody answered for this name by multicast DNS"
    if facts.counters.ignored_candidates:
        yield f"{facts.counters.ignored_candidates} more that cannot be used"


def _candidate(candidate: Candidate) -> str:
    kind = candidate.tcp_type or ""
    return f"{candidate.type} {candidate.transport} {kind + ' ' if kind else ''}{_where(candidate)}"


def _where(candidate: Candidate) -> str:
    host = f"[{candidate.host}]" if ":" in candidate.host else candidate.host
    return f"{host}:{candidate.port}"


def _transports(peer: Peer) -> Iterator[str]:
    dtls, sctp = peer.transport.dtls, peer.transport.sctp
    role = {None: "not started", True: "client", False: "server"}[dtls.is_client]
    cipher = f", {dtls.cipher_suite}" if dtls.cipher_suite else ""
    yield f"DTLS {dtls.state}, {role}{cipher}, {dtls.dropped} records dropped"
    trip = sctp.smoothed_round_trip
    yield (
        f"SCTP {sctp.state}, {sctp.packets_received} packets received,"
        f" {sctp.retransmitted_chunks} chunks sent again, {sctp.buffered_total} bytes waiting,"
        f" packets of {sctp.packet_size} bytes ({sctp.packet_size_search})"
        + ("" if trip is None else f", round trip {trip * 1000:.1f} ms")
    )
    for channel in peer.data_channels.channels:
        yield (
            f"data channel {channel.label[:100]!r} {channel.state}, {channel.messages_sent}"
            f" messages sent, {channel.messages_received} received"
        )
