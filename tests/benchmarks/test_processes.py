"""A measured process says lines of JSON; what goes wrong with it has a reason."""

import sys

import pytest

from benchmarks.processes import MeasurementError, Process


def python(program: str) -> Process:
    return Process([sys.executable, "-c", program])


def test_messages_are_found_among_other_output() -> None:
    program = "print('hello'); print('{nonsense'); print(7); print('{\"type\": \"a\", \"n\": 1}')"
    with python(program) as process:
        assert process.expect("a", 30)["n"] == 1


def test_other_messages_are_skipped() -> None:
    program = 'print(\'{"type": "a"}\'); print(\'{"type": "b"}\')'
    with python(program) as process:
        assert process.expect("b", 30) == {"type": "b"}


def test_it_is_told_one_line_at_a_time() -> None:
    program = "import sys; sys.stdout.write(sys.stdin.readline())"
    with python(program) as process:
        process.tell(type="echo", text="x")
        assert process.expect("echo", 30)["text"] == "x"


def test_an_early_end_is_reported_with_the_last_words() -> None:
    with (
        python("raise SystemExit('out of luck')") as process,
        pytest.raises(MeasurementError, match="ended before it said 'a': out of luck"),
    ):
        process.expect("a", 30)


def test_silence_is_reported() -> None:
    with (
        python("import sys; sys.stdin.read()") as process,
        pytest.raises(MeasurementError, match="said no 'a' in 0 s"),
    ):
        process.expect("a", 0.01)


def test_telling_a_process_that_has_gone_is_reported() -> None:
    with python('print(\'{"type": "bye"}\')') as process:
        process.expect("bye", 30)
        with pytest.raises(MeasurementError, match="ended before"):
            process.expect("more", 30)
        with pytest.raises(MeasurementError, match="ended too soon"):
            process.tell(type="hello", text="x" * 100_000)
