"""A pair of processes is started in order, limited in time, and what it printed is kept."""

import sys
from pathlib import Path

import pytest

from demo.processes import ProcessResult, free_port, run_pair

LISTEN = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
client, _ = server.accept()
print("heard", client.recv(100).decode())
print("SUMMARY listener messages=1 bytes=5")
"""
SPEAK = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
    client.sendall(b"hello")
print("SUMMARY speaker messages=1 bytes=5")
"""
HANG = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("hanging")
time.sleep(600)
"""
CRASH = "raise SystemExit('out of order')"


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def test_the_second_starts_when_the_first_listens() -> None:
    port = free_port()
    first, second, seconds = run_pair(
        python(LISTEN, str(port)), python(SPEAK, str(port)), port=port, timeout=20
    )
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "heard hello" in first.output
    assert first.summary == ("listener", {"messages": "1", "bytes": "5"})
    assert second.summary == ("speaker", {"messages": "1", "bytes": "5"})
    assert 0 <= seconds < 20


def test_what_hangs_is_killed_and_its_output_kept() -> None:
    port = free_port()
    first, second, _ = run_pair(python(HANG, str(port)), python(CRASH), port=port, timeout=2)
    assert first.exit_code is None
    assert first.output == "hanging\n"
    assert "killed after the time limit" in first.describe()
    assert second.exit_code == 1


def test_a_first_process_that_dies_ends_the_waiting() -> None:
    first, second, seconds = run_pair(python(CRASH), python(CRASH), port=free_port(), timeout=20)
    assert first.exit_code == second.exit_code == 1
    assert "out of order" in first.describe()
    assert seconds < 10


@pytest.mark.parametrize("output", ["", "no summary\n", "a SUMMARY inside\n"])
def test_a_process_may_have_no_summary(output: str) -> None:
    assert ProcessResult(["x"], 0, output, "").summary is None


def test_the_environment_reaches_the_processes(tmp_path: Path) -> None:
    script = tmp_path / "show.py"
    script.write_text("import os; print(os.environ['COLOUR'])")
    command = [sys.executable, str(script)]
    first, _, _ = run_pair(command, command, port=free_port(), environment={"COLOUR": "green"})
    assert first.output == "green\n"
