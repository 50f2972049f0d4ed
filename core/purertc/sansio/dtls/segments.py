"""Runs of records of one length, for generic segmentation offload."""

from collections.abc import Sequence
from typing import Final

__all__ = ["join_segments"]

_MAX_BYTES: Final = 65000
_MAX_SEGMENTS: Final = 64


def join_segments(records: bytes, sizes: Sequence[int], overhead: int) -> list[tuple[bytes, int]]:
    """Cut ``records`` into payloads that one GSO send may carry, in order.

    ``sizes[i] + overhead`` is the length of record i. Each payload is given with the length of
    its records (only its last record may be shorter), or with 0 when it is one record.
    """
    runs: list[tuple[bytes, int]] = []
    begin = end = 0
    count = segment = 0
    for size in sizes:
        size += overhead
        if count and (
            size > segment
            or (end - begin) != count * segment
            or count == _MAX_SEGMENTS
            or end + size - begin > _MAX_BYTES
        ):
            runs.append((records[begin:end], segment if count > 1 else 0))
            begin, count = end, 0
        if not count:
            segment = size
        count += 1
        end += size
    if count:
        runs.append((records[begin:end], segment if count > 1 else 0))
    return runs
