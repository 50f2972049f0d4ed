"""A non-blocking UDP socket that moves runs of datagrams in one system call where it can.

Linux joins datagrams of equal length: UDP_SEGMENT splits a run on its way out (GSO), UDP_GRO
keeps one together on its way in. Elsewhere, or when the kernel or the network card refuses,
datagrams go one by one.
"""

import errno
import logging
import os
import re
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from purertc.runtime.fragmentation import allow_fragments, cut_small, forbid_fragments, refuse
from purertc.runtime.resolving import address_of
from purertc.sansio.types import Address, Datagram, Fragmentation, Transmit

__all__ = ["UdpEndpoint", "set_dscp", "set_udp_buffers", "socket_address"]

_logger = logging.getLogger("purertc.network")

_SOL_UDP = 17
_UDP_SEGMENT = 103
_UDP_GRO = 104
_SEGMENT = struct.Struct("=H")
_GRO_SIZE = struct.Struct("=i")
_ANCILLARY_SPACE = 64

_DEFAULT_BUFFER = 4 * 1024 * 1024
_MAX_DATAGRAM = 65535
_MAX_SINGLE = 20_480
"""Holds the longest DTLS record (RFC 6347 section 4.1), relayed or not. Python takes a buffer from
the system for each read, and one of 64 KiB costs half as much as the read itself."""
_BURST_READS = 64
_LAST_OF_STUN = b"\x03"
"""What a STUN message begins with at most (RFC 7983 section 7)."""
_BURST_BYTES = 1024 * 1024

_LINK_LOCAL = re.compile("fe[89ab][0-9a-f]:", re.IGNORECASE)

_FATAL = frozenset({errno.EBADF, errno.ENOTSOCK, errno.EFAULT, errno.ENOMEM})
_UNROUTABLE = frozenset(
    {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.ENODEV, errno.EINVAL}
)
"""What systems say of a socket whose address is gone; EINVAL is what some Linux kernels say."""

_TOO_LARGE = frozenset({errno.EMSGSIZE, errno.EINVAL})
"""What systems say of segments that are larger than the path; EINVAL is what Linux said once."""

_SURELY_SMALL = 1232
"""Datagrams of this size fit every IPv6 packet (RFC 8200 section 5)."""

_NO_SEGMENTATION = frozenset({errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.EOPNOTSUPP})


def socket_address(sock: socket.socket) -> Address:
    """Return where ``sock`` is bound; a link-local IPv6 host with its scope (RFC 4007)."""
    return address_of(sock.getsockname())


def set_udp_buffers(sock: socket.socket, size: int | None = None) -> None:
    """Ask for send and receive buffers of ``size`` bytes, by default 4 MiB.

    The system may give less: on Linux at most ``net.core.rmem_max`` and ``wmem_max``.
    """
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        _try_option(sock, socket.SOL_SOCKET, option, size or _DEFAULT_BUFFER)


def set_dscp(sock: socket.socket, dscp: int) -> None:
    """Mark what is sent with a differentiated services code point (RFC 2474, RFC 8837)."""
    if sock.family == socket.AF_INET6:
        level, option = socket.IPPROTO_IPV6, socket.IPV6_TCLASS
    else:
        level, option = socket.IPPROTO_IP, socket.IP_TOS
    # The two lowest bits of the octet are those of congestion notification (RFC 3168).
    if not _try_option(sock, level, option, dscp << 2):
        _logger.warning("the system does not let this program set a DSCP")


class UdpEndpoint:
    """Owns a bound UDP socket. ``receive`` and ``send`` never wait.

    On a link-local socket the hosts of datagrams carry the socket's scope, as its own does.
    ``offload`` False leaves datagrams apart, for a socket that others read.
    """

    __slots__ = (
        "_gro",
        "_gso",
        "_scope",
        "_scope_suffix",
        "_socket",
        "_v6",
        "dropped",
        "local",
        "on_unroutable",
    )

    def __init__(self, sock: socket.socket, *, offload: bool = True) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._v6 = sock.family == socket.AF_INET6
        self._scope: int = sock.getsockname()[3] if self._v6 else 0
        self.local = socket_address(sock)
        _, percent, scope_name = self.local[0].partition("%")
        self._scope_suffix = percent + scope_name
        self.dropped = 0
        """Datagrams, or runs of them, that the network refused."""
        self.on_unroutable: Callable[[OSError], None] | None = None
        """Called with ENETUNREACH for those that found no way out from this address."""
        # Only probes of the path must not be cut (see Fragmentation).
        allow_fragments(sock)
        linux = offload and sys.platform == "linux"
        self._gro = linux and _try_option(sock, _SOL_UDP, _UDP_GRO, 1)
        self._gso = linux and _try_option(sock, _SOL_UDP, _UDP_SEGMENT, 0)

    @property
    def segmentation(self) -> bool:
        """Whether runs of datagrams leave in one system call."""
        return self._gso

    def fileno(self) -> int:
        """Return the descriptor to watch; -1 when closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self.on_unroutable = None
        self._socket.close()

    def receive(self) -> list[Datagram]:
        """Read what is there, up to 64 reads or 1 MiB. Raises OSError when the socket is dead.

        More may be there: the loop watches the descriptor, not its changes.
        """
        datagrams: list[Datagram] = []
        read = self._read_joined if self._gro else self._read_single
        room = _BURST_BYTES
        for _ in range(_BURST_READS):
            try:
                datagram = read()
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno in _FATAL:
                    raise
                continue
            datagrams.append(datagram)
            room -= len(datagram.payload)
            if room <= 0 or (self._gro and datagram.payload[:1] <= _LAST_OF_STUN):
                # A check of the path comes alone, and hundreds of idle connections get no others.
                break
        return datagrams

    def _read_joined(self) -> Datagram:
        payload, ancillary, _, source = self._socket.recvmsg(_MAX_DATAGRAM, _ANCILLARY_SPACE)
        size = 0
        for level, kind, data in ancillary:
            if level == _SOL_UDP and kind == _UDP_GRO and len(data) >= _GRO_SIZE.size:
                size = _GRO_SIZE.unpack_from(data)[0]
        if size >= len(payload):
            size = 0
        return Datagram(payload, self.source_of(source), self.local, size)

    def _read_single(self) -> Datagram:
        payload, source = self._socket.recvfrom(_MAX_SINGLE)
        return Datagram(payload, self.source_of(source), self.local)

    def source_of(self, address: tuple[Any, ...]) -> Address:
        """Return an address that the socket gave, in the form that purertc has."""
        if not self._v6:
            return address
        host, port = address[:2]
        if self._scope_suffix and "%" not in host and _LINK_LOCAL.match(host):
            host += self._scope_suffix
        return host, port

    def send(self, transmit: Transmit) -> bool:
        """Send, as :meth:`purertc.runtime.base.UdpSocket.send` says."""
        destination = self.socket_form(transmit.destination)
        if transmit.fragmentation is not Fragmentation.ALLOWED:
            return self._send_specially(transmit, destination)
        if not transmit.segment_size:
            return self._send_single(transmit.payload, destination)
        if self._gso:
            try:
                self._socket.sendmsg(
                    (transmit.payload,),
                    ((_SOL_UDP, _UDP_SEGMENT, _SEGMENT.pack(transmit.segment_size)),),
                    0,
                    destination,
                )
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno not in _NO_SEGMENTATION:
                    self._lose(error)
                    return True
                if transmit.segment_size > _SURELY_SMALL and error.errno in _TOO_LARGE:
                    # The fault of the path, not of the system.
                    refuse(transmit)
                else:
                    self._gso = False
            else:
                return True
        return self._send_split(transmit, destination)

    def _send_specially(self, transmit: Transmit, destination: tuple[str | int, ...]) -> bool:
        if transmit.fragmentation is Fragmentation.FORBIDDEN:
            return self._send_whole(transmit, destination)
        cut_small(self._socket, on=True)
        try:
            if transmit.segment_size:
                return self._send_split(transmit, destination)
            return self._send_single(transmit.payload, destination)
        finally:
            cut_small(self._socket, on=False)

    def _send_whole(self, transmit: Transmit, destination: tuple[str | int, ...]) -> bool:
        """Send one datagram that must not be fragmented."""
        if not forbid_fragments(self._socket):
            refuse(transmit)
            return True
        try:
            self._socket.sendto(transmit.payload, destination)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                refuse(transmit)
            else:
                self._lose(error)
        finally:
            allow_fragments(self._socket)
        return True

    def _send_split(self, transmit: Transmit, destination: tuple[str | int, ...]) -> bool:
        payload, size, send = transmit.payload, transmit.segment_size, self._socket.sendto
        for start in range(0, len(payload), size):
            try:
                send(payload[start : start + size], destination)
            except BlockingIOError:
                transmit.payload = payload[start:]
                return False
            except OSError as error:
                self._lose(error)
        return True

    def _send_single(self, payload: bytes, destination: tuple[str | int, ...]) -> bool:
        try:
            self._socket.sendto(payload, destination)
        except BlockingIOError:
            return False
        except OSError as error:
            self._lose(error)
        return True

    def _lose(self, error: OSError) -> None:
        self.dropped += 1
        if error.errno in _UNROUTABLE and self.on_unroutable is not None:
            self.on_unroutable(OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH)))

    def socket_form(self, address: Address) -> tuple[str | int, ...]:
        """Return an address in the form that the socket takes."""
        if not self._v6:
            return address
        host, port = address
        return host.partition("%")[0], port, 0, self._scope


def _try_option(sock: socket.socket, level: int, option: int, value: int) -> bool:
    try:
        sock.setsockopt(level, option, value)
    except OSError:
        return False
    return True
