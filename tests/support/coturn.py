"""coturn, the TURN server of Debian, as a process of one test."""

import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.namespaces import HERE, Place
from tests.support.turn_certificates import Authority, TurnCertificates

__all__ = [
    "PASSWORD",
    "REALM",
    "TRANSPORTS",
    "USERNAME",
    "Coturn",
    "CoturnSettings",
    "missing_for_coturn",
]

USERNAME = "user"
PASSWORD = "password"  # noqa: S105  # of the test's own server
REALM = "purertc.test"

TRANSPORTS = ("udp", "tcp", "tls")
"""Ways from a client to the server."""

_EXECUTABLE = "turnserver"
_START_LIMIT = 15.0
_READY = "IO method (admin thread)"
"""What the server logs after it has opened its sockets and started its threads."""


def missing_for_coturn() -> str | None:
    """Return why the server cannot be run here, None when it can."""
    if shutil.which(_EXECUTABLE) is None:
        return "coturn is not installed: apt-get install coturn"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoturnSettings:
    """``more`` are further lines of the configuration file.

    The certificate is from ``authority``, or from one of its own. With ``secret`` the server takes
    the time-limited credentials of the TURN REST API only.
    """

    hosts: Sequence[str] = ("127.0.0.1",)
    secret: str | None = None
    authority: Authority | None = None
    more: Sequence[str] = ()


class Coturn:
    """Runs, listening for UDP, TCP and TLS, until it is closed."""

    def __init__(self, place: Place = HERE, settings: CoturnSettings | None = None) -> None:
        self._place = place
        self._settings = settings or CoturnSettings()
        self.host = self._settings.hosts[0]
        self._directory = Path(tempfile.mkdtemp(prefix="purertc-coturn-"))
        authority = self._settings.authority or Authority(self._directory)
        self.certificates: TurnCertificates = authority.issue(self._directory, self.host)
        self.port, self.tls_port = _free_ports(self.host) if place is HERE else (3478, 5349)
        self._configuration = self._directory / "turnserver.conf"
        self._configuration.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        self._changed = threading.Condition()
        self._log: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def log(self) -> str:
        """What all runs of this server have logged so far."""
        with self._changed:
            return "".join(self._log)

    def url(self, transport: str, host: str | None = None) -> str:
        """Return the TURN URL for one of TRANSPORTS (RFC 7065)."""
        host = host or self.host
        host = f"[{host}]" if ":" in host else host
        if transport == "tls":
            return f"turns:{host}:{self.tls_port}?transport=tcp"
        return f"turn:{host}:{self.port}?transport={transport}"

    @property
    def stun_url(self) -> str:
        """The STUN URL (RFC 7064)."""
        return f"stun:{self.host}:{self.port}"

    def start(self) -> None:
        """Run it, and wait until it is ready."""
        seen = len(self._log)
        self._process = subprocess.Popen(
            self._place.command(
                "setpriv", "--pdeathsig=KILL", _EXECUTABLE, "-c", str(self._configuration)
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=self._directory,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        try:
            self.wait_for(re.escape(_READY), after=seen)
        except BaseException:
            self.close()
            raise

    def kill(self) -> None:
        """End it at once, without a word to its clients."""
        assert self._process is not None
        assert self._reader is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process = None

    def wait_for(
        self, pattern: str, *, count: int = 1, after: int = 0, limit: float = _START_LIMIT
    ) -> None:
        """Wait until ``count`` lines of the log match ``pattern``; ``after`` are left out first.

        It blocks: peers run in other processes.
        """
        expression = re.compile(pattern)
        expires = time.monotonic() + limit
        with self._changed:
            while sum(bool(expression.search(line)) for line in self._log[after:]) < count:
                left = expires - time.monotonic()
                ended = self._process is None or self._process.poll() is not None
                if left <= 0 or ended:
                    log = "".join(self._log)
                    raise AssertionError(f"coturn never logged {pattern!r}:\n{log}")
                self._changed.wait(min(left, 0.2))

    def close(self) -> None:
        """End it and remove its files."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _lines(self) -> list[str]:
        settings, certificates = self._settings, self.certificates
        lines = [
            *(f"listening-ip={host}" for host in settings.hosts),
            *(f"relay-ip={host}" for host in settings.hosts),
            f"listening-port={self.port}",
            f"tls-listening-port={self.tls_port}",
            f"cert={certificates.certificate}",
            f"pkey={certificates.key}",
            f"realm={REALM}",
            f"userdb={self._directory / 'turndb'}",
            f"pidfile={self._directory / 'pid'}",
            "allow-loopback-peers",
            "fingerprint",
            "log-file=stdout",
            "no-cli",
            "no-dtls",
            "no-multicast-peers",
            "no-rfc5780",
            "relay-threads=1",
            "simple-log",
            "verbose",
        ]
        if settings.secret is None:
            lines += ["lt-cred-mech", f"user={USERNAME}:{PASSWORD}"]
        else:
            lines += ["use-auth-secret", f"static-auth-secret={settings.secret}"]
        return [*lines, *settings.more]

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with self._changed:
                    self._log.append(line)
                    self._changed.notify_all()


def _free_ports(host: str) -> tuple[int, int]:
    """Return two ports of ``host`` on which neither UDP nor TCP is used."""
    ports: list[int] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while len(ports) < 2:
        with (
            socket.socket(family, socket.SOCK_STREAM) as stream,
            socket.socket(family, socket.SOCK_DGRAM) as datagrams,
        ):
            stream.bind((host, 0))
            port = stream.getsockname()[1]
            try:
                datagrams.bind((host, port))
            except OSError:
                continue
            ports.append(port)
    return ports[0], ports[1]
