"""The pages about failures and statistics show what their programs print."""

import re
import subprocess
import sys

import pytest

from demo.figures import ROOT
from purertc.sansio.diagnosis import server_advice
from purertc.sansio.types import IceCandidateError

PAGES = {"howto/why_it_failed.md": "firewall.py", "reference/statistics.md": "shows_statistics.py"}


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", program],
        cwd=ROOT / "docs" / "programs",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize(("page", "program"), PAGES.items())
def test_the_page_shows_what_the_program_prints(page: str, program: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert f"../programs/{program}" in text
    (shown,) = re.findall(rf"^\$ python {program}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert run(program) == shown


def test_the_program_that_logs_runs() -> None:
    assert run("logs_failures.py") == ""


def test_the_codes_on_the_page_have_advice() -> None:
    text = (ROOT / "docs" / "howto" / "why_it_failed.md").read_text(encoding="utf-8")
    codes = {int(code) for code in re.findall(r"\b[3-7]\d\d\b", text)} - {443}
    assert codes
    unknown = server_advice(IceCandidateError("turn:x", 599, ""))
    for code in codes:
        assert server_advice(IceCandidateError("turn:x", code, "")) != unknown
