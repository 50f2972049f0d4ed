"""The recipes of the page about network options can be used as they are printed."""

import re
import socket
import subprocess
import sys

import pytest

from demo.figures import ROOT
from purertc import Configuration, ExternalAddressType, NetworkSettings, UdpMux

PAGE = ROOT / "docs" / "howto" / "network_options.md"


async def test_the_snippets_work_in_the_order_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_ADDRESS", "203.0.113.7")
    monkeypatch.setattr(socket, "gethostbyname", lambda _: "172.17.0.2")
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == text.count("```python") == 13
    namespace: dict[str, object] = {}
    configurations: list[Configuration] = []
    for block in blocks:
        exec(block, namespace)  # noqa: S102  # the page is ours
        configuration = namespace.pop("configuration", None)
        if isinstance(configuration, Configuration):
            configurations.append(configuration)
    made = [each.network for each in configurations]
    ranged, cloud, reflexive, filtered, pooled, resolving, buffered, small, marked = made
    assert ranged.port_range == (50000, 50100)
    assert cloud.external_addresses == {"10.0.0.5": "203.0.113.7"}
    assert reflexive.external_address_type is ExternalAddressType.SRFLX
    assert filtered.interface_filter is not None
    names = ["eth0", "docker0", "wlan0", "tun1", "br-12ab"]
    assert [name for name in names if filtered.interface_filter(name)] == ["eth0", "wlan0"]
    assert configurations[made.index(pooled)].ice_candidate_pool_size == 1
    assert resolving.resolver is not None
    assert await resolving.resolver("turn.internal", 3478) == [("10.0.0.7", 3478)]
    assert buffered.socket_buffer == 8 * 1024 * 1024
    assert small.max_path_mtu == 1280
    assert marked.dscp == 46
    only_ipv4 = namespace["only_ipv4"]
    assert isinstance(only_ipv4, NetworkSettings)
    assert only_ipv4.address_filter is not None
    assert [host for host in ("192.0.2.1", "fe80::1") if only_ipv4.address_filter(host)] == [
        "192.0.2.1"
    ]
    inside_docker = namespace["inside_docker"]
    assert callable(inside_docker)
    assert inside_docker().network.external_addresses == {"172.17.0.2": "203.0.113.7"}
    assert isinstance(namespace["mux"], UdpMux)


def test_the_program_prints_what_the_page_says() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "docs/programs/shared_port.py")],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"$ python shared_port.py\n{done.stdout}```" in PAGE.read_text(encoding="utf-8")
