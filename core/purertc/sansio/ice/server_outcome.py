"""Whether a server gave a candidate, and if not, what is reported for its URL."""

from typing import Final

from purertc.sansio.types import Address, IceCandidateError

__all__ = ["UNREACHABLE", "ServerOutcome"]

UNREACHABLE: Final = 701
"""The error code when no answer came from the server (W3C webrtc-pc section 4.8.3)."""


_MAX_TEXT: Final = 200


class ServerOutcome:
    """What became of asking one URL, from all bases together.

    W3C reports a server once, and only when no base could get a candidate from it. What the
    server said counts more than a way on which it was not reached.
    """

    __slots__ = ("_error", "_settled", "_url", "succeeded")

    def __init__(self, url: str) -> None:
        self.succeeded = False
        self._url = url
        self._error: IceCandidateError | None = None
        self._settled = False

    def begin(self) -> None:
        """Forget what happened: the server is asked anew."""
        self.succeeded = False
        self._error = None
        self._settled = False

    def reopen(self) -> None:
        """Let a failure that was reported be reported again: there is another base to ask from."""
        if self._settled and not self.succeeded:
            self.begin()

    def failed(self, code: int, text: str, base: Address | None = None) -> None:
        """Note one failure."""
        text = "".join(character for character in text if character.isprintable())[:_MAX_TEXT]
        known = self._error
        if known is None or (known.error_code == UNREACHABLE and code != UNREACHABLE):
            host, port = base if base is not None else (None, None)
            self._error = IceCandidateError(self._url, code, text, host, port)

    def settle(self) -> IceCandidateError | None:
        """Return what to report now that nothing more will come; None the second time."""
        if self._settled:
            return None
        self._settled = True
        if self.succeeded:
            return None
        if self._error is None:
            self.failed(UNREACHABLE, "no local address can reach the server")
        return self._error
