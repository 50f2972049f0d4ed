"""How fast two SCTP associations exchange messages in memory, without DTLS and sockets."""

import argparse
import random
import time

from purertc.sansio.sctp import AssociationState, SctpAssociation, SctpConfig


def connected_pair() -> tuple[SctpAssociation, SctpAssociation]:
    left = SctpAssociation(SctpConfig(), random.Random(1).randbytes)
    right = SctpAssociation(SctpConfig(), random.Random(2).randbytes)
    left.connect(0.0)
    right.connect(0.0)
    for _ in range(4):
        right.receive(left.packets(0.0), 0.0)
        left.receive(right.packets(0.0), 0.0)
    if left.state is not AssociationState.ESTABLISHED:
        raise RuntimeError("the handshake failed")
    return left, right


def transfer(size: int, total: int, buffered: int) -> tuple[float, int]:
    """Send ``total`` bytes in messages of ``size``; return seconds and packets."""
    left, right = connected_pair()
    message = random.Random(3).randbytes(size)
    queued = received = packets = 0
    begin = time.perf_counter()
    while received < total:
        now = time.perf_counter()
        while queued < total and left.buffered_total < buffered:
            left.send(1, 53, message, now)
            queued += size
        batch = left.packets(now)
        packets += len(batch)
        right.receive(batch, now)
        while right.inbox:
            payload = right.inbox.pop(0)[2]
            received += len(payload)
            right.consumed(len(payload), now)
        left.receive(right.packets(now), now)
        left.take_released()
        deadline = left.next_deadline()
        if deadline is not None and deadline <= now:
            left.handle_timeout(now)
    return time.perf_counter() - begin, packets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16_384, help="bytes in a large message")
    parser.add_argument("--small", type=int, default=100, help="bytes in a small message")
    parser.add_argument("--megabytes", type=int, default=100, help="how much to transfer")
    parser.add_argument("--buffer", type=int, default=1 << 20, help="bytes to keep queued")
    options = parser.parse_args()
    total = options.megabytes * 1_000_000
    seconds, packets = transfer(options.size, total, options.buffer)
    print(
        f"{options.size:>6}-byte messages: {total * 8 / seconds / 1e6:8.0f} Mbit/s, "
        f"{seconds / packets * 1e6:.2f} µs per packet, both ends"
    )
    seconds, packets = transfer(options.small, total // 10, options.buffer)
    rate = total / 10 / options.small / seconds
    print(
        f"{options.small:>6}-byte messages: {rate:8.0f} messages/s, "
        f"{seconds / packets * 1e6:.2f} µs per packet, both ends"
    )


if __name__ == "__main__":
    main()
