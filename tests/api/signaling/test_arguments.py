"""The command line chooses the way of signalling, with aiortc's flags."""

import argparse

import pytest

from purertc.signaling import (
    CopyAndPasteSignaling,
    Signaling,
    TcpSocketSignaling,
    UnixSocketSignaling,
    add_signaling_arguments,
    create_signaling,
)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ([], CopyAndPasteSignaling),
        (["--signaling", "copy-and-paste"], CopyAndPasteSignaling),
        (
            ["-s", "tcp-socket", "--signaling-host", "::1", "--signaling-port", "7"],
            TcpSocketSignaling,
        ),
        (["-s", "unix-socket", "--signaling-path", "line"], UnixSocketSignaling),
    ],
)
def test_each_way_can_be_chosen(arguments: list[str], kind: type[Signaling]) -> None:
    parser = argparse.ArgumentParser()
    add_signaling_arguments(parser)
    assert type(create_signaling(parser.parse_args(arguments))) is kind


def test_an_unknown_way_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_signaling_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--signaling", "pigeon"])
    assert "tcp-socket" in capsys.readouterr().err
