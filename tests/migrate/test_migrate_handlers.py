"""Handlers in the awkward cases: names, closures, loops, threads of events, shared helpers."""

import pytest

from purertc_migrate.engine import migrate
from tests.migrate.support_programs import migrate_one, migrated

HEAD = "import asyncio\nfrom functools import partial\nfrom aiortc import RTCPeerConnection\n\n\n"
NEW_HEAD = "import asyncio\nfrom functools import partial\nfrom purertc import "


def inside(body: str) -> str:
    """Return a program whose coroutine has this body."""
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    setup = "    pc = RTCPeerConnection()\n    channel = pc.createDataChannel('x')\n"
    return f"{HEAD}async def main(other):\n{setup}\n{lines}"


def body_of(text: str) -> str:
    """Return what the coroutine's body became."""
    after = migrated(text)
    assert after.startswith(NEW_HEAD), after
    body = after.split("create_data_channel('x')\n\n", 1)[1]
    return "".join(line.removeprefix("    ") for line in body.splitlines(keepends=True))


def test_one_callback_for_two_events_stays_a_function() -> None:
    after = body_of(inside("""\
def pump():
    channel.send(b'x')

channel.on('open', pump)
channel.on('bufferedamountlow', pump)
"""))  # fmt: skip
    assert (
        after
        == """\
def pump():
    channel.send_nowait(b'x')

class ChannelEvents(DataChannelHandler):
    async def on_open(self):
        pump()

    async def on_buffered_amount_low(self):
        pump()

channel.attach(ChannelEvents())
"""
    )


def test_a_callback_that_is_called_elsewhere_stays() -> None:
    after = body_of(inside("""\
@channel.on('message')
async def got(message):
    print(message)

await got('first')
"""))  # fmt: skip
    assert (
        after
        == """\
async def got(message):
    print(message)

class ChannelEvents(DataChannelHandler):
    async def on_message(self, message):
        await got(message)

channel.attach(ChannelEvents())

await got('first')
"""
    )


def test_names_bound_between_start_a_new_class() -> None:
    after = body_of(inside("""\
@channel.on('open')
def opened():
    print('open')

done = asyncio.Event()

@channel.on('close')
def closed():
    done.set()
"""))  # fmt: skip
    assert "class ChannelEvents(" in after
    assert after.index("done = asyncio.Event()") < after.index("class ChannelEvents2(")


def test_an_await_between_starts_a_new_class() -> None:
    after = body_of(inside("""\
channel.on('open', lambda: print('open'))
await asyncio.sleep(0)
channel.on('close', lambda: print('closed'))
"""))  # fmt: skip
    assert after.index("await asyncio.sleep(0)") < after.index("class ChannelEvents2(")


def test_the_same_event_twice_gives_two_handlers() -> None:
    after = body_of(inside("""\
@channel.on('close')
def first():
    print(1)

@channel.on('close')
def second():
    print(2)
"""))  # fmt: skip
    assert after.count("channel.attach(") == 2


def test_partial_and_coroutine_lambda() -> None:
    after = body_of(inside("""\
async def handle(where, message):
    print(where, message)

channel.on('message', partial(handle, 'here'))
pc.on('datachannel', lambda c: handle('there', c))
"""))  # fmt: skip
    assert "await handle('here', message)" in after
    assert "async def on_data_channel(self, c):\n        await handle('there', c)" in after


def test_the_state_argument_does_not_hide_a_captured_name() -> None:
    after = body_of(inside("""\
state = {}

@pc.on('connectionstatechange')
def changed():
    state['now'] = pc.connectionState
"""))  # fmt: skip
    assert (
        "async def on_connection_state_change(self, _state):\n        state['now'] = _state"
        in after
    )


def test_the_present_state_is_read_behind_an_await() -> None:
    after = body_of(inside("""\
@pc.on('connectionstatechange')
async def changed():
    print(pc.connectionState)
    await other.note()
    print(pc.connectionState)
"""))  # fmt: skip
    assert "print(state)\n        await other.note()\n        print(pc.connection_state)" in after


def test_private_names_keep_their_class() -> None:
    text = """\
from aiortc import RTCPeerConnection


class Node:
    def __init__(self, pc: RTCPeerConnection):
        self.__count = 0

        @pc.on('datachannel')
        def got(channel):
            self.__count += 1
"""
    after = migrated(text)
    assert "        def got(channel):\n            self.__count += 1\n" in after
    assert "async def on_data_channel(self, channel):\n                got(channel)" in after


def test_a_slow_message_callback_still_overlaps() -> None:
    after = body_of(inside("""\
@channel.on('message')
async def got(task):
    await asyncio.sleep(1)
"""))  # fmt: skip
    assert "async def on_message(self, message):" in after
    assert "self.tasks.add(task)" in after


def test_asyncio_is_imported_for_a_new_task() -> None:
    text = inside("@channel.on('open')\nasync def go():\n    while True:\n        await other()\n")
    after = migrated(text.replace("import asyncio\n", ""))
    assert after.count("import asyncio\n") == 1


def test_nonlocal_and_one_line_bodies() -> None:
    after = body_of(inside("""\
count = 0

@channel.on('message')
def got(m): nonlocal count; count += 1
"""))  # fmt: skip
    assert "async def on_message(self, m): nonlocal count; count += 1" in after


BLOCKED = {
    "rebound callback": "for label in 'ab':\n    def f(m):\n        print(label)\n\n"
    "    channel.on('message', f)\n",
    "once": "channel.once('open', print)\n",
    "dynamic": "for event in ('open', 'close'):\n    channel.on(event, print)\n",
    "result used": "keep = channel.on('open', print)\n",
    "emit": "channel.emit('message', 'x')\n",
    "own event": "channel.on('chat', lambda text: print(text))\n",
    "escape": "other(channel)\n",
    "private": "channel._RTCDataChannel__transport\n",
    "reflection": "getattr(pc, 'connectionState')\n",
    "unknown callable": "channel.on('message', other.handle)\n",
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_cannot_be_rewritten_keeps_the_file_on_compat(name: str) -> None:
    before = inside(BLOCKED[name])
    result = migrate_one(before)
    after = result.after.decode()
    assert result.target == "compat"
    assert after.count("# TODO(rtc-migrate) RM1") == 1
    lines = [line for line in after.splitlines() if "TODO(rtc-migrate)" not in line]
    expected = before.replace("from aiortc", "from purertc_compat")
    assert lines == expected.splitlines()


def test_removing_the_obstacle_removes_the_mark() -> None:
    blocked = migrated(inside("channel.once('open', print)\n"))
    assert "TODO" in blocked
    freed = migrated(blocked.replace("channel.once('open', print)", "print('done')"))
    assert freed == migrated(inside("print('done')\n"))


def test_a_blocked_file_holds_back_the_files_it_belongs_to() -> None:
    results = migrate(
        [
            (
                "main.py",
                b"import aiortc\nimport wiring\n\nwiring.wire(aiortc.RTCPeerConnection())\n",
            ),
            ("wiring.py", b"import aiortc\n\n\ndef wire(pc):\n    pc.getStats()\n"),
            ("alone.py", b"import aiortc\n\npc = aiortc.RTCPeerConnection()\n"),
        ]
    )
    targets = {result.name: result.target for result in results}
    assert targets == {"main.py": "compat", "wiring.py": "compat", "alone.py": "purertc"}
    assert b"RM109: stays on purertc_compat: belongs to wiring.py" in results[0].after


def test_an_unreadable_file_holds_back_the_files_that_import_it() -> None:
    main = b"import aiortc\nimport wiring\n\nwiring.wire(aiortc.RTCPeerConnection())\n"
    results = migrate([("main.py", main), ("wiring.py", b"import aiortc\ndef wire(:\n")])
    assert results[0].target == "compat"
    assert b"RM109: stays on purertc_compat: belongs to wiring.py" in results[0].after
