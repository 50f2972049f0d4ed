"""The page on perfect negotiation shows a program that works, and says what is so."""

import inspect
import re
import subprocess
import sys

from demo.figures import ROOT
from purertc.signaling import AutomaticIceRestart

PAGE = (ROOT / "docs" / "howto" / "perfect_negotiation.md").read_text()
PROGRAM = ROOT / "docs" / "programs" / "perfect_negotiation.py"


def test_the_program_prints_what_the_page_shows() -> None:
    assert f"```{{literalinclude}} ../programs/{PROGRAM.name}\n" in PAGE
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", str(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (shown,) = re.findall(r"^```console\n\$ python \S+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert done.stdout == shown


def test_the_options_and_times_are_those_of_the_helper() -> None:
    parameters = inspect.signature(AutomaticIceRestart).parameters
    for name in ("after", "pause", "longest_pause", "tries"):
        assert f"`{name}`" in PAGE
        assert name in parameters
    assert "for three seconds" in PAGE
    assert parameters["after"].default == 3.0


def test_the_page_is_in_the_table_of_contents() -> None:
    assert "howto/perfect_negotiation\n" in (ROOT / "docs" / "index.md").read_text()
