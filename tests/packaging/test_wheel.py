"""The bare distribution is small: no FFmpeg, no trio, no pyee, and only what it should contain."""

import os
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"purertc", "purertc_compat", "purertc_migrate"}
BARE = {"cryptography", "dnspython", "google-crc32c", "ifaddr", "pyopenssl", "typing-extensions"}


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    done = build(folder, PURERTC_COMPILE="")
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return message_from_bytes(wheel.read(name))


def requirements(metadata: Message, extra: str) -> set[str]:
    lines = metadata.get_all("Requires-Dist") or []
    parsed = [Requirement(line) for line in lines]
    return {
        requirement.name.lower()
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra})
    }


def test_the_bare_install_pulls_the_protocol_stack_only(metadata: Message) -> None:
    assert requirements(metadata, "") == BARE


@pytest.mark.parametrize(
    ("extra", "needs"), [("compat", {"pyee"}), ("migrate", {"libcst", "rich", "typer"})]
)
def test_each_extra_adds_its_own(metadata: Message, extra: str, needs: set[str]) -> None:
    assert requirements(metadata, extra) - BARE == needs


def test_the_wheel_holds_three_typed_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == PACKAGES
    for package in PACKAGES:
        assert f"{package}/py.typed" in names


def test_the_license_and_the_command_are_in_it(wheel: zipfile.ZipFile, metadata: Message) -> None:
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "rtc-migrate" in wheel.read(entry_points).decode()


def test_the_wheel_is_for_every_machine(wheel: zipfile.ZipFile) -> None:
    assert str(wheel.filename).endswith("-py3-none-any.whl")
    names = [Path(name) for name in wheel.namelist() if ".dist-info/" not in name]
    assert {name.suffix for name in names} <= {".py", ".typed"}


def test_compiling_without_a_compiler_says_what_to_install(tmp_path: Path) -> None:
    done = build(tmp_path, PURERTC_COMPILE="1", CC="no-such-compiler")
    assert done.returncode != 0
    assert "apt-get install gcc libc6-dev python3-dev" in done.stderr
    assert "Without PURERTC_COMPILE" in done.stderr
    assert not list(tmp_path.iterdir())
