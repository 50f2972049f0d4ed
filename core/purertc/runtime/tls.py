"""TLS over any TCP stream, on any loop: the ``ssl`` module only sees bytes in memory."""

import ssl
from functools import lru_cache
from pathlib import Path

from purertc.runtime.base import TcpStream
from purertc.runtime.tcp import OneAtATime, check_size, stream_closed
from purertc.sansio.types import Address

__all__ = ["TlsStream", "client_context", "start_tls"]

_READ_SIZE = 65536


def client_context(ca_file: str | None = None, *, verify: bool = True) -> ssl.SSLContext:
    """Return how this side speaks TLS to servers. It blocks while it reads certificates.

    ``ca_file`` has the authorities to trust, in PEM; None trusts the system's. ``verify`` False
    takes any certificate. Raises OSError when the file cannot be read or has no certificate.
    """
    if ca_file is None:
        return _made_context(None, 0, verify)
    try:
        return _made_context(ca_file, Path(ca_file).stat().st_mtime_ns, verify)
    except ssl.SSLError as error:
        raise OSError(f"no certificates can be read from {ca_file}: {_reason(error)}") from error
    except OSError as error:
        raise OSError(f"cannot read the certificates in {ca_file}: {error.strerror}") from error


@lru_cache(maxsize=8)
def _made_context(ca_file: str | None, _modified: int, verify: bool) -> ssl.SSLContext:
    """Make a context, once for each version of the file: they are large, and slow to make."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Only a handshake makes a read produce something to send, so no reader ever has to send.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def start_tls(stream: TcpStream, server_name: str, context: ssl.SSLContext) -> "TlsStream":
    """Make a TLS connection to a server over ``stream``, and own ``stream`` from now on.

    ``server_name`` is the DNS name or the IP address that the server's certificate must be for.
    Raises OSError with the reason when that fails. Then, and when it is cancelled, ``stream`` is
    closed.
    """
    try:
        tls = TlsStream(stream, server_name, context)
        await tls.do_handshake()
    except BaseException:
        stream.close()
        raise
    return tls


class TlsStream:
    """A :class:`purertc.runtime.base.TcpStream` that speaks TLS over another one.

    ``close`` sends no goodbye of TLS: the protocols that run over it know where their messages
    end. A send that was cancelled cannot be followed by another one.
    """

    __slots__ = (
        "_incoming",
        "_is_closed",
        "_is_cut_off",
        "_outgoing",
        "_receiving",
        "_sending",
        "_server_name",
        "_stream",
        "_tls",
    )

    def __init__(self, stream: TcpStream, server_name: str, context: ssl.SSLContext) -> None:
        self._stream = stream
        self._server_name = server_name.strip("[]")
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(
                self._incoming, self._outgoing, server_hostname=self._server_name
            )
        except ValueError as error:
            raise OSError(f"{server_name!r} cannot be the name of a TLS server") from error
        self._is_closed = False
        self._is_cut_off = False
        self._receiving = OneAtATime("receiving")
        self._sending = OneAtATime("sending")

    @property
    def local(self) -> Address:
        """The address on this side."""
        return self._stream.local

    @property
    def remote(self) -> Address:
        """The address on the other side."""
        return self._stream.remote

    async def do_handshake(self) -> None:
        """Greet and check the certificate. Raises OSError."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._feed():
                    raise self._failure("the server closed the connection") from None
            except ssl.SSLError as error:
                raise self._failure(_reason(error)) from error
            except ValueError as error:
                raise self._failure(str(error)) from error
            else:
                await self._flush()
                return

    async def receive_some(self, max_bytes: int = _READ_SIZE) -> bytes:
        """Return what has come, or wait for it."""
        check_size(max_bytes)
        with self._receiving:
            while True:
                self._check_open()
                try:
                    data = self._tls.read(max_bytes)
                except ssl.SSLWantReadError:
                    if not await self._feed():
                        self._incoming.write_eof()
                except ssl.SSLZeroReturnError:
                    return b""
                except ssl.SSLEOFError:
                    raise self._cut() from None
                except ssl.SSLError as error:
                    raise OSError(f"TLS failed: {_reason(error)}") from error
                else:
                    # Python before 3.11.4 takes the end of the connection for the end of TLS.
                    if not data and self._incoming.eof:
                        raise self._cut()
                    return data

    async def send_all(self, data: bytes) -> None:
        """Encrypt and send everything; wait while the other side is slow."""
        with self._sending:
            self._check_open()
            if self._is_cut_off:
                raise OSError("a send over this TLS stream was cut off, so it cannot go on")
            if data:
                try:
                    self._tls.write(data)
                except ssl.SSLError as error:
                    raise OSError(f"TLS failed: {_reason(error)}") from error
            self._is_cut_off = True
            await self._flush()
            self._is_cut_off = False

    def close(self) -> None:
        """Close the connection and wake who waits for it."""
        self._is_closed = True
        self._stream.close()

    async def _flush(self) -> None:
        while data := self._outgoing.read():
            await self._stream.send_all(data)

    async def _feed(self) -> bool:
        """Take encrypted bytes from the stream; False at its end."""
        data = await self._stream.receive_some(_READ_SIZE)
        self._incoming.write(data)
        return bool(data)

    def _cut(self) -> OSError:
        return OSError("the connection ended without the end of TLS")

    def _failure(self, reason: str) -> OSError:
        return OSError(f"no TLS connection to {self._server_name}: {reason}")

    def _check_open(self) -> None:
        if self._is_closed:
            raise stream_closed()


_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})


def _reason(error: ssl.SSLError) -> str:
    """Return in words what OpenSSL says."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError):
        return "the server closed the connection"
    if error.reason in _NOT_TLS:
        return "the server does not speak TLS"
    return (error.reason or str(error)).replace("_", " ").lower()
