"""Descriptions whose candidates lead through a forwarder."""

from typing import NamedTuple

from benchmarks.processes import MeasurementError

__all__ = ["Host", "through"]

Host = tuple[str, int]

FIELDS = 8
"""Foundation, component, transport, priority, address, port, "typ", type (RFC 8839 section 5.1)."""


class Detour(NamedTuple):
    """A description with one candidate, and the address that candidate had before."""

    sdp: str
    host: Host


def through(sdp: str, forwarder: Host) -> Detour:
    """Leave one UDP host candidate over IPv4, of the forwarder's host where it has one.

    Raises MeasurementError when there is none.
    """
    lines = sdp.splitlines()
    found = [line for line in lines if _host_of(line) is not None]
    if not found:
        raise MeasurementError("its description has no UDP host candidate over IPv4")
    chosen = next((line for line in found if _host_of(line, forwarder[0])), found[0])
    host = _host_of(chosen) or forwarder
    fields = chosen.split(" ")
    fields[4:6] = forwarder[0], str(forwarder[1])
    kept = [line for line in lines if line == chosen or not line.startswith("a=candidate:")]
    rewritten = [" ".join(fields) if line == chosen else line for line in kept]
    return Detour("\r\n".join(rewritten) + "\r\n", host)


def _host_of(line: str, wanted: str | None = None) -> Host | None:
    fields = line.split(" ")
    if not line.startswith("a=candidate:") or len(fields) < FIELDS:
        return None
    transport, host, port, kind = fields[2], fields[4], fields[5], fields[7]
    if transport.lower() != "udp" or kind != "host" or host.count(".") != 3:
        return None
    return (host, int(port)) if wanted in (None, host) else None
