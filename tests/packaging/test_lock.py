"""The lock file pins what is installed, in versions that every supported Python can install."""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PINS = dict(
    line.split("==")
    for line in (ROOT / "requirements" / "lock.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
# The oldest release of each series that somebody may have; Debian 12 comes with 3.11.2.
OLDEST = {11: "3.11.2", 12: "3.12.0", 13: "3.13.0"}
UNPINNED = {"purertc", "setuptools", "wheel"}


def test_every_line_is_an_exact_pin() -> None:
    assert len(PINS) > 50
    for name, version in PINS.items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        assert re.fullmatch(r"[0-9][A-Za-z0-9.]*", version)


@pytest.mark.parametrize("name", sorted(PINS))
def test_a_pin_is_for_old_releases_of_this_python_too(name: str) -> None:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        pytest.skip("not needed by the groups that are installed here")
    assert installed.version == PINS[name]
    supported = SpecifierSet(",".join(installed.metadata.get_all("Requires-Python") or []))
    assert OLDEST[sys.version_info.minor] in supported


def test_nothing_installed_is_unpinned() -> None:
    pinned = {canonicalize_name(name) for name in PINS}
    installed = {canonicalize_name(found.metadata["Name"]) for found in distributions()}
    assert installed - pinned <= UNPINNED
