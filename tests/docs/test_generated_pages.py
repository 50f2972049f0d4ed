"""What the generated tables promise exists in the library."""

from types import ModuleType

import pytest

import purertc
from purertc_migrate import names

CLASSES: dict[str, type] = {
    "pc": purertc.PeerConnection,
    "channel": purertc.DataChannel,
    "description": purertc.SessionDescription,
    "candidate": purertc.IceCandidate,
    "configuration": purertc.Configuration,
    "ice_server": purertc.IceServer,
}


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_every_new_member_exists(kind: str) -> None:
    missing = [new for new in names.MEMBERS[kind].values() if not hasattr(CLASSES[kind], new)]
    assert missing == []


def test_every_new_class_exists() -> None:
    for new in (names.DATA_NAMES | names.ERROR_NAMES).values():
        assert hasattr(purertc, new)


def test_every_handler_method_exists() -> None:
    for event in names.PEER_EVENTS.values():
        assert hasattr(purertc.PeerConnectionHandler, event.method)
    for event in names.CHANNEL_EVENTS.values():
        assert hasattr(purertc.DataChannelHandler, event.method)


def test_the_table_shows_old_and_new(generate: ModuleType) -> None:
    tables = generate.mapping_tables()
    assert "| `setLocalDescription` | `set_local_description` |" in tables
    assert "| `datachannel` | `async def on_data_channel(self, channel)` |" in tables
    assert tables.count("\n## ") + tables.startswith("## ") == 9


def test_the_bounds_are_those_of_the_code(generate: ModuleType) -> None:
    rows = generate.bounds_table().splitlines()[2:]
    assert len(rows) == len(generate.BOUNDS)
    assert "| 262,144 | bytes of a message (`Configuration.max_message_size`) |" in rows
    assert "| 100 | candidates of the other side |" in rows
