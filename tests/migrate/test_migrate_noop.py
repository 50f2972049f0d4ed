"""What must come out exactly as it went in."""

import pytest

from purertc_migrate.report import Status
from tests.migrate.support_programs import migrate_one

UNTOUCHED = {
    "no mention": "pc.on('track')\nx.localDescription\n",
    "only in a string": "print('aiortc is a library')\n",
    "only in a comment": "# once used aiortc\nself.connectionState = 1\n",
    "another package": "import aiortc_tools\nfrom my.aiortc import thing\n",
    "relative": "from .aiortc import RTCPeerConnection\n\npc = RTCPeerConnection()\n",
    "a name": "aiortc = 1\nprint(aiortc)\n",
    "migrated": "from purertc import PeerConnection\n# from aiortc\npc = PeerConnection()\n",
    "empty": "",
    "logger": "import logging\n\nlogging.getLogger('aiortc').setLevel(30)\n",
}


@pytest.mark.parametrize("target", ["compat", "purertc"])
@pytest.mark.parametrize("name", UNTOUCHED)
def test_is_left_alone(name: str, target: str) -> None:
    result = migrate_one(UNTOUCHED[name], target)
    assert result.status is Status.UNCHANGED
    assert result.after == result.before


def test_json_keys_and_foreign_attributes_stay() -> None:
    text = (
        "from aiortc import RTCPeerConnection\n\n\n"
        "def describe(ws, message: dict) -> dict:\n"
        "    ws.send(message['sdpMid'])\n"
        "    ws.close()\n"
        "    return {'sdpMLineIndex': 0, 'connectionState': 'new', 'readyState': ws.readyState}\n"
    )
    expected = text.replace("from aiortc import RTCPeer", "from purertc import Peer")
    assert migrate_one(text).after.decode() == expected
