"""The page of the browser matrix says what was run, what came out, and what was not run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.browser_matrix import main

Write = Callable[..., Path]

ECHO = "test_echo_of_1_kib_of_text"


def case(name: str, browser: str, offerer: str, inside: str = "", version: str = "1.2") -> str:
    properties = {"browser": browser, "version": version, "offerer": offerer}
    written = "".join(
        f'<property name="{key}" value="{value}"/>' for key, value in properties.items() if value
    )
    return (
        f'<testcase name="{name}[{browser}-{offerer}]" time="1.5">'
        f"<properties>{written}</properties>{inside}</testcase>"
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_report(*cases: str) -> Path:
        path = tmp_path / "interop.xml"
        suite = f'<testsuite timestamp="2031-02-03T04:05:06">{"".join(cases)}</testsuite>'
        path.write_text(f"<testsuites>{suite}</testsuites>")
        return path

    return write_report


def both(inside: str = "", version: str = "1.2") -> list[str]:
    """All columns; ``inside`` and ``version`` are those of Firefox when the browser offers."""
    return [
        case(ECHO, "chromium", "browser"),
        case(ECHO, "chromium", "python"),
        case(ECHO, "chromium", "python"),
        case(ECHO, "firefox", "browser", inside, version),
        '<testcase name="test_of_aiortc" time="1"/>',
    ]


def test_the_table_counts_the_runs_of_each_test(write: Write, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert main([str(write(*both())), str(page)]) == 0
    text = page.read_text()
    assert "the run of 2031-02-03" in text
    assert "| Chromium 1.2, browser offers | Chromium 1.2, Python offers | Firefox 1.2" in text
    assert "| Echo of 1 KiB of text | 1 passed | 2 passed | 1 passed | not run |" in text
    assert "aiortc" not in text


@pytest.mark.parametrize("kind", ["failure", "error"])
def test_a_failure_is_in_the_table_and_in_the_exit_code(
    write: Write, tmp_path: Path, kind: str
) -> None:
    page = tmp_path / "page.md"
    assert main([str(write(*both(f'<{kind} message="broken"/>'))), str(page)]) == 1
    assert "| 2 passed | 1 failed |" in page.read_text()


def test_what_was_not_run_is_said_with_its_reason(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    report = write(*both('<skipped message="no default route"/>'))
    assert main([str(report), str(page)]) == 0
    assert "| 2 passed | 1 skipped |" in page.read_text()
    for text in (page.read_text(), capsys.readouterr().out):
        assert "Firefox: Echo of 1 KiB of text: no default route (1)" in text
        assert "Safari: " in text
        assert "Edge: " in text


def test_a_missing_browser_is_an_error(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    report = write(*both('<error message="firefox-esr is not installed"/>', version=""))
    assert main([str(report), str(page)]) == 1
    assert "Firefox (missing)" in page.read_text()
    assert "not run: Firefox: it is not installed" in capsys.readouterr().out


def test_without_browser_tests_no_page_is_written(write: Write, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert main([str(write('<testcase name="test_of_aiortc" time="1"/>')), str(page)]) == 1
    assert not page.exists()
