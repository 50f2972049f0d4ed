"""Write the page of the browser matrix from the JUnit report of ``make interop``.

A row is a test of ``tests/interop/browsers``, a column a browser and the side that made the offer.
What was not run is printed and written with its reason; a browser that is missing is an error.
"""

import argparse
import platform
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

BROWSERS = {"chromium": "Chromium", "firefox": "Firefox"}
OFFERERS = {"browser": "browser offers", "python": "Python offers"}

UNTESTED = {
    "Safari": "there is no WebKit with WebRTC for Linux: Debian builds WebKitGTK without it",
    "Edge": "not packaged by Debian; its engine is that of Chromium",
    "Chrome": "not packaged by Debian; its engine is that of Chromium",
}
"""Browser → why it is not among the columns."""

UNSUPPORTED = {
    "Browsers behind a NAT": "they run on this machine's own addresses; the tests of two real NATs"
    " have Python programs behind them",
}
"""What browsers can do and the tests do not ask of them → why."""

_SPELLED = {
    "ice": "ICE",
    "kib": "KiB",
    "mdns": "mDNS",
    "python": "Python",
    "stun": "STUN",
    "tcp": "TCP",
    "tls": "TLS",
    "turn": "TURN",
    "udp": "UDP",
}
"""Words of test names that are not written in small letters."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test on one browser."""

    test: str
    browser: str
    version: str
    offerer: str
    outcome: str
    reason: str
    seconds: float


def read_results(report: Path) -> tuple[str, list[Result]]:
    """Return the day of the run and the results of all browser tests in a JUnit report."""
    root = ET.parse(report).getroot()  # noqa: S314  # written by our own test run
    suite = root.find("testsuite")
    day = "" if suite is None else suite.get("timestamp", "")[:10]
    return day, [result for case in root.iter("testcase") if (result := _read(case)) is not None]


def _read(case: ET.Element) -> Result | None:
    properties = {each.get("name"): each.get("value", "") for each in case.iter("property")}
    if "browser" not in properties:
        return None
    outcome, reason = "passed", ""
    for kind, name in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(kind)
        if found is not None:
            outcome, reason = name, found.get("message", "")
            break
    return Result(
        test=case.get("name", "").partition("[")[0],
        browser=properties["browser"],
        version=properties.get("version", ""),
        offerer=properties.get("offerer", ""),
        outcome=outcome,
        reason=reason,
        seconds=float(case.get("time", "0")),
    )


def page(day: str, results: Sequence[Result]) -> str:
    """Return the page in Markdown."""
    versions = {result.browser: result.version for result in results if result.version}
    columns = [(browser, offerer) for browser in BROWSERS for offerer in OFFERERS]
    titles = [
        f"{BROWSERS[browser]} {versions.get(browser, '(missing)')}, {OFFERERS[offerer]}"
        for browser, offerer in columns
    ]
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    lines = [
        "# Browsers",
        "",
        "Data channels between purertc and real browsers, driven headless. This page is written by",
        f"`make interop`; this is the run of {day}: purertc {version('purertc')}, {system}.",
        "",
        f"| | {' | '.join(titles)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for test in dict.fromkeys(result.test for result in results):
        cells = [
            cell(
                each for each in results if (each.test, each.browser, each.offerer) == (test, *key)
            )
            for key in columns
        ]
        lines.append(f"| {sentence(test)} | {' | '.join(cells)} |")
    lines += ["", "## Not run", ""]
    lines += [f"- {line}" for line in not_run(results)]
    return "\n".join(lines) + "\n"


def cell(results: Iterable[Result]) -> str:
    """Return how the runs of one test came out."""
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{counts[name]} {name}" for name in sorted(counts)) or "not run"


def sentence(test: str) -> str:
    """Return what the name of a test says."""
    words = test.removeprefix("test_").split("_")
    first, *others = (_SPELLED.get(word, word) for word in words)
    return " ".join([first if first in _SPELLED.values() else first.capitalize(), *others])


def not_run(results: Sequence[Result]) -> list[str]:
    """Return what the table does not show, with the reasons."""
    skipped = Counter(
        f"{BROWSERS[each.browser]}: {sentence(each.test)}: {each.reason}"
        for each in results
        if each.outcome == "skipped"
    )
    known = {**UNTESTED, **UNSUPPORTED}
    return [f"{name}: {reason}." for name, reason in known.items()] + [
        f"{what} ({count})" for what, count in skipped.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the page and print what was not run; 1 when a browser was missing or a test failed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("page", type=Path)
    options = parser.parse_args(arguments)

    day, results = read_results(options.report)
    for line in not_run(results):
        print(f"not run: {line}")
    missing = BROWSERS.keys() - {result.browser for result in results if result.version}
    for browser in sorted(missing):
        print(f"not run: {BROWSERS[browser]}: it is not installed, or none of its tests was chosen")
    for browser, name in BROWSERS.items():
        own = [result for result in results if result.browser == browser]
        seconds = sum(result.seconds for result in own)
        print(f"{name}: {cell(own)} in {seconds:.0f} s")
    if not results:
        return 1
    options.page.write_text(page(day, results), encoding="utf-8")
    return int(bool(missing) or any(result.outcome == "failed" for result in results))


if __name__ == "__main__":
    sys.exit(main())
