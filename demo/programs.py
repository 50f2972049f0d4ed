"""The four example programs: how each is started, and what it is given to do."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROGRAMS", "Material", "Program", "make_material"]

FILE_SIZE = 4_000_000
READINGS = 200
CALLS = 40
CLIENTS = 4


@dataclass(frozen=True)
class Material:
    """Input and output files of the programs."""

    said_by_offer: Path
    said_by_answer: Path
    file: Path
    copy: Path


@dataclass(frozen=True)
class Program:
    """A program of two processes.

    ``first`` listens for the signalling of ``second``. ``commands`` gives the script and the
    arguments of each. ``counted`` names the process whose summary tells what was moved.
    """

    name: str
    first: str
    second: str
    counted: str
    commands: Callable[[Material, int], tuple[list[str], list[str]]]


def make_material(directory: Path) -> Material:
    """Write input files, always the same ones."""
    material = Material(
        said_by_offer=directory / "offer.txt",
        said_by_answer=directory / "answer.txt",
        file=directory / "file.bin",
        copy=directory / "copy.bin",
    )
    greeting = "Grüße, 你好, здравствуйте \N{WAVING HAND SIGN} number"
    material.said_by_offer.write_text("".join(f"{greeting} {n}\n" for n in range(100)), "utf8")
    material.said_by_answer.write_text("".join(f"line {n * n}\n" for n in range(60)), "utf8")
    block = bytes((7 * n + n // 251) % 256 for n in range(65_536))
    material.file.write_bytes((block * (FILE_SIZE // len(block) + 1))[:FILE_SIZE])
    return material


def _tcp(port: int) -> list[str]:
    return ["--signaling", "tcp-socket", "--signaling-port", str(port)]


def _chat(material: Material, port: int) -> tuple[list[str], list[str]]:
    script = "chat/chat.py"
    return (
        [script, "offer", "--lines", str(material.said_by_offer), *_tcp(port)],
        [script, "answer", "--lines", str(material.said_by_answer), *_tcp(port)],
    )


def _filexfer(material: Material, port: int) -> tuple[list[str], list[str]]:
    script = "filexfer/filexfer.py"
    return (
        [script, "send", str(material.file), *_tcp(port)],
        [script, "receive", str(material.copy), *_tcp(port)],
    )


def _rpc(_material: Material, port: int) -> tuple[list[str], list[str]]:
    server = f"http://127.0.0.1:{port}"
    return (
        ["rpc/server.py", "--port", str(port), "--clients", str(CLIENTS)],
        ["rpc/client.py", "--server", server, "--clients", str(CLIENTS), "--count", str(CALLS)],
    )


def _sensors(_material: Material, port: int) -> tuple[list[str], list[str]]:
    script = "sensors/sensors.py"
    return (
        [script, "publish", *_tcp(port)],
        [script, "subscribe", "--count", str(READINGS), "--interval", "0.004", *_tcp(port)],
    )


PROGRAMS = (
    Program("chat", "chat-offer", "chat-answer", "chat-answer", _chat),
    Program("filexfer", "filexfer-send", "filexfer-receive", "filexfer-receive", _filexfer),
    Program("rpc", "rpc-server", "rpc-client", "rpc-client", _rpc),
    Program("sensors", "sensors-publish", "sensors-subscribe", "sensors-subscribe", _sensors),
)
