"""Level one: every form of import ends at purertc_compat, and nothing else changes."""

import pytest

from tests.migrate.support_programs import migrated

CASES = {
    "plain": ("import aiortc\naiortc.RTCPeerConnection()\n",
              "import purertc_compat\npurertc_compat.RTCPeerConnection()\n"),
    "alias": ("import aiortc as rtc\nrtc.RTCPeerConnection()\n",
              "import purertc_compat as rtc\nrtc.RTCPeerConnection()\n"),
    "deep": ("import aiortc.contrib.media\naiortc.contrib.media.MediaPlayer('x')\n",
             "import purertc_compat.contrib.media\npurertc_compat.contrib.media.MediaPlayer('x')\n"),
    "deep from": ("from aiortc.rtcrtpsender import RTCRtpSender as Sender\n",
                  "from purertc_compat.rtcrtpsender import RTCRtpSender as Sender\n"),
    "star": ("from aiortc import *\n", "from purertc_compat import *\n"),
    "several": ("import os, aiortc, sys  # all\n", "import os, purertc_compat, sys  # all\n"),
    "comment inside": (
        "from aiortc import (  # names\n    RTCPeerConnection,  # the pc\n    RTCDataChannel,\n)\n",
        "from purertc_compat import (  # names\n    RTCPeerConnection,  # the pc\n"
        "    RTCDataChannel,\n)\n",
    ),
    "lazy": ("def go():\n    from aiortc import RTCPeerConnection\n    return RTCPeerConnection()\n",
             "def go():\n    from purertc_compat import RTCPeerConnection\n"
             "    return RTCPeerConnection()\n"),
    "types only": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import aiortc\n\n\n"
        "def f(pc: 'aiortc.RTCPeerConnection') -> None: ...\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import purertc_compat\n\n\n"
        "def f(pc: 'purertc_compat.RTCPeerConnection') -> None: ...\n",
    ),
    "shadowed": (
        "import aiortc\n\n\ndef f(aiortc):\n    return aiortc.x\n\n\nprint(aiortc.__version__)\n",
        "import purertc_compat\n\n\ndef f(aiortc):\n    return aiortc.x\n\n\n"
        "print(purertc_compat.__version__)\n",
    ),
    "keyword": ("import aiortc\nf(aiortc=aiortc)\n", "import purertc_compat\nf(aiortc=purertc_compat)\n"),
    "by name": ("import importlib\nimport aiortc\nimportlib.import_module('aiortc.sdp')\n",
                "import importlib\nimport purertc_compat\n"
                "importlib.import_module('purertc_compat.sdp')\n"),
    "semicolons": ("import aiortc; print(aiortc)\n", "import purertc_compat; print(purertc_compat)\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_import(name: str) -> None:
    before, after = CASES[name]
    assert migrated(before, "compat") == after
