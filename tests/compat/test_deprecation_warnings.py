"""Each place that uses aiortc's API is named once, with what to do about it."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from purertc_compat import PurertcDeprecationWarning, RTCPeerConnection
from purertc_compat._deprecation import RULES, set_mode
from purertc_compat.sdp import candidate_from_sdp
from purertc_migrate.rules import find_rule

CANDIDATE = "0 1 UDP 2122252543 192.168.99.7 33543 typ host"


def warnings_of_two_calls_in_a_loop() -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            candidate_from_sdp(CANDIDATE)
    return caught


def test_a_call_site_is_warned_about_once() -> None:
    set_mode("once")
    (warning,) = warnings_of_two_calls_in_a_loop()
    assert warning.category is PurertcDeprecationWarning
    assert warning.filename == __file__


def test_two_call_sites_give_two_warnings() -> None:
    set_mode("once")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        candidate_from_sdp(CANDIDATE)
        candidate_from_sdp(CANDIDATE)
    assert [warning.filename for warning in caught] == [__file__, __file__]


def test_two_registrations_give_two_warnings() -> None:
    set_mode("once")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pc = RTCPeerConnection()
        for _ in range(2):
            pc.on("track", print)
        pc.on("datachannel", print)
    assert [warning.filename for warning in caught] == [__file__] * 3
    assert len({warning.lineno for warning in caught}) == 3


def test_the_text_says_what_since_when_what_instead_which_rule_and_how() -> None:
    set_mode("once")
    (warning,) = warnings_of_two_calls_in_a_loop()
    text = str(warning.message)
    rule = RULES["candidate_from_sdp"]
    for part in (
        "candidate_from_sdp",
        "since purertc 0.1",
        rule.instead,
        f"[{rule.id}]",
        f"rtc-migrate --to purertc --write {__file__}",
    ):
        assert part in text


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_one_of_rtc_migrate(name: str) -> None:
    assert find_rule(RULES[name].id) is not None


def test_off_says_nothing() -> None:
    set_mode("off")
    assert warnings_of_two_calls_in_a_loop() == []


def test_error_raises_at_every_call() -> None:
    set_mode("error")
    for _ in range(2):
        with pytest.raises(PurertcDeprecationWarning, match="candidate_from_sdp"):
            candidate_from_sdp(CANDIDATE)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="once, off, error"):
        set_mode("loud")


def run_program(path: Path, mode: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PURERTC_COMPAT_WARNINGS"}
    if mode is not None:
        environment["PURERTC_COMPAT_WARNINGS"] = mode
    return subprocess.run(
        [sys.executable, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A library module that calls the API, and a program that imports it."""
    (tmp_path / "library.py").write_text(
        f"from purertc_compat.sdp import candidate_from_sdp\ncandidate_from_sdp({CANDIDATE!r})\n"
    )
    path = tmp_path / "program.py"
    path.write_text("import library\nprint('done')\n")
    return path


def test_a_warning_about_a_library_is_visible_by_default(program: Path) -> None:
    result = run_program(program, None)
    assert result.stdout == "done\n"
    assert "library.py:2: PurertcDeprecationWarning" in result.stderr


def test_the_environment_turns_warnings_off(program: Path) -> None:
    result = run_program(program, "off")
    assert (result.stdout, result.stderr) == ("done\n", "")


def test_the_environment_turns_warnings_into_errors(program: Path) -> None:
    result = run_program(program, "error")
    assert result.returncode == 1
    assert "PurertcDeprecationWarning" in result.stderr
