"""Why a connection did not come about, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.types import Address, Transport

__all__ = ["Counters", "describe", "describe_counters", "explain_failure"]

_COLUMNS = (
    "pair",
    "state",
    "checks sent",
    "answered",
    "checks received",
    "round trip",
    "note",
)


@dataclass(slots=True)
class Counters:
    """What the agent threw away.

    ``bad_packets`` were no STUN messages, ``unauthentic`` requests had wrong credentials,
    ``stray`` answers belonged to no check or were not authentic, ``replayed`` requests were
    copies from elsewhere or came too often, ``unexpected`` were of no use to ICE or came to a
    closed agent, and ``ignored_candidates`` could not be used.
    """

    bad_packets: int = 0
    unauthentic: int = 0
    stray: int = 0
    replayed: int = 0
    unexpected: int = 0
    ignored_candidates: int = 0


def _where(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _name(pair: CandidatePair) -> str:
    local = f"{_where(pair.local_address)} ({pair.local.candidate.type})"
    remote = f"{_where(pair.remote_address)} ({pair.remote.candidate.type})"
    return f"{pair.transport} {local} -> {remote}"


def _note(pair: CandidatePair, *, selected: bool) -> str:
    notes = [] if pair.last_error is None else [pair.last_error]
    if selected:
        notes.append("selected")
    elif pair.nominated:
        notes.append("nominated")
    return ", ".join(notes)


def _row(pair: CandidatePair, *, selected: bool) -> tuple[str, ...]:
    """Return what happened on a pair."""
    round_trip = pair.current_round_trip_time
    return (
        _name(pair),
        str(pair.state),
        str(pair.requests_sent + pair.retransmissions + pair.consent_requests_sent),
        str(pair.responses_received),
        str(pair.requests_received),
        "" if round_trip is None else f"{round_trip * 1000:.1f} ms",
        _note(pair, selected=selected),
    )


def describe(
    pairs: Sequence[CandidatePair], *, selected: CandidatePair | None, headline: str
) -> str:
    """Return the headline, and a table with a line for each pair."""
    if not pairs:
        return f"{headline}\nno candidate pairs"
    rows = [_COLUMNS, *(_row(pair, selected=pair is selected) for pair in pairs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join((headline, *table))


def describe_counters(counters: Counters) -> list[str]:
    """Return a line on what was dropped, or none when there was nothing."""
    if counters == Counters():
        return []
    line = (
        f"dropped: {counters.bad_packets} malformed packets, {counters.unauthentic} requests "
        f"with wrong credentials, {counters.replayed} replayed requests, {counters.stray} stray "
        f"answers, {counters.unexpected} unexpected messages, {counters.ignored_candidates} "
        "unusable candidates"
    )
    return [line]


def explain_failure(
    pairs: Sequence[CandidatePair], *, local_count: int, remote_count: int, counters: Counters
) -> str:
    """Return one sentence on why no pair was selected."""
    if not local_count:
        return "there is no local address to send from"
    if not remote_count:
        if counters.unauthentic:
            return "no candidate of the other side came, and its checks had wrong credentials"
        if counters.ignored_candidates:
            return f"none of the {counters.ignored_candidates} remote candidates can be used"
        return "no candidate of the other side came"
    if not pairs:
        return (
            f"none of the {local_count} local and {remote_count} remote candidates fit each other "
            "(IPv4 and IPv6, UDP and TCP do not mix)"
        )
    kinds = _kinds(pairs)
    answered = sum(1 for pair in pairs if pair.responses_received)
    heard = sum(1 for pair in pairs if pair.requests_received)
    if answered and not heard:
        return f"{answered} of {len(pairs)} pairs answered, but the other side checked none"
    if answered:
        return f"{answered} of {len(pairs)} pairs answered, but none was nominated"
    if heard:
        return (
            f"checks of the other side came on {heard} of {len(pairs)} pairs, "
            "but it answered none of ours"
        )
    if counters.unauthentic or counters.stray:
        return (
            f"none of the {len(pairs)} pairs{kinds} worked, and "
            f"{counters.unauthentic + counters.stray} messages had wrong credentials"
        )
    return f"no answer on any of the {len(pairs)} candidate pairs{kinds}"


def _kinds(pairs: Sequence[CandidatePair]) -> str:
    """Return how many of the pairs are not direct ones over UDP."""
    counts = (
        (sum(1 for pair in pairs if pair.relayed), "over a relay"),
        (sum(1 for pair in pairs if pair.transport is Transport.TCP), "over TCP"),
    )
    parts = [f"{count} {kind}" for count, kind in counts if count]
    return f" ({', '.join(parts)})" if parts else ""
