"""Writes the pages that are made from code and from test runs.

The rules of rtc-migrate, the table of names, the bounds on what the other side can make a
connection hold, and the table of the API tests on each runtime.
"""

import importlib
import json
import os
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from purertc_migrate import names
from purertc_migrate.docs import write_pages

KINDS = {
    "pc": ("RTCPeerConnection", "PeerConnection"),
    "channel": ("RTCDataChannel", "DataChannel"),
    "description": ("RTCSessionDescription", "SessionDescription"),
    "candidate": ("RTCIceCandidate", "IceCandidate"),
    "configuration": ("RTCConfiguration", "Configuration"),
    "ice_server": ("RTCIceServer", "IceServer"),
}

BOUNDS = {
    "characters of a session description": "purertc.wire.sdp._MAX_LENGTH",
    "characters of a candidate": "purertc.wire.candidate._MAX_LENGTH",
    "candidates of the other side": "purertc.sansio.ice.config.IceConfig().max_remote_candidates",
    "candidates learnt from its checks": "purertc.sansio.ice.config.IceConfig().max_peer_reflexive",
    "pairs of candidates": "purertc.sansio.ice.config.IceConfig().max_pairs",
    "checks that came before the description": (
        "purertc.sansio.ice.config.IceConfig().max_early_requests"
    ),
    "candidates of it that wait for a description": "purertc.sansio.trickle._MAX_WAITING",
    "`.local` names of it that are looked up at a time": "purertc.sansio.trickle._MAX_LOOKUPS",
    "user name fragments of earlier ICE generations that are remembered": (
        "purertc.sansio.ice_generation._MAX_RETIRED"
    ),
    "answers to one and the same check": "purertc.sansio.ice.config.IceConfig().max_answers",
    "TCP connections of ICE": "purertc.sansio.ice.tcp._MAX_STREAMS",
    "of these, connections that others made": "purertc.sansio.ice.tcp._MAX_ACCEPTED",
    "bytes of a message on a TCP connection of ICE": "purertc.sansio.ice.tcp._MAX_FRAME",
    "bytes that wait to be sent on a TCP connection": "purertc.streams.MOST_QUEUED",
    "addresses of one STUN or TURN server that are tried, of each IP version": (
        "purertc.sansio.ice.local_bases._MAX_PER_FAMILY"
    ),
    "other servers that a TURN server may send us on to, one after the other": (
        "purertc.sansio.ice.turn_allocation._MAX_REDIRECTS"
    ),
    "addresses of the other side that a TURN server is asked to let through": (
        "purertc.sansio.turn.config.TurnConfig().max_permissions"
    ),
    "channels of a TURN allocation": "purertc.sansio.turn.config.TurnConfig().max_channels",
    "bytes that wait until a TURN server lets them through": (
        "purertc.sansio.turn.config.TurnConfig().waiting_bytes"
    ),
    "errors of servers that are kept for the report": (
        "purertc.sansio.ice.connectivity._MAX_ERRORS"
    ),
    "addresses that a `UdpMux` knows as those of one connection": (
        "purertc.mux_routes._MAX_SOURCES"
    ),
    "checks of one connection whose answers a `UdpMux` waits for": (
        "purertc.mux_routes._MAX_REQUESTS"
    ),
    "names that all connections of an event loop look up by multicast DNS at a time": (
        "purertc.mdns.lookups._MAX_LOOKUPS"
    ),
    "questions and records of a packet of multicast DNS": "purertc.mdns.service._MAX_ENTRIES",
    "datagrams of DTLS that came before the description": (
        "purertc.sansio.dtls.transport._MAX_EARLY_DATAGRAMS"
    ),
    "seconds of a DTLS handshake": "purertc.sansio.dtls.transport._HANDSHAKE_TIMEOUT",
    "bytes of a message": "purertc.Configuration().max_message_size",
    "bytes of all messages that are unread or incomplete": (
        "purertc.Configuration().receive_window"
    ),
    "bytes of early messages, on streams that have no channel yet": (
        "purertc.sansio.channels.early._MAX_BYTES"
    ),
    "early messages": "purertc.sansio.channels.early._MAX_MESSAGES",
    "channels that it opens": "purertc.sansio.channels.table._MAX_ANNOUNCED",
    "characters of labels and protocols of these, together": (
        "purertc.sansio.channels.table._MAX_ANNOUNCED_TEXT"
    ),
    "SCTP chunks ahead of one that is missing": "purertc.sansio.sctp.receiver._MAX_AHEAD",
    "answers to SCTP control chunks that wait to be sent": (
        "purertc.sansio.sctp.context._MAX_REPLIES"
    ),
}
"""What is bounded, and where the number is: a module, then attributes and calls in it."""

RESULTS = Path(
    os.environ.get("PURERTC_RUNTIME_TABLE")
    or Path(__file__).parent.parent / "build" / "runtimes.jsonl"
)
"""What the tests of the API wrote down; see ``tests/support/runtime_table.py``."""

COLUMNS = {
    "asyncio": "asyncio",
    "uvloop": "asyncio + uvloop",
    "eager": "asyncio, eager tasks",
    "trio": "trio",
    "trio-nursery": "trio",
    "virtual": "virtual time",
    "custom": "custom",
}
"""Runtimes of the tests, and the column of each."""

NO_RUN = """The table is made from a run of the tests, and there was none before this page
was built. `make test` runs them and builds the pages after that.
"""


def mapping_tables() -> str:
    """The tables of the page "API mapping", from the tables that rtc-migrate works with."""
    parts = ["## Classes\n", "| aiortc | purertc |", "|---|---|"]
    classes = names.DATA_NAMES | names.ERROR_NAMES
    parts += [f"| `{old}` | `purertc.{new}` |" for old, new in sorted(classes.items())]
    for kind, (old_class, new_class) in KINDS.items():
        parts += [f"\n## {old_class} → {new_class}\n", "| aiortc | purertc |", "|---|---|"]
        members = sorted(names.MEMBERS[kind].items())
        parts += [f"| `{old}` | `{new}` |" for old, new in members]
    tables = {
        "Events of a connection → PeerConnectionHandler": names.PEER_EVENTS,
        "Events of a channel → DataChannelHandler": names.CHANNEL_EVENTS,
    }
    for title, events in tables.items():
        parts += [f"\n## {title}\n", "| event | method |", "|---|---|"]
        for event, method in sorted(events.items()):
            arguments = f"self, {method.argument}" if method.argument else "self"
            parts.append(f"| `{event}` | `async def {method.method}({arguments})` |")
    return "\n".join(parts) + "\n"


def bounds_table() -> str:
    """The table of what a hostile other side can make a connection hold."""
    rows = ["| at most | |", "|--:|---|"]
    for what, where in BOUNDS.items():
        rows.append(f"| {_number(where):,.0f} | {what}{_setting(where)} |")
    return "\n".join(rows) + "\n"


def _number(where: str) -> float:
    parts = where.split(".")
    modules = next(n for n, part in enumerate(parts) if not part.islower() or part[0] == "_")
    value = importlib.import_module(".".join(parts[:modules]))
    for part in parts[modules:]:
        value = getattr(value, part.removesuffix("()"))
        if part.endswith("()"):
            value = value()
    return value


def _setting(where: str) -> str:
    owner, _, name = where.rpartition(".")
    return f" (`Configuration.{name}`)" if owner == "purertc.Configuration()" else ""


def runtime_table(lines: Iterable[str]) -> str:
    """The page part that says how many test bodies of each file passed on each runtime.

    A body that has several cases passed when all of them did. Each of ``lines`` is a result, as
    JSON.
    """
    results = [json.loads(line) for line in lines]
    results = [result for result in results if result["outcome"] != "skipped"]
    if not results:
        return NO_RUN
    passed: dict[tuple[str, str, str], bool] = {}
    for result in results:
        column = COLUMNS.get(result["runtime"], result["runtime"])
        key = (result["file"], result["body"], column)
        passed[key] = passed.get(key, True) and result["outcome"] == "passed"
    known = {column: place for place, column in enumerate(dict.fromkeys(COLUMNS.values()))}
    columns = sorted({key[2] for key in passed}, key=lambda name: (known.get(name, 99), name))
    rows = ["| tests | " + " | ".join(columns) + " |", "|---|" + "--:|" * len(columns)]
    for file, keys in groupby(sorted(passed), key=itemgetter(0)):
        found = {column: [] for column in columns}
        for key in keys:
            found[key[2]].append(passed[key])
        rows.append(f"| `{file}` | " + " | ".join(map(_cell, found.values())) + " |")
    totals = [[ok for key, ok in passed.items() if key[2] == column] for column in columns]
    rows.append("| **all** | " + " | ".join(map(_cell, totals)) + " |")
    versions = ", ".join(sorted({result["python"] for result in results}))
    return "\n".join([*rows, "", f"Python {versions}.", ""])


def _cell(outcomes: list[bool]) -> str:
    if not outcomes:
        return "—"
    count = f"{sum(outcomes)}"
    return count if all(outcomes) else f"{count} of {len(outcomes)}"


def write_generated_pages(folder: Path) -> None:
    """Write all of them into ``folder``, over what an earlier build left there."""
    write_pages(folder / "rules")
    (folder / "bounds.txt").write_text(bounds_table(), encoding="utf-8")
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    (folder / "runtime_table.txt").write_text(runtime_table(lines), encoding="utf-8")
    (folder / "mapping.txt").write_text(mapping_tables(), encoding="utf-8")
