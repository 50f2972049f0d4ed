"""Network namespaces: machines of a test's own, with nothing of this machine's network in them.

A namespace has no name: it lives as long as a process in it, and the one that holds it here ends
when its standard input does. So nothing stays behind, however the test run ends.
"""

import itertools
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol, Self

__all__ = ["HERE", "Namespace", "Place", "missing_for_namespaces"]

_PROGRAMS = {"ip": "iproute2", "nft": "nftables", "nsenter": "util-linux", "unshare": "util-linux"}
"""What namespaces are made with → the package of Debian that has it."""


class Place(Protocol):
    """Where a program runs."""

    def command(self, *command: str) -> list[str]:
        """Return the command that runs ``command`` there."""


class _Here:
    """This machine itself."""

    def command(self, *command: str) -> list[str]:
        return list(command)


HERE = _Here()


@cache
def missing_for_namespaces() -> str | None:
    """Return why no namespace can be made here, None when one can."""
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            return f"{program} is not installed: apt-get install {package}"
    try:
        with Namespace("probe") as probe:
            probe.filter({"sent": ["type filter hook output priority 0"]})
    except (OSError, NamespaceError) as error:
        return f"this user may not make network namespaces: {error}"
    return None


class NamespaceError(Exception):
    """A command in a namespace failed; the text has what it said."""


class Namespace:
    """A network namespace, empty but for its loopback interface, until it is closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        """For messages only."""
        self._interfaces = itertools.count()
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo made; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        if said != b"made\n":
            self.close()
            raise NamespaceError(said.decode(errors="replace").strip())
        self.ip("link set lo up")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the namespace; it ends with the last process in it."""
        self._holder.communicate()

    def command(self, *command: str) -> list[str]:
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--", *command]

    def run(self, *command: str, text: str | None = None) -> str:
        """Run a command to its end and return what it printed; ``text`` is its standard input.

        Raises NamespaceError when the command failed.
        """
        done = subprocess.run(
            self.command(*command),
            input=text or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NamespaceError(f"{self.name}: {' '.join(command)}: {done.stdout.strip()}")
        return done.stdout

    def ip(self, command: str) -> None:
        """Run one command of ``ip``."""
        self.run("ip", *command.split())

    def forward(self) -> None:
        """Make a router of it."""
        for family in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            self.run("tee", f"/proc/sys/net/{family}", text="1")

    def filter(self, chains: Mapping[str, Sequence[str]]) -> None:
        """Replace the rules of nftables: name of a chain → its lines, that of its hook first."""
        lines = ["flush ruleset", "table inet purertc {"]
        for name, rules in chains.items():
            lines += [f"chain {name} {{", *rules, "}"]
        self.run("nft", "-f", "-", text="\n".join([*lines, "}", ""]))

    def link(self, other: "Namespace") -> str:
        """Join both by a cable; return the name of our end, ethN with N from 0."""
        near, far = f"eth{next(self._interfaces)}", f"eth{next(other._interfaces)}"
        self.ip(f"link add {near} type veth peer name {far} netns {other._holder.pid}")
        self.ip(f"link set {near} up")
        other.ip(f"link set {far} up")
        return near

    def add_address(self, interface: str, address: str) -> None:
        """Give an interface an address, if it has it not, that can be used at once."""
        self.ip(f"addr replace {address} dev {interface}{' nodad' if ':' in address else ''}")
