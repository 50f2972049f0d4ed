"""Level one: every form of import ends at purertc_compat, and nothing else changes."""

import pytest

from tests.migrate.support_programs import migrated

CASES = {
    "plain": (
        """\
import aiortc
aiortc.RTCPeerConnection()
""",
        """\
import purertc_compat
purertc_compat.RTCPeerConnection()
""",
    ),
    "alias": (
        """\
import aiortc as rtc
rtc.RTCPeerConnection()
""",
        """\
import purertc_compat as rtc
rtc.RTCPeerConnection()
""",
    ),
    "deep": (
        """\
import aiortc.contrib.media
aiortc.contrib.media.MediaPlayer('x')
""",
        """\
import purertc_compat.contrib.media
purertc_compat.contrib.media.MediaPlayer('x')
""",
    ),
    "deep from": (
        """\
from aiortc.rtcrtpsender import RTCRtpSender as Sender
""",
        """\
from purertc_compat.rtcrtpsender import RTCRtpSender as Sender
""",
    ),
    "star": (
        """\
from aiortc import *
""",
        """\
from purertc_compat import *
""",
    ),
    "several": (
        """\
import os, aiortc, sys  # all
""",
        """\
import os, purertc_compat, sys  # all
""",
    ),
    "comment inside": (
        """\
from aiortc import (  # names
    RTCPeerConnection,  # the pc
    RTCDataChannel,
)
""",
        """\
from purertc_compat import (  # names
    RTCPeerConnection,  # the pc
    RTCDataChannel,
)
""",
    ),
    "lazy": (
        """\
def go():
    from aiortc import RTCPeerConnection
    return RTCPeerConnection()
""",
        """\
def go():
    from purertc_compat import RTCPeerConnection
    return RTCPeerConnection()
""",
    ),
    "types only": (
        """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiortc


def f(pc: 'aiortc.RTCPeerConnection') -> None: ...
""",
        """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import purertc_compat


def f(pc: 'purertc_compat.RTCPeerConnection') -> None: ...
""",
    ),
    "shadowed": (
        """\
import aiortc


def f(aiortc):
    return aiortc.x


print(aiortc.__version__)
""",
        """\
import purertc_compat


def f(aiortc):
    return aiortc.x


print(purertc_compat.__version__)
""",
    ),
    "keyword": (
        """\
import aiortc
f(aiortc=aiortc)
""",
        """\
import purertc_compat
f(aiortc=purertc_compat)
""",
    ),
    "by name": (
        """\
import importlib
import aiortc
importlib.import_module('aiortc.sdp')
""",
        """\
import importlib
import purertc_compat
importlib.import_module('purertc_compat.sdp')
""",
    ),
    "semicolons": (
        """\
import aiortc; print(aiortc)
""",
        """\
import purertc_compat; print(purertc_compat)
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_import(name: str) -> None:
    before, after = CASES[name]
    assert migrated(before, "compat") == after
