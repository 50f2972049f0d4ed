"""Each Python block of a page is run: here, or by the test of its page."""

import asyncio
import base64
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.figures import ROOT
from purertc import PeerConnection
from purertc.sansio import Certificate, Configuration, Peer
from purertc.signaling import AutomaticIceRestart

Namespace = dict[str, object]

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_BY_THEIR_OWN_TESTS = {"README.md", "docs/howto/testing_kit.md", "docs/howto/network_options.md"}
RUN_HERE = {
    "docs/getting_started.md",
    "docs/howto/compat.md",
    "docs/howto/compiled_build.md",
    "docs/howto/connectivity.md",
    "docs/topics/architecture.md",
}


def blocks(page: str) -> list[str]:
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def test_no_page_has_a_block_that_is_not_run() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    generated = DOCS / "_generated"
    names = {
        str(page.relative_to(ROOT))
        for page in pages
        if generated not in page.parents and "```py" in page.read_text(encoding="utf-8")
    }
    assert names == RUN_BY_THEIR_OWN_TESTS | RUN_HERE


def test_where_a_compiled_module_lies(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks("docs/howto/compiled_build.md")
    exec(block, {})  # noqa: S102  # the page is ours
    assert Path(capsys.readouterr().out.strip()).suffix in {".py", ".so", ".pyd"}


@pytest.mark.parametrize("block", blocks("docs/howto/compat.md"))
def test_the_ways_into_compat(block: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_servers_for_the_first_connection_beyond_one_network() -> None:
    (block,) = blocks("docs/getting_started.md")
    namespace: dict[str, object] = {}
    exec(block, namespace)  # noqa: S102  # the page is ours
    connection = namespace["connection"]
    assert isinstance(connection, PeerConnection)
    assert [len(each.url_list) for each in connection.configuration.ice_servers] == [1, 1]


async def check_configuration(configuration: Any, _: Namespace) -> None:  # noqa: ANN401
    assert isinstance(configuration, Configuration)


async def check_restarts(connect: Any, _: Namespace) -> None:  # noqa: ANN401
    connection, negotiator = connect(print, polite=True)
    assert isinstance(connection, PeerConnection)
    assert connection.handlers[1:] == (negotiator,)
    assert isinstance(connection.handlers[0], AutomaticIceRestart)


async def check_credentials(server_for: Any, _: Namespace) -> None:  # noqa: ANN401
    server = server_for("alice", "secret")
    assert server.username.endswith(":alice")
    assert int(server.username.split(":")[0]) > time.time()
    assert len(base64.b64decode(server.credential)) == 20


async def check_trickling(handler: Any, namespace: Namespace) -> None:  # noqa: ANN401
    take: Any = namespace["take"]
    sent: list[str] = []
    ended = asyncio.Event()

    async def send(text: str) -> None:
        sent.append(text)
        if text == "null":
            ended.set()

    async with PeerConnection(handler(send)) as left, PeerConnection() as right:
        left.create_data_channel("chat")
        await left.set_local_description()
        offer = left.pending_local_description
        assert offer is not None
        await right.set_remote_description(offer)
        await right.set_local_description()
        await ended.wait()
        for text in sent:
            await take(right, text)
        await left.set_remote_description(await right.gathering_complete())
        await left.connected()


CHECKS: dict[str, Callable[[Any, Namespace], Coroutine[Any, Any, None]]] = {
    "configuration": check_configuration,
    "connect": check_restarts,
    "server_for": check_credentials,
    "Trickles": check_trickling,
}
"""By a name that the block defines."""


@pytest.mark.parametrize("block", blocks("docs/howto/connectivity.md"))
async def test_ways_to_the_other_side(block: str) -> None:
    namespace: dict[str, object] = {}
    exec(block, namespace)  # noqa: S102  # the page is ours
    found = [name for name in CHECKS if name in namespace]
    assert found
    for name in found:
        await CHECKS[name](namespace[name], namespace)


def test_the_five_verbs() -> None:
    certificate = Certificate.generate(now_utc=datetime.now(UTC))
    peer = Peer(Configuration(), certificate=certificate, entropy=secrets.token_bytes)
    (block,) = blocks("docs/topics/architecture.md")
    assert block.count("peer.") == 5
    exec(block, {"peer": peer, "datagrams": [], "now": 0.0})  # noqa: S102  # the page is ours
