"""One connection's negotiation calls, one at a time (W3C webrtc-pc section 4.4.1.2)."""

from purertc.runtime.base import Event
from purertc.runtime.detect import RuntimeSource

__all__ = ["OperationsChain"]


class OperationsChain:
    """A lock that is handed on in the order in which it was asked for."""

    __slots__ = ("_busy", "_runtime", "_waiting")

    def __init__(self, runtime: RuntimeSource) -> None:
        self._runtime = runtime
        self._busy = False
        self._waiting: list[Event] = []

    async def __aenter__(self) -> None:
        if not self._busy:
            self._busy = True
            return
        turn = self._runtime.get().new_event()
        self._waiting.append(turn)
        try:
            await turn.wait()
        except BaseException:
            if turn.is_set():
                self._hand_on()
            else:
                self._waiting.remove(turn)
            raise

    async def __aexit__(self, *_: object) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        if self._waiting:
            self._waiting.pop(0).set()
        else:
            self._busy = False
