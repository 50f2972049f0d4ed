"""What holds for every program: stable, compilable, order-independent, comments kept."""

import io
import itertools
import tokenize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purertc_migrate.engine import migrate
from purertc_migrate.source import TODO_PREFIX
from tests.migrate.support_programs import all_programs, migrated

PROGRAMS = all_programs()
TARGETS = ["compat", "purertc"]


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return sorted(text for text in found if not text.startswith(TODO_PREFIX))


def check(text: str, target: str) -> None:
    after = migrated(text, target)
    compile(after, "program.py", "exec")
    assert comments(after) == comments(text)
    assert migrated(after, target) == after
    assert "import aiortc" not in after
    assert "from aiortc" not in after


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, target: str) -> None:
    text = PROGRAMS[name]
    after = migrated(text, target)
    compile(after, name, "exec")
    assert comments(after) == comments(text)
    assert migrated(after, target) == after


@pytest.mark.parametrize("name", PROGRAMS)
def test_compat_first_gives_the_same(name: str) -> None:
    text = PROGRAMS[name]
    assert migrated(migrated(text, "compat")) == migrated(text)


def test_the_order_of_the_files_does_not_matter() -> None:
    files = [
        (
            "app/main.py",
            b"""\
from app.wiring import wire
from aiortc import RTCPeerConnection
wire(RTCPeerConnection())
""",
        ),
        (
            "app/wiring.py",
            b"""\
import aiortc
from app.log import note


def wire(pc):
    note(pc)
    pc.on('datachannel', lambda c: None)
""",
        ),
        (
            "app/log.py",
            b"""\
import aiortc


def note(pc):
    print(pc.connectionState)
""",
        ),
    ]
    outcomes = {
        tuple(sorted((result.name, result.after) for result in migrate(order)))
        for order in itertools.permutations(files)
    }
    assert len(outcomes) == 1
    (outcome,) = outcomes
    assert b"pc.connection_state" in dict(outcome)["app/log.py"]


FRAGMENTS = [
    "@pc.on('connectionstatechange')\nasync def changed():\n    print(pc.connectionState)  # c1\n",
    """\
# c2
@pc.on('datachannel')
def got(ch):
    @ch.on('message')
    def m(x):
        ch.send(x)
""",
    "@channel.on('message')  # c3\ndef on_message(message):\n    channel.send(message)\n",
    "@channel.on('open')\nasync def opened():\n    while True:\n        await asyncio.sleep(1)\n",
    "channel.on('close', lambda: print('closed'))  # c4\n",
    "on_message('direct')\n",
    "ready = asyncio.Event()\n",
    "@pc.on('icecandidate')\ndef candidate(c):\n    print(c)\n",
    "await pc.setLocalDescription(await pc.createOffer())\n",
    "while pc.iceGatheringState != 'complete':\n    # c5\n    await asyncio.sleep(1)\n",
    "if pc.iceConnectionState == 'completed':\n    channel.close()\n",
    "pc.on('negotiationneeded', print)  # c6\n",
    "for other in channels:\n    other.send('x')\n",
    "channels.append(channel)\n",
    "channel.once('open', print)\n",
    "channel.on('open', partial(helper, channel))\n",
    "",
]
HEAD = (
    "import asyncio\nfrom functools import partial\nfrom aiortc import RTCPeerConnection\n\n\n"
    "async def main(helper):\n    pc = RTCPeerConnection()\n"
    "    channel = pc.createDataChannel('x')\n    channels = []\n"
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=7), st.booleans(), st.sampled_from(TARGETS))
def test_any_combination(fragments: list[str], nested: bool, target: str) -> None:
    body = "".join(fragments)
    if nested and body:
        body = "if helper:\n" + "".join(f"    {line}\n" for line in body.splitlines())
    text = HEAD + "".join(f"    {line}\n" for line in body.splitlines())
    check(text, target)
