"""aiortc.contrib.signaling: one JSON object a line over the terminal, TCP or a Unix socket."""

import argparse
import asyncio
import json
import os
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any, TextIO

from purertc_compat._absent import describe_absence
from purertc_compat._candidate import RTCIceCandidate, read_candidate, write_candidate
from purertc_compat._deprecation import warn_legacy
from purertc_compat.rtcsessiondescription import RTCSessionDescription

__all__ = [
    "BYE",
    "BaseSignaling",
    "CopyAndPasteSignaling",
    "SignalingBye",
    "TcpSocketSignaling",
    "UnixSocketSignaling",
    "add_signaling_arguments",
    "create_signaling",
    "object_from_string",
    "object_to_string",
]

__path__, __getattr__ = describe_absence(__name__)


class SignalingBye:
    """The type of :data:`BYE`."""


BYE = SignalingBye()
"""Said by the side that leaves; compare with ``is``."""

SignalingObject = RTCSessionDescription | RTCIceCandidate | SignalingBye


def object_from_string(message_str: str) -> SignalingObject:
    """Read one line. Raises ValueError or KeyError when it is no message."""
    message: dict[str, Any] = json.loads(message_str)
    kind = message["type"]
    if kind in ("offer", "answer"):
        return RTCSessionDescription(**message)
    if kind == "candidate" and message["candidate"]:
        candidate = read_candidate(message["candidate"].partition(":")[2])
        candidate.sdpMid = message["id"]
        candidate.sdpMLineIndex = message["label"]
        return candidate
    if kind == "bye":
        return BYE
    raise ValueError(f"this is no signalling message: {message_str[:80]!r}")


def object_to_string(obj: SignalingObject) -> str:
    """Write one line, keys in alphabetical order. Raises TypeError for any other object."""
    message: dict[str, Any]
    if isinstance(obj, RTCSessionDescription):
        message = {"sdp": obj.sdp, "type": obj.type}
    elif isinstance(obj, RTCIceCandidate):
        message = {
            "candidate": "candidate:" + write_candidate(obj),
            "id": obj.sdpMid,
            "label": obj.sdpMLineIndex,
            "type": "candidate",
        }
    elif obj is BYE:
        message = {"type": "bye"}
    else:
        raise TypeError(f"cannot signal {obj!r}")
    return json.dumps(message, sort_keys=True)


class BaseSignaling(ABC):
    """What every way of signalling offers."""

    @abstractmethod
    async def connect(self) -> None:
        """Get ready."""

    @abstractmethod
    async def close(self) -> None:
        """Say goodbye, if there is anybody to say it to."""

    @abstractmethod
    async def send(self, descr: SignalingObject) -> None:
        """Send one object."""

    @abstractmethod
    async def receive(self) -> SignalingObject | None:
        """Wait for one object; None when the other side went without a goodbye."""


class CopyAndPasteSignaling(BaseSignaling):
    """The user carries the lines from one terminal to the other."""

    def __init__(self) -> None:
        self._read_pipe: TextIO = sys.stdin
        self._write_pipe: TextIO = sys.stdout
        self._read_transport: asyncio.ReadTransport | None = None
        self._reader: asyncio.StreamReader | None = None

    async def connect(self) -> None:
        """Start to watch the standard input, which must be a terminal or a pipe."""
        reader = asyncio.StreamReader(limit=_LINE_LIMIT)
        self._read_transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._read_pipe
        )
        self._reader = reader

    async def close(self) -> None:
        """Print a goodbye and stop watching."""
        if self._reader is None or self._read_transport is None:
            return
        await self.send(BYE)
        self._read_transport.close()
        self._reader = None

    async def receive(self) -> SignalingObject | None:
        """Ask for a line and wait for it."""
        if self._reader is None:
            raise RuntimeError("CopyAndPasteSignaling is not connected")
        print("-- Please enter a message from remote party --")  # noqa: T201  # its user interface
        line = await self._reader.readline()
        print()  # noqa: T201
        return object_from_string(line.decode(self._read_pipe.encoding))

    async def send(self, descr: SignalingObject) -> None:
        """Print a line."""
        print("-- Please send this message to the remote party --")  # noqa: T201
        self._write_pipe.write(object_to_string(descr) + "\n")
        self._write_pipe.flush()
        print()  # noqa: T201


_LINE_LIMIT = 1 << 20


class _SocketSignaling(BaseSignaling):
    """The side that sends first listens; the side that receives first connects to it."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @abstractmethod
    async def _listen(self, connected: asyncio.Event) -> asyncio.Server: ...

    @abstractmethod
    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...

    def _stopped_listening(self) -> None:
        """Clean up after the server was closed."""

    async def connect(self) -> None:
        """Do nothing: the first ``send`` or ``receive`` connects."""

    async def close(self) -> None:
        """Say goodbye and close, also the listening socket."""
        if self._writer is not None:
            await self.send(BYE)
            self._writer.close()
            self._reader = self._writer = None
        if self._server is not None:
            self._server.close()
            self._server = None
            self._stopped_listening()

    async def receive(self) -> SignalingObject | None:
        """Wait for a line. Raises OSError when nobody listens."""
        if self._reader is None:
            self._reader, self._writer = await self._dial()
        try:
            line = await self._reader.readuntil()
        except asyncio.IncompleteReadError:
            return None
        return object_from_string(line.decode())

    async def send(self, descr: SignalingObject) -> None:
        """Send a line; the first time, wait until the other side has connected."""
        if self._writer is None:
            connected = asyncio.Event()
            self._server = await self._listen(connected)
            await connected.wait()
        if self._writer is not None:
            self._writer.write(object_to_string(descr).encode() + b"\n")

    def _accept(
        self,
        connected: asyncio.Event,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._reader, self._writer = reader, writer
        connected.set()


class TcpSocketSignaling(_SocketSignaling):
    """Signalling over TCP."""

    def __init__(self, host: str, port: int | str) -> None:
        super().__init__()
        self._host = host
        self._port = port

    async def _listen(self, connected: asyncio.Event) -> asyncio.Server:
        return await asyncio.start_server(
            lambda reader, writer: self._accept(connected, reader, writer),
            self._host,
            self._port,
            limit=_LINE_LIMIT,
        )

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, limit=_LINE_LIMIT)


class UnixSocketSignaling(_SocketSignaling):
    """Signalling over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    async def _listen(self, connected: asyncio.Event) -> asyncio.Server:
        return await asyncio.start_unix_server(
            lambda reader, writer: self._accept(connected, reader, writer),
            self._path,
            limit=_LINE_LIMIT,
        )

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self._path, limit=_LINE_LIMIT)

    def _stopped_listening(self) -> None:
        # From Python 3.13 on asyncio removes the file itself.
        with suppress(FileNotFoundError):
            os.unlink(self._path)


def add_signaling_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--signaling`` and the arguments of each way to a parser."""
    parser.add_argument(
        "--signaling", "-s", choices=["copy-and-paste", "tcp-socket", "unix-socket"]
    )
    for name, default, way in (
        ("host", "127.0.0.1", "tcp-socket"),
        ("port", 1234, "tcp-socket"),
        ("path", "aiortc.socket", "unix-socket"),
    ):
        parser.add_argument(
            f"--signaling-{name}", default=default, help=f"Signaling {name} ({way} only)"
        )


def create_signaling(args: argparse.Namespace) -> BaseSignaling:
    """Make what the parsed arguments ask for; copy and paste when they say nothing."""
    warn_legacy("create_signaling")
    if args.signaling == "tcp-socket":
        return TcpSocketSignaling(args.signaling_host, args.signaling_port)
    if args.signaling == "unix-socket":
        return UnixSocketSignaling(args.signaling_path)
    return CopyAndPasteSignaling()
