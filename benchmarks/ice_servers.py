"""A process with a STUN server that answers and a TURN server that never says a word.

python -m benchmarks.ice_servers
"""

import contextlib
import socket

from benchmarks.actors.pipes import say
from purertc.errors import BadPacket
from purertc.wire.stun import BINDING, Attribute, MessageClass, StunMessage, pack_xor_address

__all__ = ["answer", "main"]


def answer(request: bytes, source: tuple[str, int]) -> bytes | None:
    """Return the response to a binding request (RFC 8489 section 6); None for all else."""
    try:
        message = StunMessage.parse(request)
    except BadPacket:
        return None
    if (message.message_class, message.method) != (MessageClass.REQUEST, BINDING):
        return None
    address = pack_xor_address(source, message.transaction_id)
    attributes = {int(Attribute.XOR_MAPPED_ADDRESS): address}
    return StunMessage(MessageClass.SUCCESS, message.transaction_id, attributes).to_bytes()


def bound() -> socket.socket:
    """Return a UDP socket on every address of the machine."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", 0))
    return sock


def main() -> None:
    """Say both ports and answer until somebody ends the process."""
    with bound() as stun, bound() as silent:
        say("ports", stun=stun.getsockname()[1], turn=silent.getsockname()[1])
        while True:
            with contextlib.suppress(ConnectionRefusedError):  # an earlier asker has gone
                request, source = stun.recvfrom(2048)
                response = answer(request, source)
                if response is not None:
                    stun.sendto(response, source)


if __name__ == "__main__":
    main()
