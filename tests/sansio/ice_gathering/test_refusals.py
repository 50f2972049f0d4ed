"""What a server says in refusal is reported with its code."""

from tests.support.gathering_bench import BASE, GatheringBench, refusing_server

SERVER = ("198.51.100.1", 3478)


def test_the_code_of_the_server_is_reported_at_once() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = refusing_server(420, "Unknown Attribute")
    bench.start()
    bench.run(0.1)
    (error,) = bench.errors
    assert (error.error_code, error.error_text) == (420, "Unknown Attribute")
    assert (error.address, error.port) == BASE
    assert bench.finished == 1


def test_what_a_server_said_counts_more_than_silence() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    refusing = refusing_server(500, "Server Error")
    bench.servers[SERVER] = lambda data, source: refusing(data, source) if source == BASE else []
    bench.start(("192.0.2.77", 1), BASE)
    bench.run(10)
    (error,) = bench.errors
    assert error.error_code == 500


def test_odd_characters_of_a_server_are_left_out() -> None:
    bench = GatheringBench.of("stun:198.51.100.1")
    bench.servers[SERVER] = refusing_server(500, "no\x1b[31m\n" + "x" * 1000)
    bench.start()
    bench.run(0.1)
    (error,) = bench.errors
    assert error.error_text == "no[31m" + "x" * 194
