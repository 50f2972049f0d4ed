"""Run the two processes of a program, with a time limit, and keep what they print."""

import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["ProcessResult", "free_port", "run_pair"]

_SUMMARY = re.compile(r"^SUMMARY (\S+) (.*)$", re.MULTILINE)
_POLL_INTERVAL = 0.02


@dataclass(frozen=True)
class ProcessResult:
    """How one process ended: its exit code (``None``: it had to be killed) and all it printed."""

    command: list[str]
    exit_code: int | None
    output: str
    errors: str

    @property
    def summary(self) -> tuple[str, dict[str, str]] | None:
        """The name and the fields of the summary line, if it printed one."""
        match = _SUMMARY.search(self.output)
        if not match:
            return None
        return match[1], dict(pair.split("=", 1) for pair in match[2].split())

    def describe(self) -> str:
        """All of it, for a reader who must find out what went wrong."""
        ending = "killed after the time limit" if self.exit_code is None else f"{self.exit_code}"
        return (
            f"$ {' '.join(self.command)}\nexit code: {ending}\n"
            f"--- output\n{self.output}--- errors\n{self.errors}"
        )


@dataclass
class _Process:
    command: list[str]
    directory: Path
    environment: dict[str, str]
    popen: subprocess.Popen[bytes] = field(init=False)
    killed: bool = False

    def __post_init__(self) -> None:
        self.directory.mkdir()
        with (
            (self.directory / "output").open("wb") as output,
            (self.directory / "errors").open("wb") as errors,
        ):
            self.popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=self.environment,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self.popen.poll() is None:
            self.killed = True
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()

    def result(self) -> ProcessResult:
        return ProcessResult(
            command=self.command,
            exit_code=None if self.killed else self.popen.returncode,
            output=(self.directory / "output").read_text(errors="replace"),
            errors=(self.directory / "errors").read_text(errors="replace"),
        )


def free_port() -> int:
    """A TCP port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    """Whether somebody listens on the port, found out without connecting to it.

    The programs take the first connection for their peer, so trying one would spoil the run.
    Linux lets two sockets with SO_REUSEADDR share a port until one of them listens.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def run_pair(
    first: list[str],
    second: list[str],
    *,
    port: int,
    timeout: float = 60.0,
    environment: dict[str, str] | None = None,
) -> tuple[ProcessResult, ProcessResult, float]:
    """Start ``first``, and ``second`` once ``first`` listens on ``port``.

    Returns both results and the seconds from the start of ``second`` to the end of both. What is
    still running after ``timeout`` seconds is killed.
    """
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | (environment or {})
    give_up = time.monotonic() + timeout
    with TemporaryDirectory() as directory:
        processes = [_Process(first, Path(directory, "first"), environment)]
        try:
            while not _listens(port) and processes[0].popen.poll() is None:
                if time.monotonic() >= give_up:
                    break
                time.sleep(_POLL_INTERVAL)
            started = time.monotonic()
            processes.append(_Process(second, Path(directory, "second"), environment))
            while any(process.popen.poll() is None for process in processes):
                if time.monotonic() >= give_up:
                    break
                time.sleep(_POLL_INTERVAL)
            seconds = time.monotonic() - started
        finally:
            for process in processes:
                process.kill()
        return processes[0].result(), processes[1].result(), seconds
