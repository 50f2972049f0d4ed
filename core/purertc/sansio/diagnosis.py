"""One sentence on what is likely wrong with a connection, and what to try."""

from purertc.sansio.config import Configuration
from purertc.sansio.dtls import DtlsState
from purertc.sansio.dtls.engine.openssl import MISMATCH
from purertc.sansio.peer_facts import PeerFacts
from purertc.sansio.types import (
    ConnectionState,
    IceCandidateError,
    IceGatheringState,
    IceTransportPolicy,
    SignalingState,
)

__all__ = ["diagnose", "server_advice"]

_ADD_TURN = "add a TURN server to ice_servers on at least one side"

_RESTART = "negotiate an ICE restart, or make a new connection if the other side is gone for good"

_ADVICE = {
    300: "it names another server, and following that failed; configure that one instead",
    400: "it did not understand the request; check that it is a STUN or TURN server",
    401: "check username and credential; those of a REST service expire",
    403: "it forbids this; check its rules for users and peer addresses",
    420: "it does not know an attribute it needs; check that it is a TURN server of RFC 8656",
    437: "it lost the allocation; it may have been restarted",
    438: "it keeps refusing its own nonces; check its clock and its load balancer",
    440: "it has no relay addresses of this IP version",
    441: "check username and credential: they differ from those of the allocation",
    442: "it does not relay UDP",
    486: "the user has too many allocations; close old connections, or raise its quota",
    500: "it had an error of its own; its log should tell more",
    508: "it has no room for another allocation",
    701: "it cannot be reached; check its name, port and transport, and the firewalls on the way",
}
"""RFC 8489 section 14.8, RFC 8656 section 19, W3C webrtc-pc section 4.8.3."""


def server_advice(error: IceCandidateError) -> str:
    """Return what to do about a server that gave no candidate."""
    return _ADVICE.get(error.error_code, "its log should tell more")


def diagnose(facts: PeerFacts, configuration: Configuration) -> str:
    """Return the sentence."""
    return (
        _settled(facts)
        or _not_negotiated(facts)
        or _dtls_trouble(facts)
        or _path_lost(facts)
        or _without_candidates(facts, configuration)
        or _without_path(facts)
    )


def _settled(facts: PeerFacts) -> str | None:
    if facts.connection_state is not ConnectionState.CONNECTED:
        return None
    if facts.selected is not None and facts.selected.relayed:
        return "Nothing is wrong: data flows over a relay."
    return "Nothing is wrong: data flows directly between the two sides."


def _not_negotiated(facts: PeerFacts) -> str | None:
    if facts.negotiated:
        return None
    match facts.signaling_state:
        case SignalingState.STABLE if not facts.described:
            return (
                "Nothing was negotiated: create a data channel, set a local description, and"
                " signal it to the other side."
            )
        case SignalingState.HAVE_LOCAL_OFFER:
            return (
                "No answer has come: signal the offer to the other side, and give its answer to"
                " set_remote_description."
            )
        case SignalingState.HAVE_REMOTE_OFFER:
            return (
                "The remote offer was not answered: call set_local_description, and signal the"
                " answer."
            )
        case SignalingState.CLOSED:
            return f"It was closed before the two sides had negotiated: {facts.close_reason}."
    return (
        "The two sides agreed on nothing to carry: create a data channel before the offer is made,"
        " and look whether the other side rejected it."
    )


def _dtls_trouble(facts: PeerFacts) -> str | None:
    reason = facts.close_reason or ""
    if facts.dtls_state is DtlsState.FAILED and MISMATCH not in reason:
        return (
            f"The two sides reached each other, but could not agree on keys ({reason}): the path"
            " was lost meanwhile, large packets do not pass (an MTU below 1280 bytes), or the other"
            " side has a wrong fingerprint of this one."
        )
    if facts.dtls_state is DtlsState.FAILED:
        return (
            f"The two sides reach each other, but do not trust each other ({reason}):"
            " check that each got the other's own description, unchanged and of this connection."
        )
    if facts.dtls_state is DtlsState.CONNECTING and facts.selected is not None:
        return (
            "The two sides reach each other, and the DTLS handshake is under way; if it does not"
            " finish, large packets may be lost on the way (an MTU below 1280 bytes)."
        )
    return None


def _path_lost(facts: PeerFacts) -> str | None:
    if not facts.was_connected:
        return None
    if facts.connection_state is ConnectionState.CLOSED:
        return f"It was connected, and then closed: {facts.close_reason}."
    return (
        "It was connected, and then nothing came back any more: a network changed or went down, or"
        f" the other side ended without a goodbye; {_RESTART}."
    )


def _without_candidates(facts: PeerFacts, configuration: Configuration) -> str | None:
    """Say which side has no candidates, or that none of them fit."""
    if not facts.local_candidates:
        return _no_local(facts, configuration)
    if facts.remote_candidates:
        if facts.pairs:
            return None
        return (
            "No candidate of one side fits one of the other, as IPv4 and IPv6 do not mix, nor UDP"
            f" and TCP: {_ADD_TURN}; it can translate."
        )
    if facts.unresolved_names:
        return (
            "The other side hides its addresses behind .local names, and nobody answered for them"
            " by multicast DNS: the two are not on one network, or it does not pass multicast;"
            f" {_ADD_TURN}."
        )
    if facts.counters.ignored_candidates:
        return (
            "None of the other side's candidates can be used here; see what it signals, and"
            f" {_ADD_TURN}."
        )
    if facts.counters.unauthentic:
        return _WRONG_CREDENTIALS
    return (
        "The other side has sent no candidates: signal what its on_ice_candidate gives and pass it"
        " to add_ice_candidate here, or signal descriptions after gathering_complete()."
    )


_WRONG_CREDENTIALS = (
    "Checks come in with credentials of another session: the two sides have descriptions that do"
    " not belong together; signal the latest ones to the right peer."
)


def _no_local(facts: PeerFacts, configuration: Configuration) -> str:
    if configuration.ice_transport_policy is IceTransportPolicy.RELAY:
        if (error := _relay_error(facts)) is not None:
            return _server_sentence(error, "the policy allows relayed candidates only")
        return (
            "The policy allows relayed candidates only, and there is none: configure a TURN server"
            " that can be reached, or another ice_transport_policy."
        )
    if facts.gathering_state is not IceGatheringState.COMPLETE:
        return "This side has no candidates yet: gathering has not finished."
    return (
        "This machine gave no address to send from: look at its interfaces, at the filters and the"
        " port range of the network settings, and at include_loopback."
    )


def _without_path(facts: PeerFacts) -> str:
    """Say why none of the pairs works."""
    answered = any(pair.responses_received for pair in facts.pairs)
    heard = any(pair.requests_received for pair in facts.pairs)
    if answered and heard:
        return (
            "The two sides reach each other, but did not agree on a pair: the side that offered"
            " has to nominate one; look at what it logs."
        )
    if answered:
        return (
            "The other side answers, but checks nothing itself: it lacks our candidates or our"
            " description; look at the signaling from here to there."
        )
    if heard:
        return (
            "The other side's packets come in, but it answers none of ours: a firewall lets"
            f" packets through one way only, or drops what we send; {_ADD_TURN}."
        )
    if (facts.counters.unauthentic or facts.counters.stray) and not _shares_address(facts):
        return _WRONG_CREDENTIALS
    if (error := _relay_error(facts)) is not None:
        return _server_sentence(error, "no direct way was found either")
    if facts.connection_state is ConnectionState.CLOSED:
        return f"It was closed before a working pair was found: {facts.close_reason}."
    return _nothing_came_back(facts)


def _shares_address(facts: PeerFacts) -> bool:
    """Whether both sides have one private address: then checks come back to their sender."""
    ours = {candidate.host for candidate in facts.local_candidates}
    return any(candidate.host in ours for candidate in facts.remote_candidates)


def _nothing_came_back(facts: PeerFacts) -> str:
    kinds = {each.type for each in (*facts.local_candidates, *facts.remote_candidates)}
    unresolved = _also_unresolved(facts)
    if "relay" in kinds:
        return (
            "Nothing came back, not even over the relay: check that the TURN server may send to"
            " the other side's addresses, that its relay address can be reached from there, and"
            " that the other side is running and has our candidates."
        )
    if kinds & {"srflx", "prflx"}:
        return (
            "Nothing came back: the NATs or firewalls of the two sides do not let them reach each"
            f" other directly{unresolved}; {_ADD_TURN}."
        )
    return (
        "Nothing came back, and only host candidates were tried: a firewall or a NAT is between"
        f" the two sides, or the other one is not running{unresolved}; {_ADD_TURN}."
    )


def _also_unresolved(facts: PeerFacts) -> str:
    count = len(facts.unresolved_names)
    return f" ({count} .local names of it did not resolve)" if count else ""


def _relay_error(facts: PeerFacts) -> IceCandidateError | None:
    """Return why there is no relayed candidate of this side, if a TURN server was to give one."""
    if any(candidate.type == "relay" for candidate in facts.local_candidates):
        return None
    return next((error for error in facts.errors if error.url.lower().startswith("turn")), None)


def _server_sentence(error: IceCandidateError, also: str) -> str:
    return (
        f"The TURN server {error.url} gave no relay ({error.error_code} {error.error_text}), and"
        f" {also}: {server_advice(error)}."
    )
