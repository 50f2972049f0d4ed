"""Command-line arguments that choose a way of signalling."""

import argparse

from purertc.signaling.base import Signaling
from purertc.signaling.copy_and_paste import CopyAndPasteSignaling
from purertc.signaling.sockets import TcpSocketSignaling, UnixSocketSignaling

__all__ = ["add_signaling_arguments", "create_signaling"]


def add_signaling_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--signaling`` and the arguments of each way to a parser."""
    parser.add_argument(
        "--signaling",
        "-s",
        choices=["copy-and-paste", "tcp-socket", "unix-socket"],
        default="copy-and-paste",
        help="how to reach the other side (default: %(default)s)",
    )
    parser.add_argument(
        "--signaling-host", default="127.0.0.1", help="host for tcp-socket (%(default)s)"
    )
    parser.add_argument(
        "--signaling-port", default=1234, type=int, help="port for tcp-socket (%(default)s)"
    )
    parser.add_argument(
        "--signaling-path", default="purertc.socket", help="path for unix-socket (%(default)s)"
    )


def create_signaling(arguments: argparse.Namespace) -> Signaling:
    """Make what the parsed arguments ask for; nothing is connected yet."""
    if arguments.signaling == "tcp-socket":
        return TcpSocketSignaling(arguments.signaling_host, arguments.signaling_port)
    if arguments.signaling == "unix-socket":
        return UnixSocketSignaling(arguments.signaling_path)
    return CopyAndPasteSignaling()
