"""Writes the pages that are made from code: the rules of rtc-migrate and the table of names."""

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


def write_generated_pages(folder: Path) -> None:
    """Write all of them into ``folder``, over what an earlier build left there."""
    write_pages(folder / "rules")
    (folder / "mapping.txt").write_text(mapping_tables(), encoding="utf-8")
