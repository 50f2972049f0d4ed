"""install() makes aiortc mean this package, and says what is not there yet."""

import os
import subprocess
import sys

import pytest

PREAMBLE = "import purertc_compat; purertc_compat.install()\n"


def run(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source],
        env=os.environ | {"PURERTC_COMPAT_WARNINGS": "off"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def output_of(source: str) -> str:
    result = run(PREAMBLE + source)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def error_of(source: str) -> str:
    result = run(PREAMBLE + source)
    assert result.returncode == 1
    return result.stderr.strip().splitlines()[-1]


def test_aiortc_and_its_submodules_are_this_package() -> None:
    assert (
        output_of(
            "import aiortc, aiortc.sdp, purertc_compat.sdp\n"
            "from aiortc.contrib.signaling import BYE\n"
            "from aiortc.rtcdatachannel import RTCDataChannel\n"
            "assert aiortc is purertc_compat and aiortc.sdp is purertc_compat.sdp\n"
            "assert RTCDataChannel is aiortc.RTCDataChannel\n"
            "print(aiortc.__version__ == purertc_compat.__version__)"
        )
        == "True"
    )


def test_installing_twice_is_harmless() -> None:
    assert output_of("purertc_compat.install(); import aiortc; print(aiortc.__name__)") == (
        "purertc_compat"
    )


def test_installing_after_aiortc_is_refused() -> None:
    result = run("import aiortc\n" + PREAMBLE)
    assert "aiortc is imported already" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("from aiortc import MediaStreamTrack", "aiortc.MediaStreamTrack is not available"),
        ("from aiortc import RTCPeerConnection, VideoStreamTrack", "aiortc.VideoStreamTrack is"),
        ("import aiortc.mediastreams", "aiortc.mediastreams is not available"),
        ("from aiortc import mediastreams", "aiortc.mediastreams is not available"),
        ("from aiortc.contrib.media import MediaPlayer", "aiortc.contrib.media is not available"),
        ("from aiortc.contrib import media", "aiortc.contrib.media is not available"),
        ("from aiortc.codecs.h264 import H264Encoder", "aiortc.codecs is not available"),
        ("from aiortc.sdp import SessionDescription", "aiortc.sdp.SessionDescription is not"),
        ("from purertc_compat import MediaStreamTrack", "aiortc.MediaStreamTrack is not"),
    ],
)
def test_importing_what_is_missing_says_so(source: str, message: str) -> None:
    error = error_of(source)
    assert error.startswith("ImportError: ")
    assert message in error
    assert "in purertc_compat yet" in error


def test_a_missing_name_as_an_attribute_says_so() -> None:
    error = error_of("import aiortc; aiortc.MediaStreamTrack")
    assert error.startswith("AttributeError: aiortc.MediaStreamTrack is not available")


def test_hasattr_still_works() -> None:
    assert output_of("import aiortc; print(hasattr(aiortc, 'MediaStreamTrack'))") == "False"


def test_a_name_that_aiortc_never_had_gets_pythons_own_error() -> None:
    assert "cannot import name 'Nonsense'" in error_of("from aiortc import Nonsense")
    assert "No module named 'aiortc.nonsense'" in error_of("import aiortc.nonsense")


def test_without_install_the_real_aiortc_stays_untouched() -> None:
    result = run("import purertc_compat; from aiortc import MediaStreamTrack; print('real')")
    assert result.stdout == "real\n"
