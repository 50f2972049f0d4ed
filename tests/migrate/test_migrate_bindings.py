"""Objects of aiortc are known wherever they come from: containers, parameters, other files."""

import pytest

from purertc_migrate.engine import migrate
from tests.migrate.support_programs import migrate_one, migrated

HEAD = "from aiortc import RTCDataChannel, RTCPeerConnection\n\n\n"

KNOWN = {
    "dict of dicts": "peers = {}\npeers[1] = {'pc': RTCPeerConnection()}\n"
    "state = peers[1]['pc'].connectionState\n",
    "list and enumerate": "pcs = [RTCPeerConnection()]\n"
    "for number, pc in enumerate(pcs):\n    state = pc.connectionState\n",
    "items": "pcs = {}\npcs['a'] = RTCPeerConnection()\n"
    "for name, pc in pcs.items():\n    state = pc.connectionState\n",
    "comprehension": "pcs = {RTCPeerConnection()}\nstates = [pc.connectionState for pc in pcs]\n",
    "walrus": "if pc := RTCPeerConnection():\n    state = pc.connectionState\n",
    "conditional": "pc = RTCPeerConnection() if HEAD else None\nstate = pc.connectionState\n",
    "tuple": "pc, name = RTCPeerConnection(), 'x'\nstate = pc.connectionState\n",
    "returned": "def make():\n    return RTCPeerConnection()\n\n\nstate = make().connectionState\n",
    "passed on": "def show(x):\n    print(x.connectionState)\n\n\nshow(x=RTCPeerConnection())\n",
    "annotated container": "def show(pcs: dict[str, list[RTCPeerConnection]]):\n"
    "    print(pcs['a'][0].connectionState)\n",
    "class attribute": "class A:\n    pc: 'RTCPeerConnection | None' = None\n\n"
    "    def state(self):\n        return self.pc.connectionState\n",
    "inherited": "class A:\n    def __init__(self):\n        self.pc = RTCPeerConnection()\n\n\n"
    "class B(A):\n    def state(self):\n        return self.pc.connectionState\n",
    "property": "class A:\n    @property\n    def pc(self) -> RTCPeerConnection:\n"
    "        return RTCPeerConnection()\n\n\nstate = A().pc.connectionState\n",
    "future": "async def f(loop):\n    ready = loop.create_future()\n"
    "    ready.set_result(RTCPeerConnection())\n    print((await ready).connectionState)\n",
    "keyed app": "def f(request):\n    request.app['pc'] = RTCPeerConnection()\n\n\n"
    "def g(request):\n    return request.app['pc'].connectionState\n",
    "module state": "pc = None\n\n\ndef start():\n    global pc\n    pc = RTCPeerConnection()\n\n\n"
    "def state():\n    return pc.connectionState\n",
}


@pytest.mark.parametrize("name", KNOWN)
def test_known(name: str) -> None:
    before = HEAD + KNOWN[name]
    result = migrate_one(before)
    after = result.after.decode()
    assert result.target == "purertc"
    assert ".connectionState" not in after
    assert (
        after.replace("connection_state", "connectionState")
        .replace("from purertc import Data", "from aiortc import RTCData")
        .replace("PeerConnection", "RTCPeerConnection")
        .replace("RTCRTC", "RTC")
        == before
    )


def test_a_queue_hands_channels_on() -> None:
    after = migrated(
        "import asyncio\n" + HEAD + "queue = asyncio.Queue()\n\n\n"
        "async def put(pc: RTCPeerConnection):\n"
        "    await queue.put(pc.createDataChannel('x'))\n\n\n"
        "async def get():\n    channel = await queue.get()\n    channel.send('x')\n"
    )
    assert "    await channel.send('x')\n" in after


FACTORY = b"""\
import aiortc


def make():
    return aiortc.RTCPeerConnection()
"""
MAIN = b"""\
import aiortc
from . import factory

pc = factory.make()
print(pc.connectionState)
"""


def test_types_flow_between_files_of_a_package() -> None:
    files = [("app/__init__.py", b""), ("app/factory.py", FACTORY), ("app/main.py", MAIN)]
    results = migrate(files)
    assert results[2].after.endswith(b"print(pc.connection_state)\n")


GATHERING = {
    "synchronous": (
        """\
def f(loop, pc: RTCPeerConnection, offer):
    loop.run_until_complete(pc.setLocalDescription(offer))
""",
        """\
    loop.run_until_complete(pc.set_local_description(offer))
    loop.run_until_complete(pc.gathering_complete())
""",
    ),
    "inside an expression": (
        """\
async def f(tasks, pc: RTCPeerConnection, offer):
    tasks.append(pc.setLocalDescription(offer))
""",
        """\
    # TODO(rtc-migrate) RM005: aiortc gathered candidates inside setLocalDescription; await \
pc.gathering_complete() before the description is sent.
    tasks.append(pc.set_local_description(offer))
""",
    ),
}


@pytest.mark.parametrize("name", GATHERING)
def test_gathering(name: str) -> None:
    before, after = GATHERING[name]
    assert migrated(HEAD + before).endswith(after)


CANDIDATES = {
    "changed later": "def f(c: RTCIceCandidate):\n    c.sdpMid = '0'\n",
    "without prefix": "def f(c: RTCIceCandidate):\n    return candidate_to_sdp(c)\n",
    "structured": "c = RTCIceCandidate(1, 'f', '::1', 1, 1, 'udp', 'host')\n",
    "other fields": "def f(c: RTCIceCandidate):\n    return c.ip\n",
}


@pytest.mark.parametrize("name", CANDIDATES)
def test_candidates_that_stay(name: str) -> None:
    head = "from aiortc import RTCIceCandidate\nfrom aiortc.sdp import candidate_to_sdp\n\n\n"
    assert migrate_one(head + CANDIDATES[name]).target == "compat"


def test_dead_call_leaves_a_mark_and_its_comment() -> None:
    after = migrated(
        HEAD + "def f(pc: RTCPeerConnection):\n    # why\n    pc.on('icecandidate', print)  # so\n"
    )
    assert "    # why\n    # TODO(rtc-migrate) RM011: " in after
    assert after.endswith("    pass  # so\n")
