"""A path that carries TCP only: neither side hears of the other's UDP candidates."""

from purertc.wire.candidate import Candidate
from tests.support.browsers.page import Signal

__all__ = ["TcpOnlyPath"]


class TcpOnlyPath:
    """Counts the candidates that it lets through."""

    def __init__(self) -> None:
        self.to_browser_count = self.to_python_count = 0

    def to_browser(self, signal: Signal) -> Signal | None:
        kept, count = _tcp_only(signal)
        self.to_browser_count += count
        return kept

    def to_python(self, signal: Signal) -> Signal | None:
        kept, count = _tcp_only(signal)
        self.to_python_count += count
        return kept


def _tcp_only(signal: Signal) -> tuple[Signal | None, int]:
    """Return what is left of a signal and how many candidates are in it."""
    description = signal.get("description")
    if description is not None:
        lines = [
            line
            for line in str(description["sdp"]).splitlines()
            if not line.startswith("a=candidate:") or _is_tcp(line)
        ]
        count = sum(line.startswith("a=candidate:") for line in lines)
        sdp = "".join(f"{line}\r\n" for line in lines)
        return {"description": {**description, "sdp": sdp}}, count
    candidate = signal["candidate"]
    if candidate is None or not candidate["candidate"]:
        return signal, 0
    return (signal, 1) if _is_tcp(str(candidate["candidate"])) else (None, 0)


def _is_tcp(text: str) -> bool:
    return Candidate.parse(text).transport.lower() == "tcp"
