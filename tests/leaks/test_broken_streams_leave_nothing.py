"""A TCP stream that broke while it was written to is freed without the cyclic collector."""

import asyncio
import gc
import socket
import struct
import weakref

from purertc.runtime import asyncio_tcp

RESET = struct.pack("ii", 1, 0)


async def broken_while_writing() -> "weakref.ref[object]":
    with socket.create_server(("127.0.0.1", 0)) as server:
        loop = asyncio.get_running_loop()
        stream = await asyncio_tcp.connect(loop, server.getsockname(), None)
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        accepted.close()
        # No turn of the loop in between: the write itself meets the reset.
        for _ in range(2):
            try:
                await stream.send_all(b"x")
            except OSError:
                break
        stream.close()
        return weakref.ref(stream)


def test_a_reset_met_by_a_write() -> None:
    async def main() -> "weakref.ref[object]":
        reference = await broken_while_writing()
        await asyncio.sleep(0)
        return reference

    gc.collect()
    gc.disable()
    try:
        assert asyncio.run(main())() is None
    finally:
        gc.enable()
