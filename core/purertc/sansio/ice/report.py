"""Why a connection did not come about, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.types import Address

__all__ = ["Counters", "describe", "explain_failure"]


@dataclass(slots=True)
class Counters:
    """What the agent threw away.

    ``bad_packets`` were no STUN messages, ``unauthentic`` requests had wrong credentials,
    ``stray`` answers belonged to no check or were not authentic, ``unexpected`` were of no use
    to ICE or came to a closed agent, and ``ignored_candidates`` could not be used.
    """

    bad_packets: int = 0
    unauthentic: int = 0
    stray: int = 0
    unexpected: int = 0
    ignored_candidates: int = 0


def _where(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _pair_line(pair: CandidatePair, *, selected: bool) -> str:
    """Return one line on what happened on a pair."""
    local = f"{_where(pair.local_address)} ({pair.local.candidate.type})"
    remote = f"{_where(pair.remote_address)} ({pair.remote.candidate.type})"
    parts = [
        f"{local} -> {remote}: {pair.state}",
        f"{pair.requests_sent} checks sent, {pair.responses_received} answered",
        f"{pair.requests_received} checks received",
    ]
    if pair.round_trip_time is not None:
        parts.append(f"round trip {pair.round_trip_time * 1000:.1f} ms")
    if pair.last_error is not None:
        parts.append(pair.last_error)
    if selected:
        parts.append("selected")
    elif pair.nominated:
        parts.append("nominated")
    return ", ".join(parts)


def describe(
    pairs: Sequence[CandidatePair],
    *,
    selected: CandidatePair | None,
    headline: str,
    counters: Counters,
) -> str:
    """Return the headline, a line for each pair, and a line on what was dropped, if anything."""
    lines = [headline, *(_pair_line(pair, selected=pair is selected) for pair in pairs)]
    if counters != Counters():
        lines.append(
            f"dropped: {counters.bad_packets} malformed packets, {counters.unauthentic} requests "
            f"with wrong credentials, {counters.stray} stray answers, {counters.unexpected} "
            f"unexpected messages, {counters.ignored_candidates} unusable candidates"
        )
    return "\n".join(lines)


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
            "(IPv4 and IPv6 do not mix)"
        )
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
            f"none of the {len(pairs)} pairs worked, and "
            f"{counters.unauthentic + counters.stray} messages had wrong credentials"
        )
    return f"no answer on any of the {len(pairs)} candidate pairs"
