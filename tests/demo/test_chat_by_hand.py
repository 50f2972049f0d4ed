"""The legacy chat over copy-and-paste, with a user who carries each message over."""

import subprocess
import threading
from pathlib import Path
from typing import IO

import pytest

from demo.figures import ROOT
from demo.runs import launcher

CHAT = ROOT / "examples_old" / "chat" / "chat.py"


class Terminal:
    """A chat that somebody watches; whatever it wants carried over goes to ``other``."""

    def __init__(self, implementation: str, role: str, lines: Path) -> None:
        command = [*launcher(implementation), str(CHAT), role, "--lines", str(lines)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed: list[str] = []
        self.watcher: threading.Thread | None = None

    def carry_to(self, other: "Terminal") -> None:
        assert self.process.stdout
        assert other.process.stdin
        self.watcher = threading.Thread(
            target=self._watch, args=(self.process.stdout, other.process.stdin)
        )
        self.watcher.start()

    def _watch(self, source: IO[str], target: IO[str]) -> None:
        for line in source:
            self.printed.append(line)
            if line.startswith("{") and "bye" not in line:
                target.write(line)
                target.flush()

    def wait(self) -> None:
        try:
            self.process.wait(timeout=30)
        finally:
            self.process.kill()
        assert self.watcher
        self.watcher.join(timeout=10)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()


@pytest.mark.parametrize("implementation", ["aiortc", "compat"])
def test_both_sides_hear_each_other(implementation: str, tmp_path: Path) -> None:
    said = {"offer": "Guten Tag", "answer": "Grüß Gott"}
    terminals: dict[str, Terminal] = {}
    for role, greeting in said.items():
        lines = tmp_path / role
        lines.write_text(f"{greeting}\n", "utf8")
        terminals[role] = Terminal(implementation, role, lines)
    terminals["offer"].carry_to(terminals["answer"])
    terminals["answer"].carry_to(terminals["offer"])
    for terminal in terminals.values():
        terminal.wait()
    for role, other in (("offer", "answer"), ("answer", "offer")):
        output = "".join(terminals[role].printed)
        assert terminals[role].process.returncode == 0, output
        assert f"< {said[other]}\n" in output
        assert f"SUMMARY chat-{role} messages=2 " in output
